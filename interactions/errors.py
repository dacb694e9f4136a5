"""Refusals of interactions."""

from common.errors import ApiError


class InteractionError(ApiError):
    """The interaction cannot be made as asked: an unknown workflow or task channel, or attributes out of bounds."""


class ChannelClosed(InteractionError):
    """The conversation is closed; nobody can be invited to it any more."""

    code = 45354
