"""``/app/v1/conversations``: finding a conversation again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from common import clock, ids
from conversations import services as conversations
from conversations.models import Conversation
from conversations.searching import search_conversations
from tests.interactions.world import Desk, make_desk
from tests.realtime.test_console_api import logged_in
from tests.realtime.test_work_api import APP, Agent

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture
def boss(desk: Desk) -> Client:
    return logged_in(desk.user("supervisor"))


def find(client: Client, **query: str) -> Any:
    answered = client.get(f"{APP}/conversations", query)
    assert answered.status_code == 200, answered.content
    return answered.json()


def sids(client: Client, **query: str) -> list[str]:
    return [each["sid"] for each in find(client, **query)["conversations"]]


def test_words_are_found_in_what_was_said_in_any_case_and_in_who_said_it(desk: Desk, boss: Client) -> None:
    carl, uta = desk.conversation(name="Carl Customer"), desk.conversation(name="Uta Überall")
    desk.say(carl, "My order 4711 (the TENT) never came")
    desk.say(carl, "Hello?")
    desk.say(uta, "Schöne Größe!")

    (found,) = find(boss, q="the tent)")["conversations"]
    assert (found["sid"], found["customer_name"], found["messages"]) == (carl.sid, "Carl Customer", 2)
    assert found["found"] == {
        "index": 0,
        "source": "customer",
        "author": carl.customer_address,
        "text": "My order 4711 (the TENT) never came",
    }
    assert sids(boss, q="SCHÖNE größe") == [uta.sid]
    assert sids(boss, q="überALL") == [uta.sid]
    assert find(boss, q="überall")["conversations"][0]["found"] is None
    assert sids(boss, q=carl.customer_address[-7:]) == [carl.sid]
    # Signs mean themselves.
    assert sids(boss, q="order .*") == sids(boss, q="4%") == []
    assert sids(boss) == [uta.sid, carl.sid]


def test_a_long_text_is_shown_around_the_words(desk: Desk, boss: Client) -> None:
    desk.say(desk.conversation(), f"{'before ' * 60}needle {'behind ' * 60}")
    text = find(boss, q="needle")["conversations"][0]["found"]["text"]
    assert "before needle behind" in text
    assert (text[0], text[-1], len(text) < 180) == ("…", "…", True)


def test_properties_narrow_what_is_found(desk: Desk, boss: Client) -> None:
    with time_machine.travel(NOON):
        old = desk.conversation(channel_type="whatsapp")
    with time_machine.travel(NOON + timedelta(days=2)):
        new = desk.conversation()
        conversations.close_conversation(conversation_id=new.id, reason="API", now=clock.now())
    ana = Agent(desk, "Ana Agent")
    ana.take(old)

    assert sids(boss, state="closed") == [new.sid]
    assert sids(boss, channel_type="whatsapp") == [old.sid]
    assert sids(boss, date_from="2026-01-06T00:00:00Z") == [new.sid]
    assert sids(boss, date_to="2026-01-06T00:00:00Z") == [old.sid]
    (had,) = find(boss, worker_sid=ana.worker.sid)["conversations"]
    assert (had["sid"], had["agents"]) == (old.sid, ["Ana Agent"])


def test_agents_find_what_they_had_and_nobody_finds_anothers(desk: Desk) -> None:
    mine, other = desk.conversation(), desk.conversation()
    ana = Agent(desk, "Ana Agent")
    ana.take(mine)
    assert sids(ana.client) == [mine.sid]
    assert sids(ana.client, worker_sid=Agent(desk, "Ben Agent").worker.sid) == [mine.sid]
    assert sids(logged_in(desk.user("agent"))) == []
    assert sids(logged_in(make_desk("Other").user("supervisor"))) == []
    assert other.sid not in sids(ana.client)


def test_pages_follow_one_another_also_where_nothing_was_found_in_one(desk: Desk, boss: Client) -> None:
    made = [desk.conversation() for _ in range(6)]
    for each in (made[0], made[5]):
        desk.say(each, "the needle")
    seen: list[Conversation] = []
    before, steps = None, 0
    while steps == 0 or before is not None:
        found = search_conversations(desk.account.id, words="needle", before=before, limit=1, look_through=2)
        seen += found.conversations
        before, steps = found.go_on_before, steps + 1
    assert [row.id for row in seen] == [made[5].id, made[0].id]
    assert 3 <= steps <= 5

    for _ in range(50):
        desk.conversation()
    first = find(boss)
    rest = find(boss, page_token=first["next_page_token"])
    assert (len(first["conversations"]), len(rest["conversations"]), rest["next_page_token"]) == (50, 6, None)
    assert rest["conversations"][-1]["sid"] == made[0].sid


@pytest.mark.parametrize(
    "query",
    [{"page_token": "2"}, {"state": "gone"}, {"worker_sid": "WK1"}, {"date_from": "yesterday"}, {"q": "x" * 201}],
)
def test_what_cannot_be_read_is_refused(boss: Client, query: dict[str, str]) -> None:
    answered = boss.get(f"{APP}/conversations", query)
    assert answered.status_code in (400, 404)
    assert answered.json()["message"]


def test_no_sign_breaks_the_search(desk: Desk, boss: Client) -> None:
    desk.say(desk.conversation(), "plain")
    for words in ("\\", "[", "(?i)", "\x00", "'; --", "😀", "%s", "{1}"):
        assert boss.get(f"{APP}/conversations", {"q": words}).status_code in (200, 400), words


def test_a_page_costs_the_same_however_many_it_shows(
    desk: Desk, boss: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        desk.say(desk.conversation(), f"hello {number}")
    find(boss)
    with django_assert_max_num_queries(16):
        assert len(find(boss, q="hello")["conversations"]) == 20
    assert ids.parse_or_none("CH", sids(boss, q="hello")[0])
