"""Who saved a revision: stored as the SID of a user, an account or an API key, shown as a name."""

from __future__ import annotations

from collections.abc import Iterable

from accounts import queries as account_queries
from common import ids


def author_names(sids: Iterable[str]) -> dict[str, str]:
    """Return what to show for each SID: a user's name, "API" for credentials, the SID of a user who is gone."""
    wanted = set(sids)
    users = {sid: key for sid in wanted if (key := ids.parse_or_none("US", sid)) is not None}
    names = account_queries.names_of_users(users.values()) if users else {}
    return {sid: names.get(users[sid], sid) if sid in users else "API" if sid else "" for sid in wanted}


def author_name(sid: str) -> str:
    """``author_names`` for one."""
    return author_names((sid,))[sid]


def user_sid_or_none(sid: str) -> str | None:
    """Return the SID where it is a user's: the REST API names no other authors."""
    return sid if ids.parse_or_none("US", sid) is not None else None
