"""``/app/v1``: an agent sends files and reads them, as long as they may see the conversation."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from conversations.models import Conversation, MediaFile
from tests.interactions.world import Desk
from tests.realtime.test_console_api import logged_in, post
from tests.realtime.test_conversations_api import answer, path
from tests.standins.files import PNG

pytestmark = pytest.mark.django_db


def upload(client: Client, conversation: Conversation, content: bytes = PNG, **more: Any) -> Any:
    return client.post(path(conversation, "/media?filename=cat.png"), data=content, content_type="image/png", **more)


def test_an_agent_sends_a_picture(desk: Desk) -> None:
    _, user = desk.agent("Ana Agent")
    conversation = desk.conversation()
    answer(desk.offer(conversation), "accepted")
    agent = logged_in(user)

    kept = upload(agent, conversation)
    said = post(agent, path(conversation, "/messages"), {"body": "", "client_ref": "1", "media": [kept.json()["sid"]]})

    assert kept.status_code == 201, kept.json()
    assert said.json()["media"] == [kept.json()]
    assert kept.json() == {
        "sid": MediaFile.objects.get().sid,
        "url": f"/app/v1/media/{kept.json()['sid']}",
        "content_type": "image/png",
        "filename": "cat.png",
        "size": len(PNG),
        "state": "stored",
    }
    there = agent.get(kept.json()["url"])
    assert (there.status_code, there["Location"].startswith(f"/media/v1/{kept.json()['sid']}/")) == (302, True)


def test_nobody_else_reads_or_writes_it(desk: Desk) -> None:
    _, user = desk.agent("Ana Agent")
    _, stranger = desk.agent("Bo Agent")
    conversation, other = desk.conversation(), desk.conversation()
    answer(desk.offer(conversation), "accepted")
    kept = upload(logged_in(user), conversation).json()

    assert logged_in(stranger).get(kept["url"]).status_code == 404
    assert Client().get(kept["url"]).status_code == 401
    assert upload(logged_in(stranger), conversation).status_code == 404
    assert upload(logged_in(user), other).status_code == 404


def test_refuses_what_is_no_file(desk: Desk, settings: Any) -> None:
    settings.MEDIA_MAX_BYTES = 1024 * 1024
    _, user = desk.agent("Ana Agent")
    conversation = desk.conversation()
    answer(desk.offer(conversation), "accepted")
    agent = logged_in(user)

    large = upload(agent, conversation, bytes(1024 * 1024 + 1))
    empty = upload(agent, conversation, b"")
    form = agent.post(path(conversation, "/media"), data={"file": "x"})

    assert [each.status_code for each in (large, empty, form)] == [413, 400, 400]
    assert all(each.json()["message"] for each in (large, empty, form))
