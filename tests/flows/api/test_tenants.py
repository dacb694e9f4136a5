"""Two accounts: whatever one of them has, the other finds nothing there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import URLPattern

from accounts.models import Account
from common import clock
from conversations.services import receive_messages
from flows.api.urls import app_urls, compat_urls
from flows.models import Execution, ExecutionStep, Flow, FlowTest
from flows.services import create_test
from tests.factories import inbound, make_account, publish_flow
from tests.flows.api.browser import Browser
from tests.flows.api.test_bad_input import Integrator
from tests.flows.definitions import asking

pytestmark = pytest.mark.django_db


@pytest.fixture
def sids(drain: Callable[[], int]) -> dict[str, str]:
    """Return SIDs of the first account's rows by the name that routes give them."""
    account = make_account("First")
    flow = publish_flow(account, asking())
    receive_messages([inbound(account, "Hi")], now=clock.now())
    drain()
    execution = Execution.objects.get(account_id=account.id)
    test = create_test(
        account_id=account.id,
        flow_id=flow.id,
        name="one",
        story={"trigger": {"event": "incomingMessage"}},
        author="",
        now=clock.now(),
    )
    (address,) = Browser(account).get("addresses")[1]["addresses"]
    return {
        "flow": flow.sid,
        "execution": execution.sid,
        "step": ExecutionStep.objects.filter(execution=execution).first().sid,
        "address": address["sid"],
        "test": test.sid,
    }


@pytest.fixture
def stranger() -> Account:
    return make_account("Second")


def filled(pattern: URLPattern, sids: dict[str, str]) -> str | None:
    """Return a route with the first account's SIDs in it; None for one that names nothing."""
    route = str(pattern.pattern)
    if "<" not in route:
        return None
    below_steps = "Steps/<str:sid>" in route
    own = "step" if below_steps else "execution" if "xecutions/<str:sid>" in route else "flow"
    own = "address" if route.startswith("addresses") else own
    values = {
        "<str:flow_sid>": sids["flow"],
        "<str:test_sid>": sids["test"],
        "<str:execution_sid>": sids["execution"],
        "<str:sid>": sids[own],
        "<str:revision>": "1",
    }
    for name, value in values.items():
        route = route.replace(name, value)
    return route


def state_of(sids: dict[str, str]) -> Any:
    return [
        list(Flow.objects.values_list("revision", "friendly_name")),
        list(Execution.objects.values_list("status")),
        list(FlowTest.objects.values_list("name")),
    ]


def test_studio_shows_another_account_nothing(sids: dict[str, str], stranger: Account) -> None:
    api = Integrator(stranger)
    before = state_of(sids)
    form = f"FriendlyName=Mine&TestUsers=x&To=x&From=y&Definition={json.dumps(asking())}"

    routes = [route for pattern in compat_urls if (route := filled(pattern, sids))]

    assert len(routes) == 10
    for route in routes:
        for method in ("GET", "POST", "DELETE"):
            wanted = "ended" if "Executions" in route else "draft"
            status, body = api.send(method, route, f"{form}&Status={wanted}")
            assert (status, body["code"]) in ((404, 20404), (405, 20004)), (method, route, body)
        assert api.send("GET", route)[0] == 404, route
    assert state_of(sids) == before
    assert api.send("GET", "Flows")[1]["flows"] == []


def test_the_builder_shows_another_account_nothing(sids: dict[str, str], stranger: Account) -> None:
    admin = Browser(stranger)
    before = state_of(sids)
    body = {
        "definition": asking(),
        "base_revision": 1,
        "status": "ended",
        "stories": [{"trigger": {}}],
        "name": "mine",
        "story": {"trigger": {"event": "incomingMessage"}},
        "type": "sms",
        "address": "+1",
        "target": "none",
    }

    routes = [route for pattern in app_urls if (route := filled(pattern, sids))]

    assert len(routes) == 14
    for route in routes:
        answers = {method: admin.send(method, route, body)[0] for method in ("GET", "POST", "PUT", "DELETE")}
        assert 404 in answers.values(), (route, answers)
        assert set(answers.values()) <= {404, 405}, (route, answers)
    assert state_of(sids) == before
    for path, key in (("flows", "flows"), ("executions", "executions"), ("addresses", "addresses")):
        assert admin.get(path)[1][key] == []
    assert admin.get("executions", flow_sid=sids["flow"])[1]["executions"] == []
    assert admin.get("options")[1]["flows"] == []


def test_finds_nothing_of_one_flow_below_another(sids: dict[str, str]) -> None:
    owner = Account.objects.get(name="First")
    other = publish_flow(owner, asking(), address=None)
    api = Integrator(owner)

    for below in ("", "/Context", "/Steps", f"/Steps/{sids['step']}", f"/Steps/{sids['step']}/Context"):
        assert api.send("GET", f"Flows/{sids['flow']}/Executions/{sids['execution']}{below}")[0] == 200
        assert api.send("GET", f"Flows/{other.sid}/Executions/{sids['execution']}{below}")[0] == 404
