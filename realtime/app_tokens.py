"""
What an app in the side panel is told, signed with its own secret (docs/admin.md, "Apps in the side panel").

The browser fetches a token for the task that the agent looks at and hands it to the app's frame. The app's server
checks the signature, so nobody can make up an agent or a customer.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import jwt
from django.conf import settings

from console.origins import origin_of

if TYPE_CHECKING:
    from console.models import PanelApp

LIFE = timedelta(minutes=5)


def context_of(app: PanelApp, *, user: Any, account_sid: str, reservation: dict[str, Any] | None) -> dict[str, Any]:
    """Return what an app may know of the agent and, where one is open, of the task; ``reservation``: R."""
    context: dict[str, Any] = {
        "account_sid": account_sid,
        "agent": {"sid": user.sid, "name": user.display_name, "role": user.role},
        "task": None,
        "conversation": None,
    }
    if reservation is None:
        return context
    task, thread = reservation["task"], reservation["conversation"]
    context["task"] = {
        "sid": task["sid"],
        "reservation_sid": reservation["sid"],
        "status": reservation["status"],
        "queue": reservation["queue_name"],
    }
    if "attributes" in app.shares:
        context["task"]["attributes"] = task["attributes"]
    if thread is not None:
        context["conversation"] = {"sid": thread["sid"], "channel": thread["channel_type"]}
        if "customer" in app.shares:
            context["conversation"]["customer"] = {
                "name": thread["customer_name"],
                "address": thread["customer_address"],
            }
    return context


def issue(app: PanelApp, context: dict[str, Any], *, now: datetime) -> tuple[str, datetime]:
    """Return a signed token that says the context, and when it expires (whole seconds)."""
    expires_at = (now + LIFE).replace(microsecond=0)
    claims = {
        "iss": settings.PUBLIC_URL,
        "aud": origin_of(app.url),
        "sub": context["agent"]["sid"],
        "iat": int(now.timestamp()),
        "exp": int(expires_at.timestamp()),
        "jti": uuid4().hex,
        "app": app.sid,
        "context": context,
    }
    return jwt.encode(claims, app.secret, algorithm="HS256"), expires_at
