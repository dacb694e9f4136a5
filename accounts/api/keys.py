"""API keys, for integrators: made and ended by admins."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import queries, services
from accounts.models import ApiKey
from accounts.scopes import SCOPES
from common import clock
from common.api import AppView
from common.api.app import ADMIN


class ApiKeysView(AppView):
    """The account's keys that are in force. A new key's secret is in the answer to its creation and nowhere else."""

    roles = frozenset({ADMIN})

    def get(self, request: Request) -> Response:
        keys = [_key(row) for row in queries.api_keys(self.account_id)]
        return Response({"api_keys": keys, "scopes": SCOPES})

    def post(self, request: Request) -> Response:
        name = self.params(request).required("friendly_name", max_length=120)
        key, secret = services.create_api_key(
            account_id=self.account_id,
            friendly_name=name,
            scopes=self.params(request).texts("scopes") or [],
            actor=request.user.sid,
            now=clock.now(),
        )
        return Response({**_key(key), "secret": secret}, status=201)


class ApiKeyView(AppView):
    """One key; ending it takes effect at once."""

    roles = frozenset({ADMIN})

    def delete(self, request: Request, sid: str) -> Response:
        services.revoke_api_key(
            account_id=self.account_id, key_id=self.key("SK", sid), actor=request.user.sid, now=clock.now()
        )
        return Response(status=204)


def _key(row: ApiKey) -> dict[str, object]:
    return {
        "sid": row.sid,
        "friendly_name": row.friendly_name,
        "scopes": row.scopes,
        "last_used": clock.iso_or_none(row.last_used_at),
        "date_created": clock.to_iso(row.created_at),
    }
