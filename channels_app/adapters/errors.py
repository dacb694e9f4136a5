"""The named errors of channel adapters; nothing else leaves an adapter, whatever bytes come in."""


class AdapterError(Exception):
    """Base of everything an adapter raises."""


class Misconfigured(AdapterError):
    """The connection lacks a credential that the adapter needs, or holds one that cannot be used."""

    def __init__(self, field: str, why: str = "is missing") -> None:
        super().__init__(f"the credential {field!r} {why}")
        self.field = field


class SignatureMismatch(AdapterError):
    """The webhook is unsigned, signed with another key, or its verify token is not ours. HTTP 403."""

    def __init__(self, adapter: str) -> None:
        super().__init__(f"{adapter}: the webhook's signature does not match")


class MalformedWebhook(AdapterError):
    """The webhook is signed, but not in the provider's documented form. HTTP 400."""


class Throttled(AdapterError):
    """The provider asks to slow down; ``retry_after`` seconds, where it says how long."""

    def __init__(self, retry_after: float | None = None) -> None:
        super().__init__("the provider asks to slow down")
        self.retry_after = retry_after


class TemporaryFailure(AdapterError):
    """The provider could not take the message now; sending it again may succeed."""


class Rejected(AdapterError):
    """
    The provider refuses the message.

    ``code`` is in Twilio's vocabulary (receipts and flows speak it), ``provider_code`` as the
    provider wrote it. ``permanent`` False: the same message may be taken later.
    """

    def __init__(self, code: int, message: str, *, permanent: bool = True, provider_code: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.permanent = permanent
        self.provider_code = provider_code or str(code)
