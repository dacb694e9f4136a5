"""Files that customers send on the web chat."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from channels_app import services as channels
from channels_app.models import Connection
from common import clock
from common.limits import Buckets
from conversations import queries as conversations
from conversations import services
from conversations.models import MediaFile
from realtime import chats
from realtime.api import webchat
from tests.interactions.world import Desk
from tests.realtime.conftest import Socket

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)
ORIGIN = "https://shop.example"


@pytest.fixture
def chat(deployment_key: str) -> chats.Chat:
    return chats.start_chat(deployment_key=deployment_key, identity=None, pre_engagement=None, now=clock.now())


def upload(token: str, content: bytes, *, name: str = "cat.png", kind: str = "image/png") -> Any:
    headers = {"Authorization": f"Bearer {token}", "Origin": ORIGIN}
    return Client(headers=headers).post(f"/webchat/v1/files?filename={name}", content, content_type=kind)


def settings(desk: Desk, **values: Any) -> None:
    row = Connection.objects.get(account_id=desk.account.id, type="chat")
    channels.change_webchat(account_id=desk.account.id, connection_id=row.id, settings=values, now=clock.now())


def test_what_the_rules_refuse_is_not_kept(desk: Desk, chat: chats.Chat) -> None:
    settings(desk, file_types=["image/*"], max_file_bytes=1024)

    answers = [
        upload(chat.token, PNG),
        upload(chat.token, b"<script>alert(1)</script>"),  # calls itself a picture
        upload(chat.token, b"%PDF-1.7\n1 0 obj", name="a.pdf", kind="application/pdf"),
        upload(chat.token, PNG + b"\0" * 1024),
        upload(chat.token, b""),
        upload("nonsense", PNG),
    ]

    assert [answer.status_code for answer in answers] == [201, 400, 400, 413, 400, 401]
    assert all(answer.json()["message"] for answer in answers[1:])
    # What the widget has words for, in the customer's language.
    assert [answer.json().get("details") for answer in answers[1:4]] == [
        {"reason": "type"},
        {"reason": "type"},
        {"reason": "size", "most": 1024},
    ]
    assert answers[3].json()["message"] == "A file has at most 1 kB"
    assert all(answer["Access-Control-Allow-Origin"] == "*" for answer in answers)
    assert [row.content_type for row in MediaFile.objects.all()] == ["image/png"]
    settings(desk, files=False)
    assert upload(chat.token, PNG).status_code == 400
    settings(desk, files=True, origins=["https://other.example"])
    assert upload(chat.token, PNG).status_code == 403


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><script>alert(document.domain)</script>"
PROTECTING = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
ZIP = b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + b"\0" * 40


# Name, declared type, bytes; the type and the name that it is kept under.
HOSTILE = (
    # Markup is none of the three, whatever it calls itself: as bytes it runs nowhere.
    ("logo.svg", "image/svg+xml", SVG, "application/octet-stream", "logo.svg"),
    ("cat.png", "image/png", HTML, "application/octet-stream", "cat.png"),
    ("cat.html", "text/html", HTML, "application/octet-stream", "cat.html"),
    ("page.xhtml", "image/png", b" \n<html><body onload=alert(1)>", "application/octet-stream", "page.xhtml"),
    ("note.txt", "text/plain", b"\xef\xbb\xbf<script>alert(1)</script>", "application/octet-stream", "note.txt"),
    # A picture with a page behind it is a picture.
    ("both.html", "text/html", PNG + HTML, "image/png", "both.html"),
    # Archives are kept and never opened.
    ("42.zip", "application/zip", ZIP, "application/zip", "42.zip"),
    ("invoice.pdf.exe", "application/pdf", b"MZ\x90\0" + b"\0" * 60, "application/octet-stream", "invoice.pdf.exe"),
    # Names lead nowhere and deceive nobody.
    ("../../../etc/passwd", "image/png", PNG, "image/png", "passwd"),
    ("..%2F..%2Fboot.png", "image/png", PNG, "image/png", "boot.png"),
    ("C:%5CWindows%5Cwin.png", "image/png", PNG, "image/png", "win.png"),
    ("%00cat.png%0D%0AX-Evil: 1", "image/png", PNG, "image/png", "cat.pngX-Evil: 1"),
    ("photo%E2%80%AEgpj.exe", "image/png", PNG, "image/png", "photogpj.exe"),
    ("..", "image/png", PNG, "image/png", ""),
    ("a" * 300 + ".png", "image/png", PNG, "image/png", "a" * 251 + ".png"),
    ("%22><img src=x onerror=alert(1)>.png", "image/png", PNG, "image/png", '"><img src=x onerror=alert(1)>.png'),
)


def test_a_hostile_file_is_bytes_under_a_plain_name(
    desk: Desk, chat: chats.Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webchat, "_uploads", Buckets(per_second=100, burst=100))
    settings(desk, file_types=["image/*", "text/*", "application/*"])

    for name, declared, content, kept_as, kept_name in HOSTILE:
        answer = upload(chat.token, content, name=quote(name, safe="%"), kind=declared)
        assert answer.status_code == 201, (name, answer.content)
        row = MediaFile.objects.latest("id")
        assert row.filename == kept_name
        assert re.fullmatch(rf"{row.account_id.hex}/\d{{4}}/\d\d/{row.id.hex}", row.path)

        served = Client().get(urlsplit(answer.json()["url"]).path)
        assert async_to_sync(body_of)(served) == content
        assert {header: served.headers[header] for header in PROTECTING} == PROTECTING
        assert served.headers["Content-Type"] == kept_as, name
        disposition = served.headers["Content-Disposition"]
        assert disposition.startswith("inline" if kept_as == "image/png" else "attachment"), name
        assert "X-Evil" not in served.headers


async def body_of(answer: Any) -> bytes:
    return b"".join([part async for part in answer])


def test_a_chat_that_is_over_takes_no_files(chat: chats.Chat) -> None:
    services.close_conversation(conversation_id=chat.conversation_id, reason="API", now=clock.now())

    assert upload(chat.token, PNG).status_code == 409


async def test_a_file_is_sent_with_a_message_and_read_by_its_address(
    browser: Callable[..., Awaitable[Socket]], chat: chats.Chat, deployment_key: str, desk: Desk
) -> None:
    now = clock.now()
    row = services.media.store(
        account_id=desk.account.id,
        conversation_id=chat.conversation_id,
        content=PNG,
        filename="cat.png",
        now=now,
    )
    other = services.media.store(
        account_id=desk.account.id,
        conversation_id=desk.conversation().id,
        content=PNG,
        filename="x.png",
        now=now,
    )
    socket = await browser(f"/ws/webchat/?token={chat.token}&after=-1")

    await socket.say({"type": "message", "ref": "r1", "body": "", "media": [row.sid]})
    told = await socket.hear("message")

    (shown,) = told["media"]
    assert (shown["sid"], shown["content_type"], shown["filename"], shown["size"]) == (
        row.sid,
        "image/png",
        "cat.png",
        len(PNG),
    )
    assert shown["url"].startswith("http://testserver/media/v1/")
    assert [item["sid"] for item in conversations.messages(chat.conversation_id)[0].media] == [row.sid]
    for number, wrong in enumerate(([other.sid], ["ME" + "0" * 32], "x", [7], [])):
        await socket.say({"type": "message", "ref": f"w{number}", "body": "", "media": wrong})
        assert (await socket.hear("error"))["ref"] == f"w{number}"


def test_many_files_at_once_are_slowed_down(chat: chats.Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webchat, "_uploads", Buckets(per_second=0, burst=2))

    assert [upload(chat.token, PNG).status_code for _ in range(3)] == [201, 201, 429]
    assert json.loads(upload(chat.token, PNG).content)["message"] == "Too many files at once. Wait a moment."
