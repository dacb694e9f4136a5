"""Writes of interactions; import them from here."""

from interactions.services.channels import close_channel, leave_channel
from interactions.services.create import RoutingRequest, create_interaction, create_invite, start_interaction
from interactions.services.desk import ANSWERS, answer_reservation
from interactions.services.outbound import begin_contact
from interactions.services.outcomes import record_outcome
from interactions.services.progress import TaskNews, follow_tasks

__all__ = (
    "ANSWERS",
    "RoutingRequest",
    "TaskNews",
    "answer_reservation",
    "begin_contact",
    "close_channel",
    "create_interaction",
    "create_invite",
    "follow_tasks",
    "leave_channel",
    "record_outcome",
    "start_interaction",
)
