"""What every channel adapter offers. Bytes in, values out: no clock, no network, no database."""

from abc import ABC, abstractmethod
from datetime import datetime, timedelta
from typing import ClassVar

from channels_app.adapters.errors import AdapterError, Rejected
from channels_app.adapters.values import (
    AccessToken,
    Config,
    CredentialField,
    HandshakeReply,
    Media,
    OutboundMessage,
    Parsed,
    ProviderRequest,
    ProviderResponse,
    Signal,
    SignalKind,
    WebhookRequest,
)


class Adapter(ABC):
    """
    One provider's protocol.

    ``window`` is how long after the customer's last message free-form text may be sent; None: always.
    ``strips`` names what of an agent's formatting the channel does not carry.
    ``signals``: what of agents the channel shows its customers (``signal``).
    ``is_local``: a message is delivered by writing it to our own table; ``build`` only judges it.
    """

    provider: ClassVar[str]
    channel_types: ClassVar[tuple[str, ...]]
    credential_fields: ClassVar[tuple[CredentialField, ...]] = ()

    max_body: ClassVar[int]  # characters
    max_media: ClassVar[int] = 10
    max_media_bytes: ClassVar[int] = 5 * 1024 * 1024
    rate_per_second: ClassVar[float]  # messages, one sender
    window: ClassVar[timedelta | None] = None
    strips: ClassVar[tuple[str, ...]] = ("bold", "italic", "lists", "links with a text")
    is_local: ClassVar[bool] = False
    signals: ClassVar[frozenset[SignalKind]] = frozenset()

    reply_body: ClassVar[bytes] = b""  # of a webhook we took
    reply_content_type: ClassVar[str] = "text/plain; charset=utf-8"

    def handshake(self, request: WebhookRequest, config: Config) -> HandshakeReply | None:
        """
        Answer the provider's question whether this address is ours; None where the request asks no such thing.

        :raises SignatureMismatch: it asks with another token than ours.
        """
        return None

    @abstractmethod
    def verify(self, request: WebhookRequest, config: Config) -> None:
        """
        Check the signature, in constant time.

        :raises SignatureMismatch: unsigned, or signed by somebody else.
        :raises Misconfigured: the connection holds no key to check with.
        """

    @abstractmethod
    def parse(self, request: WebhookRequest, config: Config) -> Parsed:
        """
        Read a verified webhook; unknown fields and kinds of events are passed over.

        :raises MalformedWebhook: not the provider's form.
        """

    def most_bytes(self, media: Media) -> int:
        """Return how large a file of this kind may be."""
        return self.max_media_bytes

    def check_size(self, message: OutboundMessage) -> None:
        """
        Refuse what the channel cannot carry, with the code the provider would give.

        :raises Rejected: 21617 too long, 21623 too many media, 11751 a file is too large, 21619 nothing to send.
        """
        if len(message.body) > self.max_body:
            raise Rejected(21617, f"The message body exceeds the {self.max_body} character limit")
        if len(message.media) > self.max_media:
            raise Rejected(21623, f"Number of media files exceeds the allowed limit of {self.max_media}")
        for item in message.media:
            if item.size is not None and item.size > self.most_bytes(item):
                megabytes = self.most_bytes(item) / (1024 * 1024)
                raise Rejected(11751, f"The file {item.filename or item.content_type} exceeds {megabytes:g} MB")
        if not message.body and not message.media:
            raise Rejected(21619, "A text message body or media urls must be specified")

    def media_request(self, url: str, config: Config) -> ProviderRequest:
        """Return the request for a file that a customer sent; credentials go to the provider's own hosts only."""
        return ProviderRequest(method="GET", url=url, headers={})

    def media_location(self, response: ProviderResponse, config: Config) -> ProviderRequest | None:
        """
        Return the request for the file's bytes, where the first answer only says where they are; else None.

        :raises TemporaryFailure: the answer does not say it.
        """
        return None

    def probe(self, config: Config, token: str = "") -> tuple[ProviderRequest, ...]:
        """Return the requests that tell whether the credentials are good and the address is ours; they send nothing."""
        return ()

    def read_probe(self, answers: tuple[ProviderResponse, ...], config: Config) -> str:
        """
        Say what the provider takes us for, by its answers to ``probe``.

        :raises AdapterError: it does not work; the text says why.
        """
        return "The provider accepts the credentials"

    def token_request(self, config: Config, now: datetime) -> ProviderRequest | None:
        """Return the request for the token that ``build`` will need, or None where credentials suffice."""
        return None

    def read_token(self, response: ProviderResponse) -> AccessToken:
        """
        Read the answer to ``token_request``.

        :raises TemporaryFailure: ask again later.
        :raises Rejected: the key is not accepted.
        """
        raise Rejected(63001, "this provider gives no tokens")

    @abstractmethod
    def build(self, message: OutboundMessage, config: Config, token: str = "") -> tuple[ProviderRequest, ...]:
        """
        Return the requests that send the message, in order; each repeats safely under its idempotency key.

        :raises Rejected: the channel cannot carry it (too long, too many media, nothing to send).
        :raises Misconfigured: a credential is missing.
        """

    def signal(self, signal: Signal, config: Config, token: str = "") -> ProviderRequest:
        """
        Return the request that shows a customer one of ``signals``.

        :raises Misconfigured: a credential is missing.
        :raises AdapterError: the channel shows none, which ``signals`` tells before.
        """
        raise AdapterError(f"{self.provider} shows no {signal.kind} marks")

    @abstractmethod
    def read(self, response: ProviderResponse) -> str:
        """
        Return the provider's message id, or say why there is none.

        :raises Throttled: slow down.
        :raises TemporaryFailure: try again later.
        :raises Rejected: refused, with a code.
        """
