"""Writes of supervision; import them from here."""

from supervision.services.chats import barge_in, cancel_or_complete, leave, put_back, take_over
from supervision.services.help import accept_help, ask_for_help, close_help, close_help_of_tasks
from supervision.services.people import AgentChange, change_agent
from supervision.services.watching import stop_watching, watch

__all__ = (
    "AgentChange",
    "accept_help",
    "ask_for_help",
    "barge_in",
    "cancel_or_complete",
    "change_agent",
    "close_help",
    "close_help_of_tasks",
    "leave",
    "put_back",
    "stop_watching",
    "take_over",
    "watch",
)
