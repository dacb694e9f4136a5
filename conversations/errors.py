"""Refusals of conversations, with the codes of reference/conversations.md, 10."""

from common.errors import ApiError, BadParameter, Conflict


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
