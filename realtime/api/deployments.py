"""``/app/v1/webchats``: the settings screens' view of web chats."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rest_framework.request import Request
from rest_framework.response import Response

from channels_app import queries as channels
from channels_app import services as channel_services
from channels_app import webchat
from common import clock
from common.api import AppView
from common.api.app import ADMIN, SUPERVISOR
from common.api.errors import public_url
from common.errors import BadParameter, NotFound
from routing import queries as routing

if TYPE_CHECKING:
    from channels_app.models import Connection

LONGEST_KEPT = 30 * 86_400  # seconds that an old secret may stay good


class OfWebchats(AppView):
    roles = frozenset({ADMIN, SUPERVISOR})
    write_roles = frozenset({ADMIN})

    def write(self, row: Connection) -> dict[str, Any]:
        return {
            "sid": row.sid,
            "friendly_name": row.friendly_name,
            "address": row.address,
            "status": row.status,
            "deployment_key": row.deployment_key,
            "script_url": public_url("/webchat.js"),
            "has_identity_secret": bool(channels.identity_secrets(row, clock.now())),
            "settings": webchat.read(row.webchat).to_json(),
        }


class WebchatsView(OfWebchats):
    def get(self, request: Request) -> Response:
        calendars = routing.calendar_names(self.account_id)
        return Response(
            {
                "webchats": [self.write(row) for row in channels.webchats(self.account_id)],
                "calendars": [{"sid": sid, "name": name} for sid, name in calendars.items()],
                "limits": {"max_file_bytes": webchat.MAX_FILE_BYTES, "form_fields": webchat.MOST_FIELDS},
            }
        )


class WebchatView(OfWebchats):
    def get(self, request: Request, sid: str) -> Response:
        row = channels.webchat(self.account_id, self.key("CN", sid))
        if row is None:
            raise NotFound("web chat")
        return Response(self.write(row))

    def put(self, request: Request, sid: str) -> Response:
        settings = self.params(request).json_object("settings")
        if settings is None:
            raise BadParameter("Missing required parameter settings in the body")
        calendar = settings.get("calendar_sid")
        if calendar and isinstance(calendar, str) and calendar not in routing.calendar_names(self.account_id):
            raise BadParameter("calendar_sid names no opening hours of this account")
        row = channel_services.change_webchat(
            account_id=self.account_id,
            connection_id=self.key("CN", sid),
            settings=settings,
            actor=request.user.sid,
            now=clock.now(),
        )
        return Response(self.write(row))


class IdentitySecretView(OfWebchats):
    """POST makes another secret, and shows it this once."""

    roles = frozenset({ADMIN})

    def post(self, request: Request, sid: str) -> Response:
        seconds = self.params(request).integer("keep_old_seconds", least=0, most=LONGEST_KEPT)
        secret = channel_services.renew_identity_secret(
            account_id=self.account_id,
            connection_id=self.key("CN", sid),
            keep_old=timedelta(seconds=seconds or 0),
            actor=request.user.sid,
            now=clock.now(),
        )
        return Response({"secret": secret}, status=201)
