"""``/app/v1/contacts``: the account's customers, for everybody who works with them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from common import clock, ids
from common.api import AppView
from common.api.app import ADMIN, SUPERVISOR
from common.api.paging import after_token, make_token
from common.api.parsers import Params
from common.errors import BadParameter, Forbidden, NotFound
from conversations import queries, services
from conversations.models import Contact, ContactAddress

PAGE_SIZE = 50


class ContactsView(AppView):
    """``q``: a part of a name, an address or the attributes."""

    def get(self, request: Request) -> Response:
        params = self.params(request)
        rows = queries.contacts(self.account_id, search=(params.text("q", max_length=200) or "").strip())
        token = params.text("page_token")
        if token:
            rows = after_token(rows, token)
        found = list(rows[: PAGE_SIZE + 1])
        shown = found[:PAGE_SIZE]
        addresses = queries.contact_addresses(row.id for row in shown)
        return Response(
            {
                "contacts": [write_contact(row, addresses.get(row.id, [])) for row in shown],
                "next_page_token": make_token(shown[-1], "id") if len(found) > PAGE_SIZE else None,
            }
        )

    def post(self, request: Request) -> Response:
        params = self.params(request)
        row = services.create_contact(
            account_id=self.account_id,
            name=params.text("name", max_length=256) or "",
            addresses=read_addresses(params) or [],
            attributes=params.json_object("attributes") or {},
            actor=request.user.sid,
            now=clock.now(),
        )
        return Response(_answer(row), status=201)


class ContactView(AppView):
    def get(self, request: Request, sid: str) -> Response:
        row = queries.contact(self.account_id, self.key("CT", sid))
        if row is None:
            raise NotFound("contact")
        return Response(_answer(row))

    def put(self, request: Request, sid: str) -> Response:
        params = self.params(request)
        row = services.update_contact(
            account_id=self.account_id,
            contact_id=self.key("CT", sid),
            name=params.text("name", max_length=256),
            attributes=params.json_object("attributes"),
            addresses=read_addresses(params),
            actor=request.user.sid,
            now=clock.now(),
        )
        return Response(_answer(row))

    def delete(self, request: Request, sid: str) -> Response:
        if request.user.role not in (ADMIN, SUPERVISOR):
            raise Forbidden("Your role does not allow this")
        services.delete_contact(
            account_id=self.account_id, contact_id=self.key("CT", sid), actor=request.user.sid, now=clock.now()
        )
        return Response(status=204)


class MergeView(AppView):
    """``other_sid`` becomes a part of this contact."""

    def post(self, request: Request, sid: str) -> Response:
        other_id = ids.parse_or_none("CT", self.params(request).required("other_sid", max_length=40))
        if other_id is None:
            raise BadParameter("other_sid must be a contact's SID")
        row = services.merge_contacts(
            account_id=self.account_id,
            contact_id=self.key("CT", sid),
            other_id=other_id,
            actor=request.user.sid,
            now=clock.now(),
        )
        return Response(_answer(row))


def read_addresses(params: Params) -> list[tuple[str, str]] | None:
    """
    Return ``addresses: [{channel_type, address}]``; None where they are not given.

    :raises BadParameter: not of that form.
    """
    given = params.json("addresses")
    if given is None:
        return None
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise BadParameter("addresses must be a list of objects")
    pairs = [(each.get("channel_type"), each.get("address")) for each in given]
    if not all(isinstance(part, str) for pair in pairs for part in pair):
        raise BadParameter("Every address needs a channel_type and an address")
    return [(str(kind), str(address)) for kind, address in pairs]


def write_contact(row: Contact, addresses: Sequence[ContactAddress]) -> dict[str, Any]:
    """Return a contact with its addresses."""
    return {
        "sid": row.sid,
        "name": row.name,
        "attributes": json.loads(row.attributes),
        "addresses": [{"channel_type": each.channel_type, "address": each.address} for each in addresses],
        "date_created": clock.to_iso(row.created_at),
        "date_updated": clock.to_iso(row.updated_at),
    }


def _answer(row: Contact) -> dict[str, Any]:
    return write_contact(row, queries.contact_addresses([row.id]).get(row.id, []))
