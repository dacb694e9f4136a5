"""
The published flows' conversations, played through the real path: a provider's signed webhook in, a message at the
customer's phone out. What each says, the widgets it visits and how it ends must be what their scripts expect.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from asgiref.sync import async_to_sync

from accounts.models import Account
from channels_app import ingress
from channels_app.adapters.values import WebhookRequest
from channels_app.models import Connection, SandboxMessage
from channels_app.services import create_connection
from common import clock, ids
from common.api.errors import public_url
from common.signatures import sign
from flows import runtime
from flows.engine import events
from flows.engine.importer import import_definition
from flows.models import Execution, ExecutionStep, Flow
from flows.runtime import http as calls
from routing import queries as routing
from routing.models import Task
from routing.services import provision_workspace
from tests.factories import definition, make_account, publish_flow, state
from tests.shared_files import SHARED, shared_file

pytestmark = pytest.mark.django_db


def scenarios() -> list[Any]:
    path = SHARED / "flows" / "scenarios.json"
    if not path.exists():
        return [pytest.param(None, id="missing")]
    return [pytest.param(story, id=story["id"]) for story in json.loads(path.read_text())]


@pytest.mark.parametrize("story", scenarios())
def test_says_what_the_script_expects(
    story: dict[str, Any] | None, drain: Callable[[], int], inline_ingress: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if story is None:
        shared_file("flows/scenarios.json")
        return
    with time_machine.travel("2030-01-01T12:00:00Z", tick=False) as traveller:
        stage = Stage(story, drain, traveller, monkeypatch)
        stage.begin()
        for step in story["steps"]:
            stage.play(step)

        actual = {"sent": stage.sent(), "path": stage.path(), "outcome": stage.outcome()}

    assert actual == {key: story["expect"][key] for key in ("sent", "path", "outcome")}


class Stage:
    """An account with a sandbox sender, the story's flow behind it, and a customer's phone."""

    def __init__(
        self,
        story: dict[str, Any],
        drain: Callable[[], int],
        traveller: time_machine.Traveller,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self.story = story
        self.drain = drain
        self.traveller = traveller
        self.account: Account = make_account()
        provision_workspace(account_id=self.account.id, now=clock.now())
        self.customer, self.ours = story["trigger"]["from"], story["trigger"]["to"]
        if story["trigger"]["event"] == "incomingRequest":
            # By REST the flow speaks first: "to" is the customer.
            self.customer, self.ours = self.ours, self.customer
        self.connection: Connection = create_connection(
            account_id=self.account.id, type="sms", provider="sandbox", address=self.ours, now=clock.now()
        )
        self.flow = self._publish()
        monkeypatch.setattr(calls, "perform", self._answer)
        lease = calls.lease
        monkeypatch.setattr(calls, "lease", lambda now, limit: self._note(lease(now, limit)))
        self._answers = {
            name: list(given) if isinstance(given, list) else [given] for name, given in story.get("http", {}).items()
        }

    def _publish(self) -> Flow:
        content = import_definition(json.loads(shared_file(f"flows/{self.story['flow']}").read_text())).definition
        (workflow,) = routing.workflows(self.account.id)
        (channel,) = (row for row in routing.task_channels(self.account.id) if row.unique_name == "chat")
        for widget in content["states"]:
            if widget["type"] == "send-to-flex":
                # Their SIDs name things of their owners' accounts; an admin chooses ours on import.
                widget["properties"] |= {"workflow": workflow.sid, "channel": channel.sid}
        if self.story["trigger"]["event"] != "incomingParent":
            return publish_flow(self.account, content, address=self.ours)
        child = publish_flow(self.account, content, address=None)
        given = self.story["trigger"].get("parameters", {})
        parameters = [{"key": key, "value": value} for key, value in given.items()]
        call = state(
            "call",
            "run-subflow",
            {"completed": None, "failed": None},
            flow_sid=child.sid,
            flow_revision="LatestPublished",
            parameters=parameters,
        )
        return publish_flow(self.account, definition(call), address=self.ours)

    def begin(self) -> None:
        trigger = self.story["trigger"]
        if trigger["event"] == "incomingRequest":
            runtime.start(
                flow=self.flow,
                to=self.customer,
                from_=self.ours,
                parameters=trigger.get("parameters", {}),
                now=clock.now(),
            )
            self.drain()
        else:
            self.write(trigger.get("body", "hi"))

    def play(self, step: dict[str, Any]) -> None:
        if "in" in step:
            self.write(step["in"])
        else:
            execution = Execution.objects.get(status="active")
            assert execution.current_widget == step["timeout"]
            self.traveller.move_to(execution.session["wait"]["due_at"].replace("Z", "+00:00"))
            self.traveller.shift(1)
            self.drain()

    def write(self, body: str) -> None:
        """Let the customer write: a webhook in the sandbox's form, signed as the provider would."""
        form = {
            "MessageSid": ids.sid("SM", ids.uuid7()),
            "AccountSid": self.account.sid,
            "From": self.customer,
            "To": self.ours,
            "Body": body,
            "NumMedia": "0",
        }
        url = public_url(f"/webhooks/{self.connection.sid}")
        request = WebhookRequest(
            method="POST",
            url=url,
            headers={
                "content-type": "application/x-www-form-urlencoded",
                "x-twilio-signature": sign(url=url, parameters=list(form.items()), token=self.account.auth_token),
            },
            body=urlencode(form).encode(),
        )
        reply = async_to_sync(ingress.receive_webhook)(self.connection.sid, request)
        assert reply.status == 200, reply.body
        self.drain()

    def _note(self, leased: list[calls.Call]) -> list[calls.Call]:
        """Remember which widget made which call: the scripts name answers by widget."""
        self._widgets = {call.entry_id: Execution.objects.get(id=call.execution_id).current_widget for call in leased}
        return leased

    async def _answer(self, client: object, call: calls.Call) -> calls.Answered:
        given = self._answers[self._widgets[call.entry_id]]
        answer = given.pop(0) if len(given) > 1 else given[0]
        body = json.dumps(answer["json"]) if "json" in answer else answer.get("body", "")
        kind = answer.get("content_type", "application/json" if "json" in answer else "text/plain")
        event = events.HttpAnswered(call.command.ref, answer["status"], kind, body)
        return calls.Answered(call, event, ({"method": "POST", "url": call.command.url, "duration_ms": 1},))

    def sent(self) -> list[str]:
        rows = SandboxMessage.objects.filter(connection_id=self.connection.id, customer=self.customer, direction="in")
        return list(rows.order_by("id").values_list("body", flat=True))

    def path(self) -> list[str]:
        execution = Execution.objects.get()
        steps = ExecutionStep.objects.filter(execution=execution).order_by("seq")
        names = [name for name, kind in steps.values_list("name", "type") if kind != "run-subflow"]
        if execution.status == "active" and execution.current_widget:
            names.append(execution.current_widget)
        return names[1:] if self.story["trigger"]["event"] == "incomingParent" else names

    def outcome(self) -> str:
        execution = Execution.objects.get()
        if Task.objects.exists():
            return f"flex:{execution.current_widget}"
        if execution.status == "ended":
            return "ended"
        return f"waiting:{execution.current_widget}"
