"""What can be wrong with what is set up for the console."""

from common.errors import Conflict, NotFound


class ShortcodeTaken(Conflict):
    """Another canned reply of the same people has this shortcode."""


class UnknownReply(NotFound):
    """No such canned reply in this account, or another user's own."""


class UnknownApp(NotFound):
    """No such app in this account."""


class UnknownTemplate(NotFound):
    """No such template in this account."""


class TemplateNameTaken(Conflict):
    """Another template of this channel has the name."""
