"""What every channel adapter offers. Bytes in, values out: no clock, no network, no database."""

from abc import ABC, abstractmethod
from datetime import datetime, timedelta
from typing import ClassVar

from channels_app.adapters.errors import Rejected
from channels_app.adapters.values import (
    AccessToken,
    Config,
    CredentialField,
    HandshakeReply,
    OutboundMessage,
    Parsed,
    ProviderRequest,
    ProviderResponse,
    WebhookRequest,
)


class Adapter(ABC):
    """
    One provider's protocol.

    ``window`` is how long after the customer's last message free-form text may be sent; None: always.
    ``strips`` names what of an agent's formatting the channel does not carry.
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

    @abstractmethod
    def read(self, response: ProviderResponse) -> str:
        """
        Return the provider's message id, or say why there is none.

        :raises Throttled: slow down.
        :raises TemporaryFailure: try again later.
        :raises Rejected: refused, with a code.
        """
