"""
An account with something of everything, for tests that walk over all addresses.

What an address's parameters stand for is found out, not listed: a SID fits where its owner gets an answer. So an
address that is new tomorrow is walked over tomorrow.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from asgiref.sync import async_to_sync
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User
from accounts.services import create_api_key
from channels_app.delivery import drain as delivery
from channels_app.services import create_connection
from common import clock, ids
from conversations.services import receive_messages
from conversations.webhooks.parameters import service_sid
from flows.services import create_test
from routing.models import RoutingEvent
from routing.services import create_calendar
from tests.factories import OURS, inbound, publish_flow
from tests.flows.definitions import asking
from tests.interactions.world import Desk, make_desk
from tests.sdk import basic, sdk_client

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# The collection a parameter stands in, where its first letters do not tell: which SIDs are tried first.
LIKELY = {
    "accounts": ("AC",),
    "executions": ("FN",),
    "steps": ("FT",),
    "tests": ("FX",),
    "interactions": ("KD",),
    "channels": ("UO", "WC"),
    "invites": ("KG",),
    "participants": ("MB", "UT"),
    "revisions": ("1",),
    "taskqueues": ("WQ",),
    "queues": ("WQ",),
    "deliveries": ("PD", "WD"),
    "activities": ("WA",),
    "conversations": ("CH",),
    "messages": ("IM", "SM", "MM"),
    "media": ("ME",),
    "users": ("US",),
    "receipts": ("DY",),
    "webhooks": ("WH",),
    "tasks": ("WT",),
    "workers": ("WK",),
    "workflows": ("WW",),
    "workspaces": ("WS",),
    "task-channels": ("TC",),
    "taskchannels": ("TC",),
    "reservations": ("WR",),
    "api-keys": ("SK",),
    "connections": ("CN",),
    "flows": ("FW",),
    "addresses": ("IG",),
    "calendars": ("CL",),
    "roles": ("RL",),
}


@dataclass
class World:
    """An account, its rows' SIDs, and both ways to speak for it: REST with its token, the browser as its admin."""

    desk: Desk
    admin: User
    sids: list[str]
    browser: Client
    known: dict[str, str] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": basic(self.desk.account.sid, self.desk.account.auth_token)}

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send a request as the account; answers status and body."""
        is_app = path.startswith("/app/")
        if is_app or body is None or isinstance(body, str):
            data, kind = json.dumps(body or {}), "application/json"
        else:
            data, kind = json.dumps(body), "application/json"
        headers = {} if is_app else self.headers
        data = "" if method == "GET" else data
        answer = self.browser.generic(method, path, data, content_type=kind, headers=headers)
        text = content_of(answer)
        try:
            return answer.status_code, json.loads(text) if text else None
        except ValueError:
            return answer.status_code, text

    def fill(self, route: str) -> str:
        """Return a route with this account's SIDs in the place of its parameters."""
        path = route
        while match := PARAMETER.search(path):
            before, after = path[: match.start()], path[match.end() :]
            path = before + self._value(before) + after
        return path

    def _value(self, before: str) -> str:
        if before not in self.known:
            collection = before.rstrip("/").rsplit("/", 1)[-1].lower()
            prefixes = (*LIKELY.get(collection, ()), *_LEARNED.get(collection, ()))
            likely = [sid for prefix in prefixes for sid in self.sids if sid.startswith(prefix)]
            fitting = (sid for sid in (*likely, *self.sids) if self.send("GET", before + sid)[0] == 200)
            # What can only be written to answers no GET: the likely one it is.
            is_mute = bool(likely) and self.send("GET", before + likely[0])[0] == 405
            found = likely[0] if is_mute else next(fitting, None)
            if found is not None:
                _LEARNED.setdefault(collection, {})[found[:2]] = None
            self.known[before] = found or (likely or self.sids)[0]
        return self.known[before]


def content_of(answer: Any) -> bytes:
    """Return an answer's body, streamed or not."""
    if not answer.streaming:
        return bytes(answer.content)
    if not answer.is_async:
        return b"".join(answer.streaming_content)

    async def collect() -> bytes:
        return b"".join([part async for part in answer.streaming_content])

    return async_to_sync(collect)()


# By collection, the first letters of SIDs that fitted somewhere: what is tried first the next time.
_LEARNED: dict[str, dict[str, None]] = {}


def make_world(name: str, drain: Callable[[], int]) -> World:
    """Make an account in which every kind of row is there at least once."""
    now = clock.now()
    desk = make_desk(name)
    account = desk.account
    admin = desk.user("admin", name="Ada Admin")
    create_connection(account_id=account.id, type="sms", provider="sandbox", address=OURS, now=now)
    flow = publish_flow(account, asking())
    receive_messages([inbound(account, "Hi", media=[{"url": "https://example.com/a.png"}])], now=now)
    delivery.use(delivery.inline_sender())
    api = sdk_client(account).conversations.v1
    named = api.conversations.create(unique_name=f"named {name}")
    api.conversations(named.sid).participants.create(identity="ada")
    api.conversations(named.sid).messages.create(body="Hello", author="ada")
    api.conversations(named.sid).webhooks.create(target="studio", configuration_flow_sid=flow.sid)
    api.roles.create(friendly_name="Mine", type="service", permission=["joinConversation"])
    drain()
    delivery.use(None)
    desk.agent()
    talk = desk.conversation()
    offered = desk.offer(talk)
    create_test(
        account_id=account.id,
        flow_id=flow.id,
        name="one",
        story={"trigger": {"event": "incomingMessage"}},
        author="",
        now=now,
    )
    create_calendar(account_id=account.id, name="Office", values={}, now=now)
    create_api_key(account_id=account.id, friendly_name="Key", now=now)
    browser = Client(raise_request_exception=False)
    browser.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    drain()
    sids = [account.sid, service_sid(account.id), "1", named.sid, *_all_sids(account.id)]
    # Through the REST API of 2010 a message is called by another name.
    sids += ["SM" + sid[2:] for sid in sids if sid.startswith("IM")]
    sids += ["MM" + sid[2:] for sid in sids if sid.startswith("IM")]
    assert offered.sid in sids
    world = World(desk, admin, sids, browser)
    for sid in [sid for sid in sids if sid.startswith("MM")]:
        media = world.send("GET", f"/api/2010-04-01/Accounts/{account.sid}/Messages/{sid}/Media.json")[1]
        sids += [item["sid"] for item in media.get("media_list", ())]
    return world


def _all_sids(account_id: Any) -> Iterator[str]:
    for (key,) in RoutingEvent.objects.filter(account_id=account_id).values_list("id")[:1]:
        yield ids.sid("EV", key)
    for model in apps.get_models():
        names = {found.name for found in model._meta.get_fields()}
        if "account_id" in names and hasattr(model, "sid"):
            yield from (row.sid for row in model._default_manager.filter(account_id=account_id)[:2])
        elif "account" in names and hasattr(model, "sid"):
            yield from (row.sid for row in model._default_manager.filter(account__id=account_id)[:2])


def routes() -> list[tuple[str, Any]]:
    """Return every address of the URL conf with its view, as ``/studio/v2/Flows/<str:sid>``."""

    def walk(patterns: Any, before: str) -> Iterator[tuple[str, Any]]:
        for found in patterns:
            if isinstance(found, URLResolver):
                yield from walk(found.url_patterns, before + str(found.pattern))
            elif isinstance(found, URLPattern):
                yield before + str(found.pattern), found.callback

    return list(walk(get_resolver().url_patterns, "/"))
