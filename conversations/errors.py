"""Refusals of conversations, with the codes of reference/conversations.md, 10."""

from common.errors import ApiError, BadParameter, Conflict, FileTooLarge, Forbidden, NotFound


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


class TimersWithoutState(BadParameter):
    """A conversation is to begin with timers and a ``State`` that says nothing; without any ``State`` it may."""

    code = 50382


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


class TooManyGroupParticipants(BadParameter):
    """The same limit, of who would join as a group's member: by an address alone."""

    code = 50422


class TooManyAtOnce(BadParameter):
    """More than ten in one ConversationWithParticipants."""

    code = 50426


class JoiningFailed(ApiError):
    """One of several who were to join at once cannot; says who, and why in ``details``."""

    code = 50427


class ParticipantSidMissing(BadParameter):
    code = 50431

    def __init__(self) -> None:
        super().__init__("Participant SID not provided")


class ParticipantNotFound(NotFound):
    code = 50432


class NoProjectedAddress(BadParameter):
    """In a group conversation everybody is somebody's number."""

    code = 50434


class TooManyInGroup(BadParameter):
    code = 50436


class GroupParticipantExists(Conflict):
    code = 50437


class GroupExists(Conflict):
    """Another open group conversation has the same addresses; the message names it."""

    code = 50438


class NotProjected(BadParameter):
    """Who is reached at an address of their own is not projected as another."""

    code = 50443


class NoProxyAddress(BadParameter):
    """Only who has an address of their own gets a proxy address."""

    code = 50441


class NoIdentity(BadParameter):
    """A participant who has an identity keeps it, and who is reached over a channel gets none."""

    code = 50444


class TooManyConversations(BadParameter):
    """The identity cannot be added: it takes part in as many open conversations as there may be."""

    code = 50444


class RefusedByWebhook(Forbidden):
    """The account's pre-webhook answered with an error, so nothing was done."""


class MediaTooLarge(FileTooLarge):
    """A file has more bytes than this installation, or the caller, takes."""


class MediaRefused(BadParameter):
    """A file that cannot be kept."""
