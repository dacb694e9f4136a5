"""Errors that a caller is told about, in the wire form of the compatible APIs: code, message, HTTP status."""

from typing import Any


class ApiError(Exception):
    """A refusal with a code of the compatible APIs; views write it as ``{code, message, more_info, status}``."""

    code = 20001
    status = 400

    def __init__(
        self, message: str, *, code: int | None = None, status: int | None = None, details: Any = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = self.code if code is None else code
        self.status = self.status if status is None else status
        self.details = details

    def to_json(self) -> dict[str, Any]:
        """Return the body of the error answer."""
        body = {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        return body if self.details is None else {**body, "details": self.details}


class BadParameter(ApiError):
    """A parameter is missing or malformed."""


class NotFound(ApiError):
    """No such row in this account, or a SID that is none; another account's rows look the same."""

    code = 20404
    status = 404

    def __init__(self, what: str = "resource", **more: Any) -> None:
        super().__init__(f"The requested {what} was not found", **more)


class FileTooLarge(ApiError):
    """A file has more bytes than are taken; ``details`` tell it to programs, which have words of their own."""

    status = 413

    def __init__(self, most: int) -> None:
        megabytes, rest = divmod(most, 1024 * 1024)
        size = f"{megabytes} MB" if megabytes and not rest else f"{most // 1024:,} kB"
        super().__init__(f"A file has at most {size}", details={"reason": "size", "most": most})


class Conflict(ApiError):
    """The row is in a state, or somebody else holds a thing, that forbids the request."""

    code = 20409
    status = 409


class Forbidden(ApiError):
    """The caller is known and may not do this."""

    code = 20403
    status = 403


class Unauthorized(ApiError):
    """The caller is not known."""

    code = 20003
    status = 401


class TooManyRequests(ApiError):
    """A rate limit."""

    code = 20429
    status = 429
