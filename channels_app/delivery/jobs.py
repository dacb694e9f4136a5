"""The values of delivery: what is to be sent to whom, and what became of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from channels_app import queries
from channels_app.adapters.values import Media, OutboundMessage
from channels_app.models import Delivery, ParkedDelivery
from common import clock, ids
from common.models import OutboxEntry
from conversations import queries as conversations
from conversations.services import media

# Characters that every sender of group messages takes.
MOST_NAMED = 1600


@dataclass(frozen=True, slots=True)
class Recipient:
    """One outside participant; ``sender`` None: no active connection owns the address we would send from."""

    participant_id: UUID
    message: OutboundMessage
    sender: queries.Sender | None
    # The parts a provider has taken at an earlier try, and the ids it gave them.
    taken: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """One outbox entry: a message and everybody it goes to. ``send_at``: not before this moment."""

    entry: OutboxEntry
    account_id: UUID
    conversation_id: UUID
    message_id: UUID
    recipients: tuple[Recipient, ...]
    send_at: datetime | None = None

    @property
    def connection_ids(self) -> tuple[UUID, ...]:
        found = (recipient.sender.connection_id for recipient in self.recipients if recipient.sender)
        return tuple(dict.fromkeys(found))

    def names(self) -> dict[str, str]:
        """Return whose it is, for a log line."""
        return {
            "account": ids.sid("AC", self.account_id),
            "conversation": ids.sid("CH", self.conversation_id),
            "message": ids.sid("IM", self.message_id),
        }

    @property
    def is_local(self) -> bool:
        return all(recipient.sender is None or recipient.sender.adapter.is_local for recipient in self.recipients)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, for the traffic log; secrets taken out."""

    connection_id: UUID
    method: str
    url: str
    request: str
    status: int | None
    response: str
    error: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the message that the provider took."""

    number: int
    of: int
    external_id: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """The channel took the message; ``is_delivered`` where taking it is delivering it."""

    external_id: str
    is_delivered: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """The message cannot be sent as it is: no further try."""

    code: int
    message: str


@dataclass(frozen=True, slots=True)
class Later:
    """It may be taken later; ``pause_seconds`` where the provider said when, ``is_throttle`` for all of a sender."""

    code: int
    message: str
    pause_seconds: float | None = None
    is_throttle: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one recipient's message."""

    recipient: Recipient
    outcome: Taken | Failed | Later
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job."""

    job: Job
    sent: tuple[Sent, ...]
    exchanges: tuple[Exchange, ...] = ()


def unrecorded(outcome: Outcome) -> Outcome:
    """Return an outcome that says no more than that the try has failed."""
    failure = Later(30008, "the outcome of the last try could not be stored")
    return Outcome(outcome.job, tuple(Sent(sent.recipient, failure) for sent in outcome.sent))


def plan(entries: Sequence[OutboxEntry], *, is_first_try: bool = False) -> list[Job]:
    """
    Read, for a batch of entries in a few statements, who gets them and through which connection.

    ``is_first_try``: nobody can have begun on them before.
    """
    outsiders = conversations.external_participants({entry.key for entry in entries})
    pairs = {
        (person.account_id, person.proxy_address)
        for people in outsiders.values()
        for person in people
        if person.proxy_address
    }
    senders = queries.known_senders(pairs)
    taken = {} if is_first_try else _taken(entries, senders)
    given_up = _given_up(entries)
    jobs = []
    for entry in entries:
        payload = entry.payload
        message_id = UUID(payload["message_id"])
        recipients = []
        for person in outsiders.get(entry.key, ()):
            if person.id.hex == payload["participant_id"] or payload.get("only", person.id.hex) != person.id.hex:
                continue
            if (message_id, person.id) in given_up or person.address in payload.get("had_by", ()):
                continue
            recipients.append(
                Recipient(
                    participant_id=person.id,
                    message=_message(payload, person),
                    sender=senders.get((person.account_id, person.proxy_address or "")),
                    taken=taken.get((message_id, person.id), {}),
                )
            )
        jobs.append(Job(entry, UUID(payload["account_id"]), entry.key, message_id, tuple(recipients)))
    return jobs


def at(job: Job, moment: datetime) -> Job:
    return replace(job, send_at=moment)


def _message(payload: Mapping[str, Any], person: Any) -> OutboundMessage:
    sid = ids.sid("IM", UUID(payload["message_id"]))
    return OutboundMessage(
        # The message's SID; in a conversation with several outside participants each has its own.
        idempotency_key=sid if person.kind == "customer" else f"{sid}-{person.sid}",
        sender=person.proxy_address or "",
        recipient=person.address or "",
        body=_body(payload, person),
        media=tuple(
            Media(
                url=media.url_of(item, until=media.outside_until(clock.now())),
                content_type=str(item.get("content_type") or ""),
                filename=str(item.get("filename") or ""),
                size=item.get("size"),
            )
            for item in payload["media"]
        ),
        content_sid=str(payload["content_sid"]),
        content_variables=_variables(payload["content_variables"]),
        is_human=payload["is_human"],
        author_name=payload["author"] if payload["is_human"] else "",
    )


def _body(payload: Mapping[str, Any], person: Any) -> str:
    """Return what is said; of another member's words in a group, whose they are: they come from our number."""
    body = str(payload["body"])
    if not payload.get("is_relayed") or not person.is_group_member or not body:
        return body
    named = f"{payload['author']}: {body}"
    return named if len(named) <= MOST_NAMED else body


def _variables(given: object) -> dict[str, str]:
    return {str(name): str(value) for name, value in given.items()} if isinstance(given, dict) else {}


def _given_up(entries: Sequence[OutboxEntry]) -> set[tuple[UUID, UUID]]:
    """Of messages tried before: the participants whose provider refused it, while others still wait."""
    messages = {UUID(entry.payload["message_id"]) for entry in entries if entry.attempts}
    if not messages:
        return set()
    return set(ParkedDelivery.objects.filter(message_id__in=messages).values_list("message_id", "participant_id"))


def _taken(entries: Sequence[OutboxEntry], senders: Mapping[Any, queries.Sender]) -> dict[tuple[UUID, UUID], Any]:
    """The simulated network has no parts, so its messages cost no look."""
    if all(sender.adapter.is_local for sender in senders.values()):
        return {}
    found: dict[tuple[UUID, UUID], dict[int, str]] = defaultdict(dict)
    rows = Delivery.objects.filter(message_id__in={UUID(entry.payload["message_id"]) for entry in entries})
    for row in rows:
        found[row.message_id, row.participant_id][row.part] = row.external_id
    return found
