"""Refusals of interactions."""

from common.errors import ApiError, Conflict


class InteractionError(ApiError):
    """The interaction cannot be made as asked: an unknown workflow or task channel, or attributes out of bounds."""


class ChannelClosed(InteractionError):
    """The conversation is closed, or was deleted; nobody can be invited to it any more."""

    code = 45354


class ParticipantNotAdded(InteractionError):
    """The conversation takes nobody any more: it is closed, or was deleted."""

    code = 45361


class WrapUpMissing(Conflict):
    """The task's queue asks for a wrap-up that is not there yet; ``details``: ``{missing: [label]}``."""


class OthersPresent(Conflict):
    """Other agents take part in the conversation, or are on their way; ``details``: ``{agents: [name]}``."""
