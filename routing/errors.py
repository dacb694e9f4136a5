"""What routing refuses, by name. All of them are answers of the compatible API."""

from __future__ import annotations

from common.errors import ApiError, BadParameter


class ReservationNotPending(ApiError):
    """The reservation was already answered, rescinded, canceled or timed out (the console answers 409)."""

    def __init__(self, status: str, wanted: str) -> None:
        super().__init__(f"Reservation is {status} and cannot become {wanted}")
        self.reservation_status = status


class TransitionRefused(ApiError):
    """A task or reservation cannot go from where it is to where it was asked to."""


class PendingReservations(ApiError):
    """A worker with pending reservations cannot leave the available activities."""

    def __init__(self, name: str, count: int) -> None:
        super().__init__(f"Worker {name} cannot have its activity updated while it has {count} pending reservations")


class PreconditionFailed(ApiError):
    """``If-Match`` names another version than the stored one."""

    code = 20412
    status = 412

    def __init__(self) -> None:
        super().__init__("The resource was changed by somebody else: If-Match does not match its ETag")


class InUse(BadParameter):
    """Something else still refers to what was to be deleted."""
