"""Refusals of channels."""

from common.errors import BadParameter, Conflict


class AddressTaken(Conflict):
    """The account has a connection for this address already."""


class UnknownProvider(BadParameter):
    """This provider does not carry this channel type."""


class MissingCredential(BadParameter):
    """The adapter cannot work without it."""
