"""The values that go into and come out of a channel adapter."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal
from urllib.parse import parse_qsl

from channels_app.adapters.errors import MalformedWebhook, Misconfigured

ReceiptStatus = Literal["sent", "delivered", "read", "failed", "undelivered"]
MAX_FIELDS = 500  # more fields than any documented webhook has; bounds the work of a hostile form


@dataclass(frozen=True)
class Config:
    """
    What an adapter knows of its connection.

    ``address`` is ours, in the Conversations spelling (``+1…``, ``whatsapp:+1…``, ``messenger:<page>``).
    ``api_base_url`` is empty for the provider's own. ``webhook_url`` is the public one, also for statuses.
    """

    account_sid: str
    address: str
    credentials: Mapping[str, str] = field(repr=False)
    webhook_url: str = ""
    api_base_url: str = ""

    def require(self, name: str) -> str:
        """
        Return one credential.

        :raises Misconfigured: it is missing or empty.
        """
        value = self.credentials.get(name, "")
        if not value:
            raise Misconfigured(name)
        return value

    def get(self, name: str, default: str = "") -> str:
        return self.credentials.get(name, "") or default


@dataclass(frozen=True)
class WebhookRequest:
    """
    A request as it arrived: ``url`` whole, with its query; ``headers`` by lower-case name;
    ``query`` the raw text after the question mark.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    query: str = ""
    body: bytes = b""

    @cached_property
    def query_pairs(self) -> tuple[tuple[str, str], ...]:
        """:raises MalformedWebhook: more than MAX_FIELDS fields."""
        return _pairs(self.query)

    @cached_property
    def form_pairs(self) -> tuple[tuple[str, str], ...]:
        """:raises MalformedWebhook: more than MAX_FIELDS fields."""
        return _pairs(self.body.decode("utf-8", "replace"))

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    try:
        return tuple(parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MAX_FIELDS))
    except ValueError as error:
        raise MalformedWebhook("the form has too many fields") from error


@dataclass(frozen=True, slots=True)
class HandshakeReply:
    """The answer that proves to a provider that the webhook address is ours."""

    body: bytes
    content_type: str = "text/plain; charset=utf-8"
    status: int = 200


@dataclass(frozen=True, slots=True)
class Media:
    """
    One attachment. Inbound, ``url`` is where the provider keeps it (often behind the connection's
    credentials); outbound, a public address the provider can fetch.
    """

    url: str
    content_type: str = ""
    filename: str = ""
    size: int | None = None


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """
    One message from a customer. ``fields`` are in the form of Twilio's message webhook, whatever the
    provider: they become ``trigger.message.*`` and ``widgets.NAME.inbound.*``. ``group``: who else was written to.
    """

    external_id: str
    sender: str
    recipient: str
    body: str = ""
    media: tuple[Media, ...] = ()
    profile_name: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    sent_at: datetime | None = None
    group: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatusUpdate:
    """
    What became of a message we sent: the one with ``external_id``, or, where that is empty, every message
    sent to ``customer`` not later than ``up_to`` (Messenger's watermarks).
    """

    status: ReceiptStatus
    external_id: str = ""
    error_code: int | None = None
    error_message: str = ""
    customer: str = ""
    up_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """Everything one webhook request brings, in its order."""

    messages: tuple[InboundMessage, ...] = ()
    statuses: tuple[StatusUpdate, ...] = ()


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """
    One message to a customer. ``idempotency_key`` is the message's SID and the same at every try.
    ``content_sid`` names a template; then ``body`` and ``media`` are ignored. ``is_human``: an agent wrote it.
    """

    idempotency_key: str
    sender: str
    recipient: str
    body: str = ""
    media: tuple[Media, ...] = ()
    content_sid: str = ""
    content_variables: Mapping[str, str] = field(default_factory=dict)
    is_human: bool = False
    author_name: str = ""


SignalKind = Literal["read", "typing"]


@dataclass(frozen=True, slots=True)
class Signal:
    """What the customer is to be shown of an agent; ``message_id``: the provider's, of the customer's last words."""

    kind: SignalKind
    sender: str
    recipient: str
    message_id: str


@dataclass(frozen=True, slots=True)
class ProviderRequest:
    """One HTTP request to a provider; ``headers`` hold secrets and are never logged."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class ProviderResponse:
    """What a provider answered; ``headers`` by lower-case name, ``body`` cut at the client's bound."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A bearer token that a provider gave for a key, good for ``expires_in_seconds``."""

    value: str = field(repr=False)
    expires_in_seconds: int = 3600


@dataclass(frozen=True, slots=True)
class CredentialField:
    """One field of a connection's credentials, as the settings screen asks for it."""

    name: str
    label: str
    required: bool = True
    secret: bool = True
