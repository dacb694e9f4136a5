"""Refusals of conversations, with the codes of reference/conversations.md, 10."""

from common.errors import ApiError, BadParameter, Conflict, Forbidden


class ConversationClosed(BadParameter):
    """A closed conversation takes no messages and no participants."""

    code = 50377

    def __init__(self) -> None:
        super().__init__("The conversation is closed")


class UniqueNameTaken(Conflict):
    code = 50353


class IdentityTwice(Conflict):
    code = 50433


class PairInUse(Conflict):
    """The (address, proxy address) pair belongs to another open conversation; the message names it."""

    code = 50416


class AddressEqualsProxy(BadParameter):
    code = 50409


class BodyTooLong(ApiError):
    """More text than the channel takes."""


class InitiallyClosed(BadParameter):
    """A conversation cannot begin closed."""

    code = 50384


class TooManyWebhooks(BadParameter):
    """The sixth scoped webhook, or the second of Studio."""

    code = 50361


class WebhookUrlTooLong(BadParameter):
    code = 50372


class InvalidWebhookUrl(BadParameter):
    code = 50388


class TooManyParticipants(BadParameter):
    code = 50417


class TooManyChannelParticipants(BadParameter):
    """Of those who are reached over a channel."""

    code = 50418


class TooManyAtOnce(BadParameter):
    """More than ten in one ConversationWithParticipants."""

    code = 50426


class RefusedByWebhook(Forbidden):
    """The account's pre-webhook answered with an error, so nothing was done."""
