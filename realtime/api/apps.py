"""``/app/v1/console/apps``: what the agent's console shows and tells apps in the side panel."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from common import clock, ids
from common.api import AppView
from common.errors import NotFound
from console import queries
from realtime import app_tokens, desk


class AppTokenView(AppView):
    """A short-lived token for one app: of the agent and, where ``reservation_sid`` names one, of their task."""

    def post(self, request: Request, sid: str) -> Response:
        app = queries.enabled_app(self.account_id, self.key("PA", sid))
        if app is None:
            raise NotFound("app")
        now = clock.now()
        context = app_tokens.context_of(
            app,
            user=request.user,
            account_sid=ids.sid("AC", self.account_id),
            reservation=self._reservation(request),
        )
        token, expires_at = app_tokens.issue(app, context, now=now)
        return Response({"token": token, "expires_at": clock.to_iso(expires_at), "context": context})

    def _reservation(self, request: Request) -> dict[str, object] | None:
        sid = self.params(request).text("reservation_sid")
        if not sid:
            return None
        key, worker_id = ids.parse_or_none("WR", sid), request.user.worker_id
        found = desk.reservations(worker_id, [key], now=clock.now()) if key and worker_id else []
        if not found:
            raise NotFound("reservation")
        return found[0]
