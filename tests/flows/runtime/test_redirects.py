"""Redirects to TwiML elsewhere: asked as the platform asks, said once, followed, and brought back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl

import pytest
from twilio.request_validator import RequestValidator

from accounts.models import Account
from common import clock, http, signatures
from common.leases import LEASE_SECONDS
from common.models import OutboxEntry
from conversations.models import Conversation, Message
from conversations.services import close_conversation, receive_messages
from flows.models import Execution, Flow, HttpExchange
from flows.runtime import batch, return_url, sending
from flows.runtime import http as calls
from tests.factories import OURS, definition, inbound, make_account, publish_flow, state, texts
from tests.serving import serving

pytestmark = pytest.mark.django_db

CUSTOMER = "+15551230001"
OUT = "https://shop.test/twiml"


def redirecting(**properties: str) -> dict[str, Any]:
    return definition(
        state(
            "go",
            "add-twiml-redirect",
            {"return": "back", "timeout": "late", "fail": "bad"},
            **{"url": OUT, "method": "POST", "timeout": "600", **properties},
        ),
        state("back", "send-message", {"sent": None}, body="Back: {{widgets.go.order}}", **{"from": "x"}),
        state("late", "send-message", {"sent": None}, body="Late", **{"from": "x"}),
        state("bad", "send-message", {"sent": None}, body="Bad", **{"from": "x"}),
    )


class Shop:
    """A web that answers each address with what the test put there, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[http.HttpRequest] = []

    async def fetch(self, _: http.HttpClient, request: http.HttpRequest) -> http.HttpAnswer:
        self.asked.append(request)
        found = self.answers.get(request.url.partition("?")[0], (404, "text/html", "gone"))
        if isinstance(found, Exception):
            raise found
        status, kind, body = found if isinstance(found, tuple) else (200, "text/xml", found)
        return http.HttpAnswer(status, {"content-type": kind}, body.encode(), request.url, body == "huge")


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    made = Shop()

    async def fetch(self: http.HttpClient, request: http.HttpRequest) -> http.HttpAnswer:
        return await made.fetch(self, request)

    monkeypatch.setattr(http.HttpClient, "fetch", fetch)
    return made


@pytest.fixture
def account() -> Account:
    return make_account()


def talk(account: Account, *, body: str = "hi", **properties: str) -> tuple[Flow, Execution]:
    flow = publish_flow(account, redirecting(**properties))
    receive_messages([inbound(account, body)], now=clock.now())
    batch.drain(clock.now())
    return flow, Execution.objects.get()


def finish_calls() -> int:
    made = calls.make_due_calls(clock.now())
    batch.drain(clock.now())
    return made


def said() -> list[str]:
    return texts(Execution.objects.get().conversation_id)


def test_asks_with_the_fields_of_the_customers_message_signed(shop: Shop, account: Account) -> None:
    shop.answers[OUT] = "<Response><Message>Which size?</Message></Response>"
    flow, execution = talk(account, body="A shirt & more")

    finish_calls()

    (request,) = shop.asked
    form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
    assert (request.method, request.headers["Content-Type"].partition(";")[0]) == (
        "POST",
        "application/x-www-form-urlencoded",
    )
    assert (form["Body"], form["From"], form["To"]) == ("A shirt & more", CUSTOMER, OURS)
    assert (form["AccountSid"], form["FlowSid"], form["ExecutionSid"]) == (account.sid, flow.sid, execution.sid)
    assert form["MessageSid"] == execution.initiated_by
    assert request.headers[signatures.HEADER] == signatures.sign(
        url=OUT, parameters=form.items(), token=account.auth_token
    )
    assert said() == ["Which size?"]
    assert (Execution.objects.get().status, Execution.objects.get().waits_for) == ("active", "redirect")


def test_asks_by_get_with_the_fields_in_the_signed_address(shop: Shop, account: Account) -> None:
    talk(account, method="GET", url=OUT + "?a=1")

    finish_calls()

    (request,) = shop.asked
    address, _, query = request.url.partition("?")
    assert (request.method, address, request.body) == ("GET", OUT, b"")
    assert {"a": "1", "Body": "hi", "From": CUSTOMER}.items() <= dict(parse_qsl(query)).items()
    assert request.headers[signatures.HEADER] == signatures.sign(
        url=request.url, parameters=(), token=account.auth_token
    )


def test_tells_the_last_message_not_the_first(shop: Shop, account: Account) -> None:
    flow = redirecting()
    ask = state("ask", "send-and-wait-for-reply", {"incomingMessage": "go"}, body="?", timeout="60", **{"from": "x"})
    flow["states"][1:1] = [ask]
    flow["states"][0]["transitions"][0]["next"] = "ask"
    publish_flow(account, flow)
    for body in ("first", "second"):
        receive_messages([inbound(account, body)], now=clock.now())
        batch.drain(clock.now())

    finish_calls()

    assert dict(parse_qsl(shop.asked[0].body.decode()))["Body"] == "second"


def test_says_text_and_media_in_order_as_the_flow(shop: Shop, account: Account) -> None:
    shop.answers[OUT] = (
        "<Response><Message>One</Message><Message><Body>Two</Body><Media>/two.png</Media></Message></Response>"
    )
    talk(account)

    finish_calls()

    rows = Message.objects.filter(source="flow").order_by("index")
    assert [(row.body, row.author, [item["url"] for item in row.media]) for row in rows] == [
        ("One", OURS, []),
        ("Two", OURS, ["https://shop.test/two.png"]),
    ]


def test_takes_plain_text_for_a_message(shop: Shop, account: Account) -> None:
    shop.answers[OUT] = (200, "text/plain; charset=utf-8", " Grüße \n")
    talk(account)

    finish_calls()

    assert said() == ["Grüße"]


def test_says_nothing_twice_though_a_worker_died_before_it_finished(shop: Shop, account: Account) -> None:
    shop.answers[OUT] = "<Response><Message>Once</Message></Response>"
    talk(account)
    (held,) = calls.lease(clock.now(), 10)
    later = clock.now() + timedelta(seconds=LEASE_SECONDS + 1)
    (again,) = calls.lease(later, 10)
    client = http.HttpClient()

    first, second = (asyncio.run(calls.perform(client, call)) for call in (held, again))
    calls.finish([first])
    calls.finish([second])

    assert said() == ["Once"]
    assert HttpExchange.objects.count() == 1
    assert not OutboxEntry.objects.filter(topic=calls.HTTP_TOPIC).exists()


@pytest.mark.parametrize("vendor", [False, True])
def test_comes_back_by_the_flows_own_address(shop: Shop, account: Account, vendor: bool) -> None:
    flow, _ = talk(account)
    back = return_url(account.sid, flow.sid)
    if vendor:
        # An application written for the vendor may have the SIDs it had there built in.
        back = f"https://webhooks.twilio.com/v1/Accounts/AC{'1' * 32}/Flows/FW{'2' * 32}"
    shop.answers[OUT] = (
        f"<Response><Message>Thanks</Message><Redirect>{back}?FlowEvent=return&amp;order=77</Redirect></Response>"
    )

    finish_calls()

    assert said() == ["Thanks", "Back: 77"]
    execution = Execution.objects.get()
    outputs = execution.session["context"]["widgets"]["go"]
    assert (outputs["Body"], outputs["From"], "FlowEvent" in outputs) == ("hi", CUSTOMER, False)
    assert (execution.status, execution.error) == ("ended", "")
    assert len(shop.asked) == 1


def test_follows_to_other_addresses_and_tells_each(shop: Shop, account: Account) -> None:
    flow, execution = talk(account)
    back = return_url(account.sid, flow.sid)
    shop.answers[OUT] = '<Response><Message>1</Message><Redirect method="GET">next</Redirect></Response>'
    shop.answers["https://shop.test/next"] = (
        f"<Response><Message>2</Message><Redirect>{back}?FlowEvent=return&amp;order=8</Redirect></Response>"
    )

    finish_calls()

    assert said() == ["1", "2", "Back: 8"]
    rows = HttpExchange.objects.order_by("hop")
    assert [(row.hop, row.method, row.url.partition("?")[0], row.status_code, row.error) for row in rows] == [
        (0, "POST", OUT, 200, ""),
        (1, "GET", "https://shop.test/next", 200, ""),
    ]
    assert {row.step_seq for row in rows} == {execution.steps.get(name="go").seq}


def test_follows_five_addresses_and_no_more(shop: Shop, account: Account) -> None:
    shop.answers[OUT] = f"<Response><Message>again</Message><Redirect>{OUT}</Redirect></Response>"
    talk(account)

    finish_calls()

    assert said() == ["again"] * 6
    errors = list(HttpExchange.objects.order_by("hop").values_list("error", flat=True))
    assert errors == [""] * 5 + ["The TwiML redirects more than 5 times"]
    assert Execution.objects.get().waits_for == "redirect"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((500, "text/xml", "<Response/>"), "The target answered 500"),
        ((200, "text/xml", "<Response>"), "not well-formed"),
        ((200, "text/xml", '<!DOCTYPE x [<!ENTITY e "y">]><Response><Message>&e;</Message></Response>'), "DOCTYPE"),
        ((200, "application/json", "{}"), "application/json"),
        ((200, "text/xml", "huge"), "more than 65536 bytes"),
        (http.TargetRefused("10.0.0.1 is not reached"), "10.0.0.1 is not reached"),
        (http.RequestTimedOut("no answer within 10 s"), "no answer within 10 s"),
        ("<Response><Redirect>javascript:alert(1)</Redirect></Response>", ""),
        ("<Response><Say>Hi</Say></Response>", "<Say>"),
    ],
)
def test_waits_on_whatever_the_target_does_wrong(shop: Shop, account: Account, answer: Any, error: str) -> None:
    shop.answers[OUT] = answer
    talk(account)

    finish_calls()

    assert said() == []
    assert error in HttpExchange.objects.get(hop=0).error
    execution = Execution.objects.get()
    assert (execution.status, execution.current_widget, execution.waits_for) == ("active", "go", "redirect")


def test_does_not_come_back_to_another_flow(shop: Shop, account: Account) -> None:
    other = publish_flow(account, redirecting(), address=None)
    shop.answers[OUT] = (
        f"<Response><Redirect>{return_url(account.sid, other.sid)}?FlowEvent=return</Redirect></Response>"
    )
    talk(account)

    finish_calls()

    assert "another flow" in HttpExchange.objects.get().error
    assert Execution.objects.get(waits_for="redirect").status == "active"


def test_does_not_wait_with_a_timeout_of_zero_and_asks_all_the_same(shop: Shop, account: Account) -> None:
    shop.answers[OUT] = "<Response><Message>From there</Message></Response>"
    talk(account, timeout="0")

    finish_calls()

    assert said() == ["Late", "From there"]
    assert Execution.objects.get().status == "ended"
    assert HttpExchange.objects.get().step_seq == 2


def test_leaves_a_closed_conversation_in_peace(shop: Shop, account: Account) -> None:
    shop.answers[OUT] = "<Response><Message>Too late</Message></Response>"
    _, execution = talk(account)
    close_conversation(conversation_id=execution.conversation_id, reason="done", now=clock.now())

    finish_calls()

    assert said() == []
    assert not OutboxEntry.objects.filter(topic=calls.HTTP_TOPIC).exists()


def test_says_to_somebody_else_what_is_meant_for_them(shop: Shop, account: Account) -> None:
    shop.answers[OUT] = '<Response><Message to="+15559998888">The shop: a customer</Message></Response>'
    talk(account)

    finish_calls()
    sending.drain(clock.now())

    assert said() == []
    (other,) = Conversation.objects.exclude(customer_address=CUSTOMER)
    assert (other.customer_address, other.proxy_address, texts(other.id)) == (
        "+15559998888",
        OURS,
        ["The shop: a customer"],
    )


def test_bounds_the_messages_of_one_redirect(shop: Shop, account: Account) -> None:
    shop.answers[OUT] = "<Response>" + "<Message>x</Message>" * 40 + "</Response>"
    talk(account)

    finish_calls()

    assert len(said()) == 30
    assert "More than 30" in HttpExchange.objects.get().error


@pytest.fixture
def listener() -> Iterator[tuple[str, list[tuple[str, str, dict[str, str], str]]]]:
    """A real server that answers every request with a message: its address, and what it was asked."""
    asked: list[tuple[str, str, dict[str, str], str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer(dict(parse_qsl(body, keep_blank_values=True)))

        def _answer(self, form: dict[str, str]) -> None:
            asked.append((self.command, self.path, form, self.headers[signatures.HEADER]))
            body = "<Response><Message>Grüße</Message></Response>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    with serving(Handler) as url:
        yield url, asked


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/twiml", "/a b/ü?x=1&y=ä&z", "/?q={{trigger.message.Body}}#part"])
def test_signs_so_that_the_official_sdk_accepts_it(
    listener: Any, account: Account, settings: Any, method: str, path: str
) -> None:
    settings.HTTP_ALLOW = ["127.0.0.0/8"]
    base, asked = listener
    talk(account, body="Ä & ö + 5% \U0001f600", url=base + path, method=method)

    finish_calls()

    ((command, target, form, signature),) = asked
    assert command == method
    assert RequestValidator(account.auth_token).validate(base + target, form, signature)
    assert said() == ["Grüße"]


def test_comes_back_to_a_subflow_by_its_own_address(shop: Shop, account: Account) -> None:
    content = redirecting(url=OUT + "?flow={{flow.flow_sid}}")
    content["states"][0]["transitions"] = [{"event": "incomingParent", "next": "go"}]
    child = publish_flow(account, content, address=None)
    exits = {"completed": None, "failed": None}
    run = state("run", "run-subflow", exits, flow_sid=child.sid, flow_revision="LatestPublished", parameters=[])
    publish_flow(account, definition(run))
    shop.answers[OUT] = (
        f"<Response><Redirect>{return_url(account.sid, child.sid)}?FlowEvent=return&amp;order=3</Redirect></Response>"
    )
    receive_messages([inbound(account, "hi")], now=clock.now())
    batch.drain(clock.now())

    finish_calls()

    assert child.sid in shop.asked[0].url
    assert said() == ["Back: 3"]
    assert Execution.objects.get().error == ""
