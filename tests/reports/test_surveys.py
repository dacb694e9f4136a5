"""Asking customers how it was: on every channel, and without losing what they write instead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from channels_app import services as channels
from common import clock
from conversations.errors import PairInUse
from conversations.models import Conversation, Message
from conversations.services import close_conversation, create_conversation, find_or_create_by_pair, receive_messages
from flows.models import Execution
from interactions import services as interactions
from realtime import tokens
from reports import figures, ratings, services
from reports.figures import Filters
from reports.goals import complete
from reports.models import Survey, SurveyRule
from reports.period import Period, read_zone
from tests.factories import OURS, definition, inbound, publish_flow, state
from tests.interactions.world import Desk, make_desk
from tests.supervision.conftest import Caller

pytestmark = pytest.mark.django_db

Drain = Callable[[], int]
CUSTOMER = "+15551230001"


@pytest.fixture
def desk(db: None) -> Desk:
    return make_desk()


def rule(desk: Desk, **given: Any) -> SurveyRule:
    values: dict[str, Any] = {
        "channel_type": "",
        "queue_id": None,
        "enabled": True,
        "mode": "built_in",
        "flow_id": None,
        "delay_seconds": 0,
        "expiry_seconds": 3600,
        "texts": {"": {"question": "1 to 5?", "thanks": "Thanks!"}},
        **given,
    }
    return services.save_rule(
        account_id=desk.account.id, rule_id=None, values=services.RuleValues(**values), actor="test", now=clock.now()
    )


def contact(desk: Desk, drain: Drain, *, end: bool = True) -> Conversation:
    """Return the conversation of a customer who wrote, whom an agent served."""
    (received,) = receive_messages([inbound(desk.account, "Hello", sender=CUSTOMER)], now=clock.now())
    conversation = Conversation.objects.get(id=received.conversation_id)
    reservation = desk.offer(conversation)
    answer(reservation, "accepted")
    if end:
        answer(reservation, "completed")
        drain()
    return conversation


def answer(reservation: Any, status: str) -> None:
    interactions.answer_reservation(
        reservation_id=reservation.id, worker_id=reservation.worker_id, status=status, now=clock.now()
    )


def write(desk: Desk, *bodies: str) -> Conversation:
    found = receive_messages([inbound(desk.account, body, sender=CUSTOMER) for body in bodies], now=clock.now())
    return Conversation.objects.get(id=found[-1].conversation_id)


def said(conversation: Conversation) -> list[tuple[str, str]]:
    rows = Message.objects.filter(conversation=conversation).order_by("index")
    return list(rows.values_list("source", "body"))


def greeting(desk: Desk) -> None:
    publish_flow(
        desk.account,
        definition(state("hi", "send-message", {"sent": None}, body="Hi {{trigger.message.Body}}", **{"from": ""})),
    )


def test_a_rating_is_kept_with_the_conversation_that_ended(desk: Desk, drain: Drain) -> None:
    rule(desk)
    worker, _ = desk.agent()
    ended = contact(desk, drain)
    greeting(desk)
    survey = Survey.objects.get()
    assert (survey.conversation_id, survey.status, survey.worker_id) == (ended.id, "asked", worker.id)
    asked_in = write(desk, "5")
    assert asked_in.id == survey.asked_in_id != ended.id
    drain()
    survey.refresh_from_db()
    assert (survey.status, survey.rating) == ("answered", 5)
    assert said(asked_in) == [("system", "1 to 5?"), ("customer", "5"), ("system", "Thanks!")]
    asked_in.refresh_from_db()
    assert asked_in.state == "closed"
    # A rating wakes no flow; the next message does, in a conversation of its own.
    assert Execution.objects.count() == 0
    again = write(desk, "And one more thing")
    assert again.id not in (ended.id, asked_in.id)
    drain()
    assert said(again) == [("customer", "And one more thing"), ("flow", "Hi And one more thing")]


def test_what_is_no_rating_is_an_ordinary_new_message(desk: Desk, drain: Drain) -> None:
    rule(desk)
    desk.agent()
    contact(desk, drain)
    greeting(desk)
    conversation = write(desk, "5 tents, please", "Are you there?")
    drain()
    assert Survey.objects.get().status == "passed_over"
    conversation.refresh_from_db()
    assert (conversation.state, conversation.held_for) == ("active", "")
    # Both went to the flow, in order, and once.
    assert said(conversation)[:3] == [
        ("system", "1 to 5?"),
        ("customer", "5 tents, please"),
        ("customer", "Are you there?"),
    ]
    assert ("flow", "Hi 5 tents, please") in said(conversation)
    drain()
    assert Execution.objects.filter(conversation_id=conversation.id).count() == 2


def test_what_follows_a_rating_at_once_is_not_lost(desk: Desk, drain: Drain) -> None:
    rule(desk)
    desk.agent()
    contact(desk, drain)
    greeting(desk)
    conversation = write(desk, "4", "But where is my parcel?")
    drain()
    assert (Survey.objects.get().status, Survey.objects.get().rating) == ("answered", 4)
    conversation.refresh_from_db()
    assert conversation.state == "active"
    assert said(conversation)[-1] == ("flow", "Hi But where is my parcel?")


def test_the_question_waits_and_expires(desk: Desk, drain: Drain) -> None:
    with time_machine.travel("2026-05-04 10:00:00+00:00", tick=False) as moment:
        rule(desk, delay_seconds=120)
        desk.agent()
        contact(desk, drain)
        assert Survey.objects.get().status == "scheduled"
        moment.shift(timedelta(seconds=121))
        drain()
        survey = Survey.objects.get()
        assert survey.status == "asked"
        moment.shift(timedelta(seconds=3601))
        drain()
        survey.refresh_from_db()
        assert survey.status == "expired"
        assert Conversation.objects.get(id=survey.asked_in_id).state == "closed"
        late = write(desk, "5")
        drain()
    survey.refresh_from_db()
    assert (survey.rating, late.id == survey.asked_in_id) == (None, False)


def test_a_customer_who_talks_again_is_not_asked(desk: Desk, drain: Drain) -> None:
    with time_machine.travel("2026-05-04 10:00:00+00:00", tick=False) as moment:
        rule(desk, delay_seconds=120)
        desk.agent()
        contact(desk, drain)
        again = write(desk, "Oh, and")
        moment.shift(timedelta(seconds=121))
        drain()
    assert Survey.objects.get().status == "skipped"
    assert said(again) == [("customer", "Oh, and")]


@pytest.mark.parametrize("how", ["find", "create"])
def test_whoever_needs_the_customer_has_them(desk: Desk, drain: Drain, how: str) -> None:
    rule(desk)
    desk.agent()
    ended = contact(desk, drain)
    pair = {"account_id": desk.account.id, "channel_type": "sms", "now": clock.now()}
    if how == "find":
        found = find_or_create_by_pair(**pair, address=CUSTOMER, proxy_address=ended.proxy_address, connection_id=None)
        assert found == Survey.objects.get().asked_in_id
        assert Conversation.objects.get(id=found).held_for == ""
    else:
        made = create_conversation(**pair, customer_address=CUSTOMER, proxy_address=ended.proxy_address)
        assert made.state == "active"
        with pytest.raises(PairInUse):
            create_conversation(**pair, customer_address=CUSTOMER, proxy_address=ended.proxy_address)
    greeting(desk)
    heard = write(desk, "Hello again")
    drain()
    assert said(heard)[-1] == ("flow", "Hi Hello again")


def test_nobody_is_asked_without_a_rule_or_an_agent(desk: Desk, drain: Drain) -> None:
    desk.agent()
    contact(desk, drain)
    rule(desk)
    alone = desk.conversation()
    close_conversation(conversation_id=alone.id, reason="API", now=clock.now())
    drain()
    assert Survey.objects.count() == 0


def test_a_flow_may_ask(desk: Desk, drain: Drain) -> None:
    asking = definition(
        state(
            "ask",
            "send-and-wait-for-reply",
            {"incomingMessage": "keep", "timeout": None, "deliveryFailure": None},
            body="How was {{flow.data.conversation_sid | slice: 0, 2}}?",
            timeout="3600",
            **{"from": ""},
        ),
        state(
            "keep",
            "set-variables",
            {"next": None},
            variables=[
                {"key": "rating", "value": "{{widgets.ask.inbound.Body}}"},
                {"key": "comment", "value": "by flow"},
            ],
        ),
    )
    flow = publish_flow(desk.account, asking, address=None)
    channels.create_connection(
        account_id=desk.account.id, type="sms", provider="sandbox", address=OURS, now=clock.now()
    )
    with time_machine.travel("2026-05-04 10:00:00+00:00", tick=False) as moment:
        rule(desk, mode="flow", flow_id=flow.id)
        desk.agent()
        contact(desk, drain)
        conversation = write(desk, "3")
        drain()
        assert said(conversation)[0] == ("flow", "How was CH?")
        moment.shift(timedelta(seconds=61))
        drain()
    survey = Survey.objects.get()
    assert (survey.status, survey.rating, survey.comment) == ("answered", 3, "by flow")


def test_a_web_chat_is_rated_in_the_widget(desk: Desk, drain: Drain) -> None:
    rule(desk, delay_seconds=600)
    desk.agent()
    conversation = desk.conversation(channel_type="chat")
    Conversation.objects.filter(id=conversation.id).update(proxy_address="")
    identity = conversation.customer_address
    token, _ = tokens.issue(
        account_id=desk.account.id, conversation_id=conversation.id, identity=identity, now=clock.now()
    )
    client = Client(headers={"authorization": f"Bearer {token}"})
    assert client.get("/webchat/v1/survey").json() == {"survey": None}
    reservation = desk.offer(conversation)
    answer(reservation, "accepted")
    answer(reservation, "completed")
    drain()
    assert client.get("/webchat/v1/survey").json()["survey"]["question"] == "1 to 5?"

    def rate(value: Any) -> Any:
        return client.post(
            "/webchat/v1/survey", {"rating": value, "comment": " Fine "}, content_type="application/json"
        )

    assert rate(6).status_code == 400
    assert rate(4).json() == {"thanks": "Thanks!"}
    survey = Survey.objects.get()
    assert (survey.status, survey.rating, survey.comment) == ("answered", 4, "Fine")
    assert client.get("/webchat/v1/survey").json() == {"survey": None}
    assert Client().get("/webchat/v1/survey").status_code == 401
    conversation.refresh_from_db()
    assert conversation.state == "closed"


def test_ratings_are_in_the_reports(desk: Desk, drain: Drain) -> None:
    rule(desk)
    worker, _ = desk.agent()
    contact(desk, drain)
    write(desk, "4")
    drain()
    now = clock.now()
    period = Period(now - timedelta(days=1), now + timedelta(days=1), read_zone("UTC"))
    told = figures.report(desk.account.id, period, "agent", complete({}), Filters())
    assert (told["totals"]["csat_asked"], told["totals"]["csat_answers"], told["totals"]["csat_avg"]) == (1, 1, 4.0)
    (row,) = told["rows"]
    assert (row["sid"], row["csat_percent"], row["accepted"]) == (worker.sid, 100.0, 1)


@pytest.mark.parametrize(
    ("body", "rating"),
    [
        ("5", 5), (" 3 ", 3), ("4!", 4), ("5/5", 5), ("2 / 5", 2), ("5 stars", 5), ("1 Stern", 1), ("(4)", 4), ("٤", 4),
        ("５", 5),
        ("5️⃣", 5), ("⭐⭐⭐⭐", 4), ("★★", 2), ("3 out of 5", 3),
        ("0", None), ("6", None), ("10", None), ("55", None), ("5 tents", None), ("", None), ("great", None),
        ("4, but my parcel is late", None), ("1-2", None), ("5" * 50, None), ("⭐⭐⭐⭐⭐⭐", None),
    ],
)  # fmt: skip
def test_only_ratings_are_ratings(body: str, rating: int | None) -> None:
    assert ratings.read_rating(body) == rating


def test_the_most_particular_rule_holds(desk: Desk) -> None:
    general = rule(desk)
    sms = rule(desk, channel_type="sms", enabled=False)
    queue = desk.workspace.task_queues.get()
    own = rule(desk, queue_id=queue.id)

    def chosen(channel: str, queue_id: Any) -> Any:
        found = services.surveys.rule_for(desk.account.id, channel_type=channel, queue_id=queue_id)
        return None if found is None else found.id

    assert chosen("chat", None) == general.id
    assert chosen("sms", None) is None
    assert chosen("sms", queue.id) == own.id
    assert sms.id is not None


def test_questions_are_asked_in_the_customers_language() -> None:
    texts = {"": {"question": "Well?"}, "de": {"question": "Nun?", "thanks": "Danke"}}
    assert ratings.words(texts, "de-AT") == ("Nun?", "Danke")
    assert ratings.words(texts, "fr") == ("Well?", ratings.THANKS)
    assert ratings.words({}, "") == (ratings.QUESTION, ratings.THANKS)


def test_admins_set_the_rules(desk: Desk) -> None:
    admin, supervisor = Caller(desk.user("admin")), Caller(desk.user("supervisor"))
    body = {"channel_type": "sms", "delay_seconds": 60, "texts": {"de": {"question": "Wie war es?"}}}
    status, made = admin("post", "reports/surveys", body)
    assert status == 201
    assert supervisor("get", "reports/surveys")[1]["rules"] == [made]
    assert supervisor("post", "reports/surveys", body)[0] == 403
    assert admin("post", "reports/surveys", body)[0] == 409
    path = f"reports/surveys/{made['sid']}"
    assert admin("put", path, {**body, "enabled": False})[1]["enabled"] is False
    for wrong in (
        {"channel_type": "pigeon"},
        {"queue_sid": "WQ" + "0" * 32},
        {"mode": "flow"},
        {"mode": "x"},
        {"expiry_seconds": 1},
        {"delay_seconds": -1},
        {"texts": []},
        {"texts": {"de": {"question": 3}}},
        {"texts": {"de": {"hello": ""}}},
    ):
        assert admin("put", path, {**body, **wrong})[0] == 400, wrong
    stranger = Caller(make_desk("Other").user("admin"))
    assert stranger("put", path, body)[0] == 404
    assert stranger("delete", path)[0] == 404
    assert admin("delete", path)[0] == 204
    assert admin("get", "reports/surveys")[1]["rules"] == []
