"""The demo users' one password: from ``FLOWDESK_ADMIN_PASSWORD``, or made once and kept in the data directory."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.conf import settings

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # without what is read for something else


def _path() -> Path:
    return Path(settings.DATA_DIR) / "demo_password"


def kept() -> str:
    """Return the password that the demo users were last given; empty where this machine does not know."""
    try:
        return _path().read_text().strip()
    except FileNotFoundError:
        return ""


def wanted() -> str:
    """Return the password the demo users should have."""
    return settings.ENV.admin_password or kept() or "-".join(_word() for _ in range(4))


def is_named() -> bool:
    """Tell whether the environment says what the password is."""
    return bool(settings.ENV.admin_password)


def keep(password: str) -> None:
    """Remember the password, readable by the data directory's owner only."""
    temporary = _path().with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(password + "\n")
    temporary.replace(_path())


def _word() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(4))
