"""Which Chromium draws: ``$FLOWDESK_CHROMIUM``, or Debian's, rather the one without a window."""

from __future__ import annotations

import os

_DEBIANS = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
CHROMIUM = os.environ.get("FLOWDESK_CHROMIUM") or next(filter(os.path.exists, _DEBIANS), _DEBIANS[-1])
