"""The bounds that executions of this installation run in: Studio's, but for what ``FLOWDESK_LIMITS`` says."""

from __future__ import annotations

from django.conf import settings

from flows.engine.limits import Limits

LIMITS = Limits(**settings.FLOW_LIMITS)
