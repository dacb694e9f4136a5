"""``/app/v1/console/settings`` (the account's) and ``/app/v1/console/preferences`` (one's own)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from common.api import AppView
from common.api.app import ADMIN
from console import queries, services

if TYPE_CHECKING:
    from console.models import ConsoleSettings


class SettingsView(AppView):
    write_roles = frozenset({ADMIN})

    def get(self, request: Request) -> Response:
        return Response(write(queries.settings(self.account_id)))

    def put(self, request: Request) -> Response:
        params = self.params(request)
        row = services.change_settings(
            account_id=self.account_id,
            actor=request.user.sid,
            now=clock.now(),
            warn_after=params.integer("warn_after"),
            late_after=params.integer("late_after"),
            by_channel=params.json_object("by_channel"),
            tells_typing=params.boolean("tells_typing"),
            shows_text=params.boolean("shows_text"),
            personal_replies=params.boolean("personal_replies"),
        )
        return Response(write(row))


class PreferencesView(AppView):
    def get(self, request: Request) -> Response:
        return Response(queries.preferences(request.user.id))

    def put(self, request: Request) -> Response:
        self.params(request)
        values = services.save_preferences(
            account_id=self.account_id, user_id=request.user.id, values=request.data, now=clock.now()
        )
        return Response(values)


def write(row: ConsoleSettings) -> dict[str, Any]:
    """Return an account's settings of the console."""
    return {
        "warn_after": row.warn_after,
        "late_after": row.late_after,
        "by_channel": row.by_channel,
        "tells_typing": row.tells_typing,
        "shows_text": row.shows_text,
        "personal_replies": row.personal_replies,
    }
