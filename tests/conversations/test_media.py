"""The media store: what is kept, as what, and who gets it back in which form."""

from __future__ import annotations

import asyncio
import base64
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import AsyncClient, Client

from common import clock
from common.errors import ApiError, BadParameter, NotFound
from config import settings as config_settings
from conversations import services
from conversations.errors import MediaRefused, MediaTooLarge
from conversations.models import MediaFile, Message
from conversations.services import media
from conversations.services.sniffing import sniff
from tests.buckets import KEYS, REGION, buckets
from tests.factories import make_account

pytestmark = pytest.mark.django_db
Drain = Callable[[], int]

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01" + bytes(40)


def docx() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    return held.getvalue()


@pytest.mark.parametrize(
    ("head", "declared", "filename", "kind"),
    [
        (PNG, "image/png", "a.png", "image/png"),
        (PNG, "text/html", "evil.html", "image/png"),
        (JPEG, "", "", "image/jpeg"),
        (b"%PDF-1.7\n%\xe2\xe3", "", "", "application/pdf"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(20), "", "", "video/mp4"),
        (b"OggS\x00\x02" + bytes(22) + b"\x01\x13OpusHead", "", "", "audio/ogg"),
        (b"#!AMR\n\x3c", "", "", "audio/amr"),
        (b"ID3\x03\x00\x00\x00\x00\x00\x0f", "audio/mpeg", "", "audio/mpeg"),
        (docx(), "", "x.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "image/png", "cat.png", "text/html"),
        (b" \n<html><body>", "text/plain", "a.txt", "text/html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "image/png", "a.png", "image/svg+xml"),
        (b"hello there", "image/jpeg", "a.jpg", "text/plain"),
        (b"a,b\n1,2\n", "text/csv", "a.csv", "text/csv"),
        (b"\x00\x01\x02\x03 nothing known", "image/png", "a.png", "application/octet-stream"),
    ],
)
def test_a_file_is_what_its_bytes_say(head: bytes, declared: str, filename: str, kind: str) -> None:
    assert sniff(head, declared=declared, filename=filename) == kind


def test_keeps_a_file_and_gives_it_back() -> None:
    account = make_account()

    row = media.store(
        account_id=account.id,
        content=io.BytesIO(PNG),
        filename="../../etc/cat.png",
        declared_type="x/y",
        now=clock.now(),
    )

    assert (row.state, row.content_type, row.filename, row.size) == ("stored", "image/png", "cat.png", len(PNG))
    with media.open(row) as file:
        assert file.read() == PNG


@pytest.mark.parametrize(("size", "refusal"), [(0, MediaRefused), (3 * 1024 * 1024 + 1, MediaTooLarge)])
def test_refuses_what_is_empty_or_too_large_and_leaves_nothing(
    size: int, refusal: type[ApiError], settings: Any
) -> None:
    settings.MEDIA_MAX_BYTES = 3 * 1024 * 1024
    account = make_account()

    with pytest.raises(refusal):
        media.store(account_id=account.id, content=io.BytesIO(b"\x07" * size), now=clock.now())

    assert not MediaFile.objects.exists()
    assert not list((settings.DATA_DIR / "media" / account.id.hex).rglob("*.*"))


def fetch(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """GET as the server does, asynchronously."""

    async def get() -> tuple[int, dict[str, str], bytes]:
        answer = await AsyncClient().get(url.removeprefix("http://testserver"), headers=headers)
        body = b"".join([part async for part in answer]) if answer.streaming else answer.content
        return answer.status_code, dict(answer.headers), body

    return asyncio.run(get())


def make(content: bytes, **more: Any) -> tuple[MediaFile, str]:
    row = media.store(account_id=make_account().id, content=content, now=clock.now(), **more)
    return row, media.signed_url(row.sid, until=clock.now() + timedelta(hours=1), filename=row.filename)


@pytest.mark.django_db(transaction=True)
def test_a_browser_shows_pictures_and_runs_nothing() -> None:
    _, picture = make(PNG, filename="cat.png")
    _, page = make(b"<html><script>alert(1)</script>", filename="cat.html", declared_type="image/png")

    shown, run = fetch(picture), fetch(page)

    assert (shown[0], shown[1]["Content-Type"], shown[2]) == (200, "image/png", PNG)
    assert shown[1]["Content-Disposition"] == 'inline; filename="cat.png"'
    assert (run[1]["Content-Type"], run[1]["Content-Disposition"]) == (
        "application/octet-stream",
        'attachment; filename="cat.html"',
    )
    for _, headers, _ in (shown, run):
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("asked", "status", "told", "body"),
    [
        ("bytes=0-3", 206, "bytes 0-3/{size}", PNG[:4]),
        ("bytes=-4", 206, "bytes {last}-{end}/{size}", PNG[-4:]),
        ("bytes=99999-", 416, "bytes */{size}", b""),
        ("bytes=5-2", 416, "bytes */{size}", b""),
        ("pages=1", 200, None, PNG),
    ],
)
def test_gives_parts(asked: str, status: int, told: str | None, body: bytes) -> None:
    _, url = make(PNG)

    got = fetch(url, Range=asked)

    size = len(PNG)
    assert (got[0], got[2]) == (status, body)
    assert got[1].get("Content-Range") == (told and told.format(size=size, last=size - 4, end=size - 1))


@pytest.mark.django_db(transaction=True)
def test_an_address_holds_for_its_file_and_its_time_only() -> None:
    row, url = make(PNG)
    other, _ = make(JPEG)
    ended = media.signed_url(row.sid, until=clock.now() - timedelta(seconds=1))
    forged = url[:-1] + ("A" if url[-1] != "A" else "B")

    answers = [
        fetch(each)[0] for each in (url, url.replace(row.sid, other.sid), ended, forged, f"/media/v1/{row.sid}/1")
    ]

    assert answers == [200, 404, 410, 404, 404]


def test_forgets_uploads_that_nobody_sent(drain: Drain, time_machine: Any) -> None:
    account = make_account()
    conversation = services.begin_conversation(
        account_id=account.id, what=services.ConversationChange(), now=clock.now()
    )
    used, unused = (media.store(account_id=account.id, content=PNG, now=clock.now()) for _ in range(2))
    say(conversation.id, media.items_of(account_id=account.id, conversation_id=conversation.id, sids=[used.sid]))

    time_machine.move_to(clock.now() + timedelta(hours=25))
    drain()

    assert list(MediaFile.objects.values_list("id", "conversation_id")) == [(used.id, conversation.id)]
    with pytest.raises(NotFound):
        media.open(unused)


def say(conversation_id: Any, items: list[dict[str, Any]]) -> Message:
    stored = services.add_message(
        services.NewMessage(conversation_id=conversation_id, source="api", author="x", body="", media=items),
        now=clock.now(),
    )
    return stored.message


@pytest.mark.parametrize("what", ["medium", "message", "conversation"])
def test_deleting_deletes_the_bytes_too(what: str, drain: Drain) -> None:
    account = make_account()
    conversation = services.begin_conversation(
        account_id=account.id, what=services.ConversationChange(), now=clock.now()
    )
    row = media.store(account_id=account.id, content=PNG, now=clock.now())
    message = say(
        conversation.id, media.items_of(account_id=account.id, conversation_id=conversation.id, sids=[row.sid])
    )

    if what == "medium":
        services.remove_medium(message_id=message.id, number=0, now=clock.now())
    elif what == "message":
        services.remove_message(message_id=message.id)
    else:
        services.delete_conversation(conversation_id=conversation.id, now=clock.now())
    drain()

    assert not MediaFile.objects.exists()
    with pytest.raises(NotFound):
        media.open(row)


def test_another_conversation_cannot_use_a_file() -> None:
    account, other = make_account(), make_account()
    first, second = (
        services.begin_conversation(account_id=account.id, what=services.ConversationChange(), now=clock.now())
        for _ in range(2)
    )
    row = media.store(account_id=account.id, conversation_id=first.id, content=PNG, now=clock.now())

    for account_id, conversation_id in ((account.id, second.id), (other.id, first.id)):
        with pytest.raises(BadParameter):
            media.items_of(account_id=account_id, conversation_id=conversation_id, sids=[row.sid])


def test_programs_upload_and_send(client: Client) -> None:
    account = make_account()
    basic = base64.b64encode(f"{account.sid}:{account.auth_token}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}"}
    service = "IS" + account.id.hex

    made = client.post(
        f"/mcs/v1/Services/{service}/Media?Filename=cat.png", data=PNG, content_type="image/png", headers=headers
    )
    conversation = client.post("/conversations/v1/Conversations", headers=headers).json()
    said = client.post(
        f"/conversations/v1/Conversations/{conversation['sid']}/Messages",
        data=f"MediaSid={made.json()['sid']}",
        content_type="application/x-www-form-urlencoded",
        headers=headers,
    )

    assert made.status_code == 201
    assert said.json()["media"] == [
        {"sid": made.json()["sid"], "size": len(PNG), "content_type": "image/png", "filename": "cat.png"}
    ]
    found = client.get(f"/mcs/v1/Services/{service}/Media/{made.json()['sid']}", headers=headers).json()
    assert (found["channel_sid"], found["message_sid"]) == (conversation["sid"], said.json()["sid"])
    assert client.get(f"{found['url']}/Content", headers=headers).status_code == 302
    assert client.get(f"/mcs/v1/Services/{service}/Media/{found['sid']}").status_code == 401
    unknown = client.post(
        f"/conversations/v1/Conversations/{conversation['sid']}/Messages",
        data="MediaSid=ME" + "0" * 32,
        content_type="application/x-www-form-urlencoded",
        headers=headers,
    )
    assert (unknown.status_code, unknown.json()["code"]) == (400, 20001)


@pytest.fixture
def bucket(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    """The store in a bucket of a server that speaks S3; returns what lies in it."""
    with buckets("media") as served:
        for name, value in KEYS.items():
            monkeypatch.setenv(name, value)
        changed = replace(
            config_settings.ENV, media_s3_bucket="media", media_s3_endpoint=served.endpoint, media_s3_region=REGION
        )
        monkeypatch.setattr("config.settings.ENV", changed)
        settings.STORAGES = {**settings.STORAGES, "media": config_settings._media_storage()}
        yield lambda: served.names("media")


@pytest.mark.django_db(transaction=True)
def test_keeps_files_in_s3_by_a_setting(bucket: Callable[[], list[str]], drain: Drain) -> None:
    row, url = make(PNG, filename="cat.png")

    shown, part = fetch(url), fetch(url, Range="bytes=1-3")
    kept = bucket()
    media.forget(media_id=row.id)
    drain()

    assert kept == [row.path]
    assert (shown[0], shown[2]) == (200, PNG)
    assert (part[0], part[2]) == (206, PNG[1:4])
    assert bucket() == []
