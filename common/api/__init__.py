"""What every API view stands on: error bodies, SIDs in paths, paging, and the two kinds of view."""

from common.api.app import AppView
from common.api.compat import CompatView

__all__ = ("AppView", "CompatView")
