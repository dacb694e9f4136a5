"""A flow's own address: who may hand control back, to which execution, with what."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.models import Account
from accounts.services import create_api_key
from common import clock, http, ids, signatures
from conversations.services import receive_messages
from flows.models import Execution, Flow
from tests.factories import OURS, definition, inbound, make_account, publish_flow, state, texts

pytestmark = pytest.mark.django_db

CUSTOMER = "+15551230001"
Drain = Callable[[], int]
FLOW = definition(
    state(
        "go",
        "add-twiml-redirect",
        {"return": "back", "timeout": None, "fail": None},
        url="https://shop.test/",
        timeout="60",
    ),
    state("back", "send-message", {"sent": None}, body="Back: {{widgets.go.order}}", **{"from": "x"}),
)


@pytest.fixture(autouse=True)
def silent_shop(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fetch(self: http.HttpClient, request: http.HttpRequest) -> http.HttpAnswer:
        return http.HttpAnswer(200, {"content-type": "text/xml"}, b"<Response/>", request.url)

    monkeypatch.setattr(http.HttpClient, "fetch", fetch)


@pytest.fixture
def account() -> Account:
    return make_account()


@pytest.fixture
def flow(account: Account, drain: Drain) -> Flow:
    """A flow in which one customer waits for a redirect to come back."""
    made = publish_flow(account, FLOW)
    receive_messages([inbound(account, "hi")], now=clock.now())
    drain()
    return made


def path_of(account: Account, flow: Flow) -> str:
    return f"/webhooks/v1/Accounts/{account.sid}/Flows/{flow.sid}"


def basic(username: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()}


def signed(account: Account, path: str, form: dict[str, str]) -> dict[str, str]:
    url = f"http://testserver{path}"
    return {signatures.HEADER: signatures.sign(url=url, parameters=form.items(), token=account.auth_token)}


def ask(method: str, path: str, form: dict[str, str] | None = None, headers: dict[str, str] | None = None) -> Any:
    data = urlencode(form or {})
    return Client().generic(
        method,
        path,
        data,
        content_type="application/x-www-form-urlencoded",
        headers={"Accept": "text/xml", **(headers or {})},
    )


@pytest.mark.parametrize("addresses", [(CUSTOMER, OURS), (OURS, CUSTOMER)])
def test_hands_control_back_to_the_execution_of_a_signed_request(
    account: Account, flow: Flow, drain: Drain, addresses: tuple[str, str]
) -> None:
    path = path_of(account, flow) + "?FlowEvent=return&order=77"
    form = {"From": addresses[0], "To": addresses[1], "Note": "blue"}

    answer = ask("POST", path, form, signed(account, path, form))
    drain()

    assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml; charset=utf-8")
    assert answer.content.decode().endswith("<Response/>")
    execution = Execution.objects.get()
    assert texts(execution.conversation_id) == ["Back: 77"]
    assert execution.session["context"]["widgets"]["go"] == {**form, "order": "77"}


def test_hands_control_back_by_get_with_the_executions_sid_and_the_accounts_token(
    account: Account, flow: Flow, drain: Drain
) -> None:
    query = urlencode({"FlowEvent": "return", "ExecutionSid": Execution.objects.get().sid, "order": "5"})

    answer = ask("GET", f"{path_of(account, flow)}?{query}", headers=basic(account.sid, account.auth_token))
    drain()

    assert answer.status_code == 200
    assert texts(Execution.objects.get().conversation_id) == ["Back: 5"]


def test_takes_an_api_key_and_a_form_alone(account: Account, flow: Flow, drain: Drain) -> None:
    key, secret = create_api_key(account_id=account.id, friendly_name="shop", now=clock.now())
    form = {"FlowEvent": "return", "From": CUSTOMER, "To": OURS, "order": "6"}

    answer = ask("POST", path_of(account, flow), form, basic(ids.sid("SK", key.id), secret))
    drain()

    assert answer.status_code == 200
    assert texts(Execution.objects.get().conversation_id) == ["Back: 6"]


def test_counts_once_though_it_comes_twice(account: Account, flow: Flow, drain: Drain) -> None:
    path = path_of(account, flow) + "?FlowEvent=return&order=1"
    form = {"From": CUSTOMER, "To": OURS}

    first, second = (ask("POST", path, form, signed(account, path, form)) for _ in range(2))
    drain()
    third = ask("POST", path, form, signed(account, path, form))

    assert [answer.status_code for answer in (first, second, third)] == [200, 200, 404]
    assert texts(Execution.objects.get().conversation_id) == ["Back: 1"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"From": "+15550000000"}, 404),
        ({"ExecutionSid": ids.sid("FN", ids.uuid7())}, 404),
        ({"ExecutionSid": "nonsense"}, 404),
        ({"FlowEvent": "other"}, 400),
        ({"FlowEvent": ""}, 400),
        ({"From": ""}, 400),
        ({"Big": "x" * 70_000}, 400),
    ],
)
def test_refuses_what_names_nobody(
    account: Account, flow: Flow, drain: Drain, change: dict[str, str], status: int
) -> None:
    form = {"FlowEvent": "return", "From": CUSTOMER, "To": OURS, **change}

    answer = ask("POST", path_of(account, flow), form, basic(account.sid, account.auth_token))
    drain()

    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert Execution.objects.get().waits_for == "redirect"


def test_lets_nobody_in_without_the_accounts_secret(account: Account, flow: Flow) -> None:
    other = make_account("Other")
    path = path_of(account, flow) + "?FlowEvent=return"
    form = {"From": CUSTOMER, "To": OURS}
    right = signed(account, path, form)

    assert ask("POST", path, form).status_code == 401
    assert ask("POST", path, form, basic(account.sid, "wrong")).status_code == 401
    assert ask("POST", path, form, basic(other.sid, other.auth_token)).status_code == 404
    assert ask("POST", path, form, signed(other, path, form)).status_code == 403
    assert ask("POST", path, {**form, "order": "9"}, right).status_code == 403
    assert ask("POST", path, form, {signatures.HEADER: ""}).status_code == 403
    unknown = path.replace(account.sid, "AC" + "0" * 32)
    assert ask("POST", unknown, form, right).status_code == 403
    assert ask("POST", path.replace(account.sid, "nonsense"), form, right).status_code == 403
    assert Execution.objects.get().waits_for == "redirect"


def test_knows_only_executions_of_the_flow_it_names(account: Account, flow: Flow) -> None:
    other = publish_flow(account, FLOW, address=None)
    form = {"FlowEvent": "return", "From": CUSTOMER, "To": OURS}
    head = basic(account.sid, account.auth_token)

    assert ask("POST", path_of(account, other), form, head).status_code == 404
    assert ask("POST", path_of(account, flow).replace(flow.sid, "x"), form, head).status_code == 404


def test_takes_forms_only(account: Account, flow: Flow) -> None:
    answer = Client().generic(
        "POST",
        path_of(account, flow),
        '{"FlowEvent": "return"}',
        content_type="application/json",
        headers=basic(account.sid, account.auth_token),
    )

    assert (answer.status_code, answer.json()["status"]) == (415, 415)


def test_is_named_by_the_flow(account: Account, flow: Flow) -> None:
    answer = Client().get(f"/studio/v2/Flows/{flow.sid}", headers=basic(account.sid, account.auth_token))

    assert answer.json()["webhook_url"] == "http://testserver" + path_of(account, flow)
