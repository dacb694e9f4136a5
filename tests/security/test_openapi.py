"""
Our own OpenAPI document holds: whatever it allows, and much that it does not, is answered as it says.

Schemathesis makes the requests; each runs in a transaction that is rolled back, so an example never sees another's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
import schemathesis
from django.conf import settings as settings_of_django
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from config.openapi import document
from tests import settings as test_settings
from tests.world import World, content_of, make_world

pytestmark = pytest.mark.django_db

CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]
# Making examples takes the time, not answering them; on PostgreSQL one each shows what that database alone refuses.
EXAMPLES = 2 if test_settings.BACKEND == "sqlite" else 1
# The same views under a second address.
SECOND = ("/conversations/v1/Services/{service_sid}/", ".json")
SESSION = settings_of_django.SESSION_COOKIE_NAME


@pytest.fixture
def world(drain: Callable[[], int]) -> World:
    return make_world("First", drain)


# One for all: each new one begins Django's handler anew.
caller = Client(raise_request_exception=False)


def call(world: World, case: Any) -> Response:
    """Send an example in this process, on the test's own connection."""
    sent = requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
    is_app = (sent.path_url or "").startswith("/app/")
    unwanted = ("host", "content-length", "cookie", "authorization")
    headers = {name: value for name, value in sent.headers.items() if name.lower() not in unwanted}
    kind = headers.pop("Content-Type", "")
    caller.cookies.clear()
    caller.cookies[SESSION] = world.browser.cookies[SESSION].value
    answer = caller.generic(
        sent.method or "",
        sent.path_url,
        sent.body or b"",
        content_type=kind,
        headers=headers | ({} if is_app else world.headers),
    )
    content = content_of(answer)
    told = {name.lower(): [value] for name, value in answer.headers.items()}
    return Response(answer.status_code, told, content, sent, elapsed=0.0, verify=False)


@pytest.mark.parametrize("part", range(4))
def test_holds_what_it_says(world: World, part: int) -> None:
    """No 500, no undocumented status, no answer of another shape; with the account's own SIDs or with others."""
    whole = document.whole()
    schema = schemathesis.openapi.from_dict(whole)
    operations = sorted(
        (path, method)
        for path, each in whole["paths"].items()
        for method in each
        if SECOND[0] not in path and not path.endswith(SECOND[1])
    )
    wrong: list[str] = []
    for number, (path, method) in enumerate(operations[part::4]):
        operation = schema[path][method.upper()]
        filled = world.fill(path.replace("{", "<str:").replace("}", ">")) if "{" in path else path
        own = dict(zip(path.split("/"), filled.split("/"), strict=True))
        names = {name.removesuffix(".json").strip("{}"): value.removesuffix(".json") for name, value in own.items()}
        # What is not allowed is tried on every sixth: making it takes most of the time.
        modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE][: 2 if number % 6 == 0 else 1]
        wrong += filter(None, (try_out(world, operation, names, mode) for mode in modes))

    assert not wrong, "\n\n".join(wrong)


def try_out(world: World, operation: Any, own: dict[str, str], mode: GenerationMode) -> str:
    """Send examples to one operation; returns what went wrong with one of them, or nothing."""
    cases = operation.as_strategy(generation_mode=mode)

    @seed(20261129)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, is_own=st.sampled_from([True, True, False]))
    def run(case: Any, is_own: bool) -> None:
        if is_own:
            case.path_parameters = {name: own.get(name, value) for name, value in (case.path_parameters or {}).items()}
        with transaction.atomic():
            try:
                answer = call(world, case)
                case.validate_response(answer, checks=CHECKS)
            finally:
                transaction.set_rollback(True)

    try:
        run()
    except Unsatisfiable:
        # There is nothing to be wrong in: no parameters.
        return ""
    except Exception as error:
        text = str(error) + "".join(str(each) for each in getattr(error, "exceptions", ()))
        return f"{operation.method.upper()} {operation.path}: {text[:1500]}"
    return ""


def test_is_served_and_says_who_may_call_what(client: Client) -> None:
    whole = client.get("/openapi.json").json()
    part = client.get("/taskrouter/v1/openapi.json").json()

    tasks = whole["paths"]["/taskrouter/v1/Workspaces/{workspace_sid}/Tasks"]
    form = tasks["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    assert set(part["paths"]) == {path for path in whole["paths"] if path.startswith("/taskrouter/v1/")}
    assert tasks["post"]["security"] == [{"basic": []}]
    assert {"Attributes", "WorkflowSid", "TaskChannel", "Priority", "Timeout"} <= set(form["properties"])
    assert {"201", "400", "401", "404", "413", "415"} <= set(tasks["post"]["responses"])
    listed = tasks["get"]["responses"]["200"]["content"]["application/json"]["schema"]["properties"]
    assert set(listed) == {"tasks", "meta"}
    assert listed["tasks"]["items"]["properties"]["assignment_status"]["enum"][0] == "pending"
    assert {parameter["name"] for parameter in tasks["get"]["parameters"]} >= {"Ordering", "PageSize", "workspace_sid"}
    assert whole["paths"]["/app/v1/flows"]["post"]["security"] == [{"session": []}]
