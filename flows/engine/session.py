"""
Sessions: all that an execution is between two events, as plain JSON.

``{"v": 1, "execution_sid", "flow_sid", "account_sid", "time_zone", "status": "active"|"ended", "ended": null |
{"reason", "code", "message"}, "began": null | trigger kind, "began_at": null | time, "current": widget or null,
"context": {"flow", "contact", "trigger", "widgets"}, "wait": null | {"kind", "ref", "due_at"}, "visit": null |
{"seq", "entered_at", "kept", "warnings", "changes"?}, "step_count", "in_a_row", "next_ref", "messaged",
"inbox": [payload], "frames": [{"flow_sid", "revision", "widget", "visit", "context", "in_a_row"}]}``

While a subflow runs, ``current`` and ``context`` are the subflow's, and ``frames[0]`` holds the parent's.
"""

from collections.abc import Iterable, Mapping
from typing import Any

FORMAT_VERSION = 1

Session = dict[str, Any]


def new_session(
    *,
    execution_sid: str,
    flow_sid: str,
    account_sid: str,
    channel_address: str,
    contact_address: str,
    context: Mapping[str, Any] | None = None,
    time_zone: str = "UTC",
) -> Session:
    """
    Return the session of an execution that has not begun.

    ``channel_address`` is our side, ``contact_address`` the customer's. ``context`` adds to, or replaces, values
    of the initial context, two levels deep. ``time_zone`` (IANA name) is the one dates are written in.
    """
    own: dict[str, Any] = {
        "flow": {
            "sid": execution_sid,
            "flow_sid": flow_sid,
            "channel": {"address": channel_address},
            "variables": {},
            "data": {},
        },
        "contact": {"channel": {"address": contact_address}},
        "trigger": {},
        "widgets": {},
    }
    for key, value in (context or {}).items():
        known = own.get(key)
        own[key] = {**known, **value} if isinstance(known, dict) and isinstance(value, Mapping) else value
    return {
        "v": FORMAT_VERSION,
        "execution_sid": execution_sid,
        "flow_sid": flow_sid,
        "account_sid": account_sid,
        "time_zone": time_zone,
        "status": "active",
        "ended": None,
        "began": None,
        "began_at": None,
        "current": None,
        "context": own,
        "wait": None,
        "visit": None,
        "step_count": 0,
        "in_a_row": 0,
        "next_ref": 1,
        "messaged": False,
        "inbox": [],
        "frames": [],
    }


def needed_subflow(session: Session) -> tuple[str, int | None] | None:
    """Return flow SID and resolved revision of the subflow the next ``advance`` has to be given, if any."""
    frames = session.get("frames") or []
    return (frames[-1]["flow_sid"], frames[-1].get("revision")) if frames else None


PREFIXES = (("flow", "variables"), ("flow", "data"), ("flow", "channel"), ("flow",), ("widgets",), ("trigger",))


def apply_changes(context: Mapping[str, Any], changes: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """
    Return ``context`` as it was after a step with these ``changes``; ``context`` itself stays as it is.

    A path is a holder (``widgets``, ``flow.variables``, ``flow.channel``, ``flow``, ``trigger``) and one key, which may
    itself hold dots.
    """
    result = dict(context)
    for path, value in changes:
        for prefix in PREFIXES:
            start = ".".join(prefix) + "."
            if path.startswith(start):
                holder = result
                for name in prefix:
                    inner = holder.get(name)
                    holder[name] = dict(inner) if isinstance(inner, dict) else {}
                    holder = holder[name]
                holder[path[len(start) :]] = value
                break
        else:
            result[path] = value
    return result
