"""What accounts announce."""

from dataclasses import dataclass

from common.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCreated(DomainEvent):
    """A new account exists; each part makes its defaults for it."""
