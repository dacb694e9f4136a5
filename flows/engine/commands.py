"""What an execution asks for: the values that ``advance`` returns."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flows.engine.wire import Message, Registry, read_message

COMMANDS: Registry = {}


@dataclass(frozen=True, slots=True)
class Command(Message):
    """Base of all commands. ``ref`` is unique in the session; the answering event carries it back."""


@dataclass(frozen=True, slots=True)
class SendMessage(Command):
    """
    Write to the contact.

    ``sid`` is derived from the execution, the ref and the moment, so that the same advance names the same
    message. ``author`` is the rendered ``from``. ``attributes`` is JSON text or "". ``to`` is empty where the
    message answers the conversation. ``conversation_sid`` is the rendered ``channel`` when it names one.
    """

    ref: int
    sid: str
    body: str = ""
    media_url: str | None = None
    author: str = ""
    to: str = ""
    from_: str = ""
    attributes: str = ""
    content_sid: str | None = None
    content_variables: dict[str, str] = field(default_factory=dict)
    conversation_sid: str | None = None
    shorten_urls: bool = False


@dataclass(frozen=True, slots=True)
class CallHttp(Command):
    """
    Call an endpoint; answered by HttpAnswered or HttpFailed.

    ``account_auth`` asks for the account's own credentials (``add_twilio_auth``); to be honoured for this
    product's own address and the vendor's API hosts only, otherwise answered by HttpFailed.
    """

    ref: int
    method: str
    url: str
    headers: dict[str, str]
    body: str
    timeout_seconds: int
    max_response_bytes: int = 65536
    account_auth: bool = False


@dataclass(frozen=True, slots=True)
class HandOff(Command):
    """Give the contact to agents; answered by HandOffCompleted or HandOffFailed."""

    ref: int
    workflow: str
    task_channel: str
    attributes: dict[str, Any]
    priority: int
    timeout_seconds: int


@dataclass(frozen=True, slots=True)
class StartSubflow(Command):
    """Load another flow; ``revision`` is LatestPublished, LatestDraft or a number as text."""

    ref: int
    flow_sid: str
    revision: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SetTimer(Command):
    ref: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class CancelTimer(Command):
    ref: int


@dataclass(frozen=True, slots=True)
class StartConversation(Command):
    """
    Create a conversation with its participants; answered by ConversationStarted or ConversationFailed.

    ``participants``: ``{"type": "chat", "identity"}`` or ``{"type": "sms", "messaging_binding_address",
    "messaging_binding_proxy_address"}``. Timers are ISO 8601 durations or "".
    """

    ref: int
    participants: list[dict[str, str]]
    conversation_service_sid: str = ""
    friendly_name: str = ""
    attributes: str = ""
    messaging_service_sid: str = ""
    timers_inactive: str = ""
    timers_closed: str = ""
    close_on_end: bool = False


@dataclass(frozen=True, slots=True)
class ResumeConversation(Command):
    """Make an existing conversation the execution's channel; answered like StartConversation."""

    ref: int
    conversation_sid: str
    conversation_service_sid: str = ""
    webhook_filters: list[str] = field(default_factory=list)
    attributes: str = ""


@dataclass(frozen=True, slots=True)
class Redirect(Command):
    """Answer the provider with a redirect to outside TwiML; RedirectReturned brings control back."""

    ref: int
    url: str
    method: str


@dataclass(frozen=True, slots=True)
class Finish(Command):
    """
    The execution is over.

    ``reason``: ``completed``, ``stopped``, ``step_limit``, ``widget_limit``, ``expired``,
    ``unsupported_widget`` or ``error``; ``code`` and ``message`` explain all but the first two.
    """

    reason: str
    code: int | None = None
    message: str = ""


for _command in (
    SendMessage,
    CallHttp,
    HandOff,
    StartSubflow,
    SetTimer,
    CancelTimer,
    StartConversation,
    ResumeConversation,
    Redirect,
    Finish,
):
    _command.register(COMMANDS)


def from_json(data: object) -> Command:
    """
    Return the command that ``to_json`` wrote.

    :raises MalformedMessage: unknown type or missing field.
    """
    command = read_message(data, COMMANDS, "command")
    assert isinstance(command, Command)
    return command
