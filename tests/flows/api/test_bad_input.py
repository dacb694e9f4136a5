"""Whatever is sent, the answer is a clear refusal in the error form, and nothing is stored."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.models import Account
from flows.models import Execution, Flow, FlowRevision
from tests.factories import make_account
from tests.flows.api.browser import Browser, read
from tests.flows.definitions import broken, greeting
from tests.sdk import basic

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def account() -> Account:
    return make_account()


class Integrator:
    """Sends raw requests with an account's credentials."""

    def __init__(self, account: Account) -> None:
        self._headers = {"Authorization": basic(account.sid, account.auth_token)}
        self._client = Client(raise_request_exception=False)

    def send(self, method: str, path: str, body: bytes | str = b"", type: str = FORM) -> tuple[int, Any]:
        return read(self._client.generic(method, f"/studio/v2/{path}", body, content_type=type, headers=self._headers))

    def post(self, path: str, **form: Any) -> tuple[int, Any]:
        return self.send("POST", path, urlencode(form, doseq=True))


@pytest.fixture
def api(account: Account) -> Integrator:
    return Integrator(account)


def unknown_widget() -> dict[str, Any]:
    made = greeting()
    made["states"][1]["type"] = "send-pigeon"
    return made


def twice_the_same_name() -> dict[str, Any]:
    made = greeting()
    made["states"].append(dict(made["states"][1]))
    return made


NESTED = "[" * 5000 + "]" * 5000
SHAPELESS = {
    "no JSON": '{"states": [',
    "empty": "",
    "a list": "[]",
    "a number": "7",
    "a text": '"text"',
    "null": "null",
    "nested": NESTED,
    "nested in a widget": json.dumps(greeting()).replace('"Hello {{flow.data.name}}"', "[" * 300 + "]" * 300),
    "not a number": '{"states": NaN}',
    "a lone surrogate": '{"states": [{"name": "\\ud800", "type": "trigger"}]}',
    "no widgets": '{"states": []}',
    "a widget that is a text": '{"states": ["x"]}',
    "a widget without a name": '{"states": [{"type": "trigger"}]}',
    "a widget without a type": '{"states": [{"name": "x"}]}',
    "exits that are a text": '{"states": [{"name": "x", "type": "trigger", "transitions": "y"}]}',
    "an exit without an event": '{"states": [{"name": "x", "type": "trigger", "transitions": [{}]}]}',
    "settings that are a list": '{"states": [{"name": "x", "type": "trigger", "properties": []}]}',
}
UNPUBLISHABLE = {
    "an unknown widget": unknown_widget(),
    "an exit to nowhere": broken(),
    "a name twice": twice_the_same_name(),
    "no start": {**greeting(), "initial_state": "nowhere"},
    "a wrong type": json.loads(json.dumps(greeting()).replace('"Hello {{flow.data.name}}"', "5")),
}


@pytest.mark.parametrize("definition", SHAPELESS.values(), ids=SHAPELESS.keys())
@pytest.mark.parametrize("status", ["draft", "published"])
def test_refuses_what_has_not_the_shape_of_a_flow(api: Integrator, definition: str, status: str) -> None:
    for path in ("Flows", "Flows/Validate"):
        code, body = api.post(path, FriendlyName="Bad", Status=status, Definition=definition)

        assert (code, body["code"], body["status"]) == (400, 81022, 400), body
        assert all(error["message"] and error["property_path"] for error in body["details"]["errors"])
    assert not Flow.objects.exists()


@pytest.mark.parametrize("definition", UNPUBLISHABLE.values(), ids=UNPUBLISHABLE.keys())
def test_keeps_a_faulty_draft_and_refuses_to_publish_it(api: Integrator, definition: dict[str, Any]) -> None:
    refused, refusal = api.post("Flows", FriendlyName="Bad", Status="published", Definition=json.dumps(definition))
    kept, flow = api.post("Flows", FriendlyName="Bad", Status="draft", Definition=json.dumps(definition))

    assert (refused, refusal["code"], kept, flow["valid"]) == (400, 81022, 201, False)
    assert flow["errors"] == refusal["details"]["errors"]


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"FriendlyName": "x"},
        {"FriendlyName": "x", "Status": "draft"},
        {"FriendlyName": "", "Status": "draft", "Definition": json.dumps(greeting())},
        {"FriendlyName": "   ", "Status": "draft", "Definition": json.dumps(greeting())},
        {"FriendlyName": "x" * 257, "Status": "draft", "Definition": json.dumps(greeting())},
        {"FriendlyName": "a\x00b", "Status": "draft", "Definition": json.dumps(greeting())},
        {"FriendlyName": "x", "Status": "live", "Definition": json.dumps(greeting())},
        {"FriendlyName": "x", "Status": "draft", "Definition": json.dumps(greeting()), "CommitMessage": "x" * 513},
        {"FriendlyName": "x", "Status": "draft", "Definition": json.dumps(greeting()), "CommitMessage": "a\x00b"},
        {"FriendlyName": "x", "Status": "draft", "Definition": json.dumps(greeting()), "AuthorSid": "me"},
    ],
)
def test_refuses_a_flow_with_wrong_parameters(api: Integrator, form: dict[str, str]) -> None:
    status, body = api.post("Flows", **form)

    assert (status, body["code"]) == (400, 20001), body
    assert not Flow.objects.exists()


@pytest.mark.parametrize("size", [3, 5, 7])
def test_refuses_megabytes(api: Integrator, account: Account, size: int) -> None:
    text = json.dumps(greeting("x" * size * 1024 * 1024))

    status, body = api.post("Flows", FriendlyName="Big", Status="draft", Definition=text)
    other, _ = Browser(account).post("flows/import", {"text": text})

    assert (status, body["code"]) == ((413, 20001) if size > 6 else (400, 81022))
    assert other == status
    assert not Flow.objects.exists()


@pytest.mark.parametrize(
    ("body", "type"),
    [
        (b"{", "application/json"),
        (NESTED.encode(), "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"[]", "application/json"),
        (b'{"FriendlyName": 1e999}', "application/json"),
        (b"--x", "multipart/form-data; boundary=x"),
        (b"--x", "multipart/form-data"),
        (b"<a/>", "application/xml"),
        (b"&".join(b"a=b" for _ in range(2000)), FORM),
        (b"%00=%00&%ff=%ff", FORM),
    ],
)
def test_refuses_a_broken_body(api: Integrator, body: bytes, type: str) -> None:
    status, answer = api.send("POST", "Flows", body, type)

    assert status in (400, 415), answer
    assert set(answer) == {"code", "message", "more_info", "status"}


def test_takes_json_bodies_too(api: Integrator) -> None:
    body = json.dumps({"FriendlyName": "x", "Status": "draft", "Definition": greeting()})

    assert api.send("POST", "Flows", body, "application/json")[0] == 201


@pytest.fixture
def flow(api: Integrator) -> dict[str, Any]:
    status, made = api.post("Flows", FriendlyName="x", Status="published", Definition=json.dumps(greeting()))
    assert status == 201
    return made


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, 20001),
        ({"To": "+15550001111"}, 20001),
        ({"To": "+15550001111", "From": ""}, 20001),
        ({"To": "   ", "From": "+1"}, 81023),
        ({"To": "+1" + "5" * 300, "From": "+1"}, 81023),
        ({"To": "a\x00b", "From": "+1"}, 20001),
        ({"To": "+1", "From": "+2", "Parameters": "{"}, 20001),
        ({"To": "+1", "From": "+2", "Parameters": "[]"}, 20001),
        ({"To": "+1", "From": "+2", "Parameters": NESTED}, 20001),
        ({"To": "+1", "From": "+2", "Parameters": '{"a": ' + "[" * 300 + "]" * 300 + "}"}, 20001),
        ({"To": "+1", "From": "+2", "Parameters": json.dumps({"a": "x" * 70_000})}, 20001),
    ],
)
def test_refuses_to_start_with_wrong_parameters(api: Integrator, flow: Any, form: dict[str, str], code: int) -> None:
    status, body = api.post(f"Flows/{flow['sid']}/Executions", **form)

    assert (status, body["code"]) == (400, code), body
    assert not Execution.objects.exists()


@pytest.mark.parametrize("parameters", ['{"name": "a\\u0000b"}', '{"name": {"deep": [1, 2.5, null, true]}}', '{"": 1}'])
def test_starts_with_any_parameters_that_are_json(api: Integrator, flow: Any, parameters: str) -> None:
    form = {"To": "+15551230001", "From": "+15550100001", "Parameters": parameters}

    assert api.post(f"Flows/{flow['sid']}/Executions", **form)[0] == 201


@pytest.mark.parametrize(
    "query",
    [
        "PageSize=0",
        "PageSize=-1",
        "PageSize=many",
        "Page=x",
        "PageToken=nonsense",
        "PageToken=PTe30",
        "PageToken=%00",
        "Status=gone",
        "DateCreatedFrom=yesterday",
        "DateCreatedTo=2026-99-99",
    ],
)
def test_refuses_a_list_with_wrong_parameters(api: Integrator, flow: Any, query: str) -> None:
    status, body = api.send("GET", f"Flows/{flow['sid']}/Executions?{query}")

    assert (status, body["code"]) == (400, 20001), body


@pytest.mark.parametrize("users", [["a\x00b"], [""], ["x" * 257], [f"+1555{n:07}" for n in range(101)]])
def test_refuses_malformed_test_users(api: Integrator, flow: Any, users: list[str]) -> None:
    assert api.post(f"Flows/{flow['sid']}/TestUsers", TestUsers=users)[0] == 400
    assert api.send("GET", f"Flows/{flow['sid']}/TestUsers")[1]["test_users"] == []


@pytest.mark.parametrize(
    "sid", ["FW1", "fw" + "a" * 32, "FW" + "A" * 32, "FN" + "a" * 32, "FW" + "a" * 33, "%00", "FW" + "a" * 32]
)
def test_knows_no_flow_by_a_malformed_or_unknown_sid(api: Integrator, sid: str) -> None:
    for method, path in (("GET", ""), ("POST", ""), ("DELETE", ""), ("GET", "/Revisions"), ("GET", "/Executions")):
        status, body = api.send(method, f"Flows/{sid}{path}", urlencode({"Status": "draft"}))
        assert (status, body["code"]) == (404, 20404), (method, path, body)


@pytest.mark.parametrize(("method", "path"), [("PUT", "Flows"), ("DELETE", "Flows"), ("GET", "Flows/Validate")])
def test_names_a_wrong_method(api: Integrator, method: str, path: str) -> None:
    status, body = api.send(method, path)

    assert (status, body["code"]) == (405, 20004)


def test_asks_for_credentials(api: Integrator, client: Client) -> None:
    answer = client.get("/studio/v2/Flows")

    assert (answer.status_code, answer.json()["code"]) == (401, 20003)
    assert answer["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "flows", {}),
        ("POST", "flows", []),
        ("POST", "flows", b"{"),
        ("POST", "flows", {"friendly_name": 5, "definition": {"states": {}}}),
        ("POST", "flows", {"friendly_name": {"a": 1}, "definition": []}),
        ("POST", "flows", {"friendly_name": "x", "definition": "text"}),
        ("POST", "flows", {"friendly_name": "a\x00b"}),
        ("POST", "flows/import", {}),
        ("POST", "flows/import", {"text": "no json"}),
        ("POST", "flows/import", {"text": "{}"}),
        ("POST", "flows/import", {"text": '{"states": 5}'}),
        ("POST", "flows/import", {"text": NESTED}),
        ("POST", "flows/import", {"text": json.dumps(greeting()), "friendly_name": "x" * 300}),
        ("POST", "flows/validate", {}),
        ("PUT", "flows/{sid}/draft", {}),
        ("PUT", "flows/{sid}/draft", {"definition": greeting()}),
        ("PUT", "flows/{sid}/draft", {"base_revision": 1}),
        ("PUT", "flows/{sid}/draft", {"definition": [], "base_revision": 1}),
        ("PUT", "flows/{sid}/draft", {"definition": greeting(), "base_revision": "one"}),
        ("PUT", "flows/{sid}/draft", {"definition": greeting(), "base_revision": 1.5}),
        ("PUT", "flows/{sid}/draft", {"definition": greeting(), "base_revision": 1, "friendly_name": ""}),
        ("PUT", "flows/{sid}/draft", {"definition": greeting(), "base_revision": 1, "commit_message": "x" * 600}),
        ("POST", "flows/{sid}/publish", {}),
        ("POST", "flows/{sid}/publish", {"base_revision": 1, "definition": 5}),
        ("POST", "flows/{sid}/tests/run", {"stories": 5}),
        ("POST", "addresses", {}),
        ("POST", "addresses", {"type": "pigeon", "address": "x", "target": "none"}),
        ("POST", "addresses", {"type": "sms", "address": "", "target": "none"}),
        ("POST", "addresses", {"type": "sms", "address": "+1", "target": "elsewhere"}),
        ("POST", "addresses", {"type": "sms", "address": "+1", "target": "studio"}),
        ("POST", "addresses", {"type": "sms", "address": "+1", "target": "studio", "flow_sid": "x"}),
        ("POST", "addresses", {"type": "sms", "address": "+1", "target": "webhook"}),
        ("POST", "addresses", {"type": "sms", "address": "+1", "target": "webhook", "webhook_url": "ftp://x"}),
        ("POST", "addresses", {"type": "sms", "address": "+1", "target": "none", "enabled": "perhaps"}),
        ("GET", "executions?status=gone", None),
        ("GET", "executions?contact=%00", None),
    ],
)
def test_refuses_what_a_browser_should_not_send(account: Account, flow: Any, method: str, path: str, body: Any) -> None:
    admin = Browser(account)
    admin.client.raise_request_exception = False

    if isinstance(body, bytes):
        status, answer = read(admin.client.generic(method, f"/app/v1/{path}", body, content_type="application/json"))
    else:
        status, answer = admin.send(method, path.format(sid=flow["sid"]), body)

    assert status == 400, answer
    assert {"code", "message", "status"} <= set(answer)
    assert FlowRevision.objects.count() == 1
