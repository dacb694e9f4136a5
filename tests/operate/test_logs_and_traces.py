"""Log lines name whose they are; a message's way is one trace."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import transaction
from django.test import Client
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from channels_app.adapters.values import OutboundMessage
from channels_app.delivery import drain as delivery
from channels_app.delivery import exchange
from channels_app.delivery.jobs import Job, Later, Recipient
from channels_app.services import create_connection
from common import clock, events, ids, logs
from common.models import OutboxEntry
from config import env
from config.env import WrongSetting
from config.operate import figures, tracing
from conversations.models import Message
from conversations.services import receive_messages
from flows.events import ExecutionEnded
from tests.factories import OURS, inbound, make_account, publish_flow
from tests.flows.definitions import greeting
from tests.sdk import basic


@pytest.fixture(autouse=True)
def nothing_bound() -> Iterator[None]:
    token = logs._names.set(None)
    yield
    logs._names.reset(token)


def record(message: str = "It %s", *given: Any, exception: bool = False) -> logging.LogRecord:
    try:
        raise ValueError("oh") if exception else KeyError
    except Exception as error:
        told = (type(error), error, error.__traceback__) if exception else None
    made = logging.LogRecord("flows.runtime", logging.WARNING, "x.py", 1, message, given, told)
    assert logs.Names().filter(made)
    return made


def test_a_line_ends_with_what_it_is_about() -> None:
    with logs.bound(request="r1", conversation="CH1"):
        with logs.bound(execution="FN1"):
            inner = record("It %s", "failed")
        outer = record("after")

    assert logs.Line().format(inner).endswith("flows.runtime It failed [request=r1 conversation=CH1 execution=FN1]")
    assert logs.Line().format(outer).endswith("after [request=r1 conversation=CH1]")
    assert logs.Line().format(record("alone")).endswith("flows.runtime alone")


def test_json_lines_have_the_same_as_fields() -> None:
    with logs.bound(account="AC1", execution="FN1"):
        told = json.loads(logs.Json().format(record("It %s", "fell\nover", exception=True)))

    assert (told["level"], told["logger"], told["message"]) == ("WARNING", "flows.runtime", "It fell\nover")
    assert (told["account"], told["execution"]) == ("AC1", "FN1")
    assert "ValueError: oh" in told["exception"]
    assert told["time"].endswith("+00:00")


def test_a_text_that_is_no_text_is_logged_all_the_same() -> None:
    line = logs.Json().format(record("from %s", "a\ud800b"))

    assert "\n" not in line
    assert json.loads(line)["message"] == "from a?b"


@pytest.mark.parametrize(("given", "kept"), [("abc-1.2_3", True), ("", False), ("a" * 65, False), ("a\nb", False)])
def test_a_request_keeps_an_id_that_is_fit_to_be_logged(given: str, kept: bool) -> None:
    assert (logs.request_id(given) == given) is kept
    assert len(logs.request_id(given)) <= 64


def test_every_answer_carries_the_requests_id(asgi: ModuleType) -> None:
    sent: list[Any] = []

    async def ask() -> dict[str, Any]:
        scope = {
            "type": "http",
            "method": "PUT",
            "path": "/webhooks/CN1",
            "query_string": b"",
            "headers": [(b"x-request-id", b"from-the-proxy")],
        }

        async def receive() -> dict[str, Any]:
            return {"type": "http.request"}

        async def send(event: dict[str, Any]) -> None:
            sent.append(event)

        await asgi.http(scope, receive, send)
        return logs.current()

    names = async_to_sync(ask)()

    assert (b"x-request-id", b"from-the-proxy") in sent[0]["headers"]
    assert names["request"] == "from-the-proxy"


@pytest.mark.django_db
def test_lines_of_a_rest_call_name_its_account(monkeypatch: pytest.MonkeyPatch) -> None:
    account = make_account()
    seen: list[dict[str, str]] = []
    monkeypatch.setattr("flows.queries.flows", lambda *_: seen.append(logs.current()) or 1 / 0)
    headers = {"Authorization": basic(account.sid, account.auth_token)}

    Client(raise_request_exception=False).get("/studio/v2/Flows", headers=headers)

    assert seen[0]["account"] == account.sid


def test_an_execution_that_ends_with_a_fault_is_a_line_with_its_ids(caplog: pytest.LogCaptureFixture) -> None:
    keys = [ids.uuid7() for _ in range(4)]
    ended = ExecutionEnded(
        account_id=keys[0], flow_id=keys[1], execution_id=keys[2], conversation_id=keys[3], error="Too many steps"
    )
    seen: list[dict[str, str]] = []
    handler = logging.Handler()
    handler.emit = lambda _: seen.append(logs.current())  # type: ignore[method-assign]
    figures.logger.addHandler(handler)
    try:
        figures._count_ended([ended])
    finally:
        figures.logger.removeHandler(handler)

    assert seen == [
        {
            "account": ids.sid("AC", keys[0]),
            "conversation": ids.sid("CH", keys[3]),
            "execution": ids.sid("FN", keys[2]),
        }
    ]
    assert "Too many steps" in caplog.text


def test_a_message_that_cannot_be_sent_is_a_line_with_its_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    account_id, conversation_id, message_id, participant_id = (ids.uuid7() for _ in range(4))
    message = OutboundMessage(idempotency_key="k", sender=OURS, recipient="+15551230001", body="Hello")
    recipient = Recipient(participant_id=participant_id, message=message, sender=None)
    job = Job(OutboxEntry(), account_id, conversation_id, message_id, (recipient,))
    seen: list[dict[str, str]] = []
    monkeypatch.setattr(exchange.logger, "exception", lambda *_: seen.append(logs.current()))
    monkeypatch.setattr(exchange.Courier, "_send", lambda *_: 1 / 0)

    outcome = async_to_sync(exchange.Courier(clock.now).carry)(job)

    assert [type(sent.outcome) for sent in outcome.sent] == [Later]
    assert seen == [
        {
            "account": ids.sid("AC", account_id),
            "conversation": ids.sid("CH", conversation_id),
            "message": ids.sid("IM", message_id),
        }
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [("FLOWDESK_LOG_FORMAT", "xml"), ("FLOWDESK_TRACES", "collector:4318"), ("FLOWDESK_TRACES", "http://")],
)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(WrongSetting, match=name):
        env.read()


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What a collector would be sent; announcements are heard inside the test's transaction."""
    monkeypatch.setattr(transaction, "on_commit", lambda function, using=None, robust=False: function())
    handlers = {kind: list(found) for kind, found in events._handlers.items()}
    exporter = InMemorySpanExporter()
    tracing.begin(SimpleSpanProcessor(exporter))
    yield exporter
    tracing._tracer = None
    events._handlers.clear()
    events._handlers.update(handlers)


@pytest.mark.django_db
def test_a_messages_way_is_one_trace(spans: InMemorySpanExporter, drain: Callable[[], int]) -> None:
    account = make_account()
    create_connection(account_id=account.id, type="sms", provider="sandbox", address=OURS, now=clock.now())
    publish_flow(account, greeting("Hello"))

    for sender in ("+15551230001", "+15551230002"):
        receive_messages([inbound(account, "Hi", sender=sender)], now=clock.now())
    delivery.use(delivery.inline_sender())
    drain()
    delivery.use(None)

    questions = list(Message.objects.filter(source="customer"))
    assert len(questions) == 2
    for question in questions:
        answer = Message.objects.get(conversation=question.conversation, source="flow")
        mine = {span.name: span for span in spans.get_finished_spans() if span.context.trace_id == question.id.int}
        assert set(mine) == {"message received", "answer by flow", "message delivered"}
        root, said, done = mine["message received"], mine["answer by flow"], mine["message delivered"]
        assert root.parent is None
        assert said.parent.span_id == root.context.span_id
        assert done.parent.span_id == said.context.span_id
        assert done.attributes["flowdesk.message"] == answer.sid
        assert said.attributes["flowdesk.conversation"] == question.conversation.sid
        assert root.start_time <= said.start_time <= said.end_time <= done.end_time


def test_nothing_is_traced_without_a_collector(settings: Any) -> None:
    settings.TRACES_URL = ""

    tracing.subscribe()

    assert tracing._tracer is None
    assert tracing.trace_messages not in [found for handlers in events._handlers.values() for found in handlers]
