"""The account itself, its audit log, and who may log in through which identity provider."""

from __future__ import annotations

import zoneinfo

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import queries, services
from accounts.models import Account, AuditEntry, IdentityProvider
from accounts.sso import providers
from common import clock, csv
from common.api import AppView
from common.api.app import ADMIN
from common.api.paging import after_token, make_token

PAGE = 50


class AccountView(AppView):
    """Name, time zone, and who needs a second factor."""

    roles = frozenset({ADMIN})

    def get(self, request: Request) -> Response:
        return Response(_account(queries.account(self.account_id)))

    def put(self, request: Request) -> Response:
        params = self.params(request)
        account = services.update_account(
            account_id=self.account_id,
            actor=request.user.sid,
            name=params.text("name"),
            time_zone=params.text("time_zone"),
            second_factor=params.text("second_factor"),
            now=clock.now(),
        )
        return Response(_account(account))


class AuditView(AppView):
    """
    What was changed by whom, newest first.

    Filters: ``actor`` and ``subject`` (SIDs), ``action`` (its beginning), ``from`` and ``to`` (times).
    """

    roles = frozenset({ADMIN})

    def get(self, request: Request) -> Response:
        rows = self._rows(request)
        if token := request.query_params.get("page_token"):
            rows = after_token(rows, token)
        found = list(rows[: PAGE + 1])
        names = _names(self, found[:PAGE])
        return Response(
            {
                "entries": [_entry(row, names) for row in found[:PAGE]],
                "next_page_token": make_token(found[PAGE - 1], "id") if len(found) > PAGE else None,
            }
        )

    def _rows(self, request: Request) -> QuerySet[AuditEntry]:
        params = self.params(request)
        return queries.audit(
            self.account_id,
            actor=params.text("actor", max_length=120),
            subject=params.text("subject", max_length=120),
            action=params.text("action", max_length=80),
            start=params.moment("from"),
            end=params.moment("to"),
        )


class AuditExportView(AuditView):
    """The same as CSV, all of it."""

    def get(self, request: Request) -> StreamingHttpResponse:  # type: ignore[override]
        rows = self._rows(request)
        names = queries.names_of_actors(self.account_id)
        header = ("time", "actor", "actor_name", "action", "subject", "changes")
        lines = (
            (row.created_at, row.actor, names.get(row.actor, ""), row.action, row.subject, csv.as_json(row.changes))
            for row in rows.iterator(500)
        )
        return csv.download("audit-log.csv", header, lines)


class ProvidersView(AppView):
    """Identity providers of the account; a client secret is written and never read."""

    roles = frozenset({ADMIN})

    def get(self, request: Request) -> Response:
        return Response({"providers": [_provider(row) for row in providers.providers(self.account_id)]})

    def post(self, request: Request) -> Response:
        params = self.params(request)
        row = providers.create_provider(
            account_id=self.account_id,
            slug=params.required("slug", max_length=40),
            name=params.required("name", max_length=80),
            issuer=params.required("issuer", max_length=500),
            client_id=params.required("client_id", max_length=255),
            client_secret=params.required("client_secret", max_length=2000),
            new_user_role=params.text("new_user_role") or "",
            domains=params.texts("domains") or [],
            actor=request.user.sid,
            now=clock.now(),
        )
        return Response(_provider(row), status=201)


class ProviderView(AppView):
    """One identity provider."""

    roles = frozenset({ADMIN})

    def put(self, request: Request, sid: str) -> Response:
        params = self.params(request)
        row = providers.update_provider(
            account_id=self.account_id,
            provider_id=self.key("ID", sid),
            name=params.text("name", max_length=80),
            issuer=params.text("issuer", max_length=500),
            client_id=params.text("client_id", max_length=255),
            client_secret=params.text("client_secret", max_length=2000) or "",
            new_user_role=params.text("new_user_role"),
            domains=params.texts("domains"),
            enabled=params.boolean("enabled"),
            actor=request.user.sid,
            now=clock.now(),
        )
        return Response(_provider(row))

    def delete(self, request: Request, sid: str) -> Response:
        providers.delete_provider(
            account_id=self.account_id, provider_id=self.key("ID", sid), actor=request.user.sid, now=clock.now()
        )
        return Response(status=204)


def _account(row: Account) -> dict[str, object]:
    return {
        "sid": row.sid,
        "name": row.name,
        "time_zone": row.time_zone,
        "second_factor": row.second_factor,
        "time_zones": sorted(zoneinfo.available_timezones()),
    }


def _names(view: AuditView, rows: list[AuditEntry]) -> dict[str, str]:
    return queries.names_of_actors(view.account_id) if rows else {}


def _entry(row: AuditEntry, names: dict[str, str]) -> dict[str, object]:
    return {
        "at": clock.to_iso(row.created_at),
        "actor": row.actor,
        "actor_name": names.get(row.actor, ""),
        "action": row.action,
        "subject": row.subject,
        "subject_name": names.get(row.subject, ""),
        "changes": row.changes,
    }


def _provider(row: IdentityProvider) -> dict[str, object]:
    return {
        "sid": row.sid,
        "slug": row.slug,
        "name": row.name,
        "issuer": row.issuer,
        "client_id": row.client_id,
        "new_user_role": row.new_user_role,
        "domains": row.domains,
        "enabled": row.enabled,
        "callback_url": providers.callback_url(row),
        "login_url": f"/sso/{row.slug}/login/",
        "date_created": clock.to_iso(row.created_at),
    }
