"""``/app/v1/panel-apps``: the apps in the side panel, as admins manage them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from common.api import AppView
from common.api.app import ADMIN
from common.api.parsers import Params
from console import queries, services
from console.origins import origin_of

if TYPE_CHECKING:
    from console.models import PanelApp


class AppsView(AppView):
    roles = frozenset({ADMIN})

    def get(self, request: Request) -> Response:
        return Response({"apps": [write(row) for row in queries.apps(self.account_id)]})

    def post(self, request: Request) -> Response:
        row = services.create_app(
            account_id=self.account_id,
            **_values(self.params(request)),
            own_hosts=(request.get_host(),),
            actor=request.user.sid,
            now=clock.now(),
        )
        return Response({**write(row), "secret": row.secret}, status=201)


class PanelAppView(AppView):
    """One app."""

    roles = frozenset({ADMIN})

    def put(self, request: Request, sid: str) -> Response:
        params = self.params(request)
        enabled = params.boolean("enabled")
        row = services.update_app(
            account_id=self.account_id,
            app_id=self.key("PA", sid),
            **_values(params),
            enabled=True if enabled is None else enabled,
            own_hosts=(request.get_host(),),
            actor=request.user.sid,
            now=clock.now(),
        )
        return Response(write(row))

    def delete(self, request: Request, sid: str) -> Response:
        services.delete_app(
            account_id=self.account_id, app_id=self.key("PA", sid), actor=request.user.sid, now=clock.now()
        )
        return Response(status=204)


class SecretView(AppView):
    """Another secret for an app; the answer is the only place that shows it."""

    roles = frozenset({ADMIN})

    def post(self, request: Request, sid: str) -> Response:
        row = services.renew_secret(
            account_id=self.account_id, app_id=self.key("PA", sid), actor=request.user.sid, now=clock.now()
        )
        return Response({**write(row), "secret": row.secret})


def _values(params: Params) -> dict[str, Any]:
    return {
        "name": params.required("name", max_length=200),
        "url": params.required("url", max_length=2048),
        "shares": params.texts("shares") or (),
    }


def write(row: PanelApp) -> dict[str, Any]:
    """Return an app without its secret."""
    return {
        "sid": row.sid,
        "name": row.name,
        "url": row.url,
        "origin": origin_of(row.url),
        "enabled": row.enabled,
        "shares": row.shares,
        "date_updated": clock.to_iso(row.updated_at),
    }
