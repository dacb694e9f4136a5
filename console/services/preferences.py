"""What each user has chosen for their console: keys, sounds, order of the list; and the builder's keys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from common.errors import BadParameter
from console.models import Preferences

PARTS = ("keymap", "alerts", "list", "panel", "builder_keymap")
MAX_BYTES = 16 * 1024


@transaction.atomic
def save_preferences(*, account_id: UUID, user_id: UUID, values: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """
    Replace the named parts of a user's preferences, and return all of them.

    What a part holds is the browser's: it reads with care what an older or newer one wrote.

    :raises BadParameter: an unknown part, one that is no object, or too much.
    """
    for name, value in values.items():
        if name not in PARTS:
            raise BadParameter(f"Preferences have the parts {', '.join(PARTS)}")
        if not isinstance(value, Mapping):
            raise BadParameter(f"{name} must be an object")
    Preferences.objects.get_or_create(user_id=user_id, defaults={"account_id": account_id, "updated_at": now})
    row = Preferences.objects.select_for_update().get(user_id=user_id)
    row.values, row.updated_at = {**row.values, **values}, now
    if len(orjson.dumps(row.values)) > MAX_BYTES:
        raise BadParameter(f"Preferences have at most {MAX_BYTES // 1024} KB")
    row.save()
    return dict(row.values)
