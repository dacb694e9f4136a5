"""What can happen to an execution: the values that ``advance`` takes."""

from dataclasses import dataclass, field
from typing import Any

from flows.engine.wire import Message, Registry, read_message

EVENTS: Registry = {}


@dataclass(frozen=True, slots=True)
class Event(Message):
    """Base of all events. Those with a ``ref`` answer the command that carried the same number."""


@dataclass(frozen=True, slots=True)
class TriggerFired(Event):
    """
    An execution begins.

    ``kind``: ``incomingMessage``, ``incomingConversationMessage``, ``incomingRequest``, ``incomingParent`` or
    ``incomingCall``. ``payload``: the webhook's fields verbatim; for a request ``{"from", "to", "parameters"}``.
    """

    kind: str
    payload: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReplyReceived(Event):
    """The contact wrote: the message webhook's fields (Body, From, To, MessageSid, NumMedia, MediaUrl0 …)."""

    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TimerFired(Event):
    ref: int


@dataclass(frozen=True, slots=True)
class HttpAnswered(Event):
    """An HTTP call got an answer, of whatever status; ``body`` is the text, ``headers`` have lower-case names."""

    ref: int
    status_code: int
    content_type: str = ""
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HttpFailed(Event):
    """An HTTP call got no answer: unreachable, too slow, too large, refused by the guard."""

    ref: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class HandOffCompleted(Event):
    """The agents' work is done; ``outputs`` become the widget's (the interaction or the task as the API shows it)."""

    ref: int
    outputs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HandOffFailed(Event):
    ref: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SubflowLoaded(Event):
    """The subflow asked for is in ``advance(subflows=…)``; ``revision`` is the number it was resolved to."""

    ref: int
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class SubflowMissing(Event):
    ref: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryFailed(Event):
    """A message sent earlier did not arrive; ``message_ref`` is its SendMessage's ref."""

    message_ref: int
    error_code: int | None = None
    error_message: str = ""


@dataclass(frozen=True, slots=True)
class ConversationStarted(Event):
    """A conversation was created or resumed; ``outputs`` hold ``conversation`` as the API shows it, and more."""

    ref: int
    outputs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConversationFailed(Event):
    ref: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RedirectReturned(Event):
    """Control came back from outside TwiML; ``parameters`` are the other fields of that request."""

    ref: int
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stopped(Event):
    """Somebody ended the execution."""

    reason: str = "stopped"


for _event in (
    TriggerFired,
    ReplyReceived,
    TimerFired,
    HttpAnswered,
    HttpFailed,
    HandOffCompleted,
    HandOffFailed,
    SubflowLoaded,
    SubflowMissing,
    DeliveryFailed,
    ConversationStarted,
    ConversationFailed,
    RedirectReturned,
    Stopped,
):
    _event.register(EVENTS)


def from_json(data: object) -> Event:
    """
    Return the event that ``to_json`` wrote.

    :raises MalformedMessage: unknown type or missing field.
    """
    event = read_message(data, EVENTS, "event")
    assert isinstance(event, Event)
    return event
