"""Files and their bytes: kept as what they are, given back, and deleted with what named them."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import storages
from django.db import transaction

from common import ids, outbox
from common.errors import NotFound
from conversations.errors import MediaRefused, MediaTooLarge
from conversations.models import MediaFile
from conversations.services.sniffing import HEAD_BYTES, sniff

TOPIC = "conversations.media"
# How long somebody may take to send what they uploaded.
UNCLAIMED = timedelta(hours=24)
_BATCH = 50


def store(
    *,
    account_id: UUID,
    content: bytes | IO[bytes],
    now: datetime,
    filename: str = "",
    declared_type: str = "",
    conversation_id: UUID | None = None,
    author: str = "",
    max_bytes: int | None = None,
) -> MediaFile:
    """
    Keep a file; its type is what its bytes say. One that no message names within a day is forgotten.

    ``max_bytes``: a bound below the installation's own (``settings.MEDIA_MAX_BYTES``).

    :raises MediaTooLarge: more bytes than that.
    :raises MediaRefused: no bytes at all.
    """
    key = ids.uuid7()
    path, size, kind = write_bytes(key, account_id, content, filename, declared_type, now, max_bytes)
    row = MediaFile(
        id=key,
        account_id=account_id,
        conversation_id=conversation_id,
        author=author[:256],
        content_type=kind,
        filename=clean_name(filename),
        size=size,
        path=path,
        created_at=now,
        updated_at=now,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            outbox.put(outbox.Entry(TOPIC, row.id, {}, due_at=now + UNCLAIMED, name="unclaimed"))
    except BaseException:
        storage().delete(path)
        raise
    return row


def open(row: MediaFile) -> IO[bytes]:
    """
    Open a kept file for reading.

    :raises NotFound: it is not kept (yet), or its bytes are gone.
    """
    if row.state != MediaFile.State.STORED:
        raise NotFound(f"medium {row.sid}")
    try:
        return storage().open(row.path, "rb")
    except FileNotFoundError as error:
        raise NotFound(f"medium {row.sid}") from error


def find(account_id: UUID, media_id: UUID) -> MediaFile:
    """
    Return one file.

    :raises NotFound: the account has none of this id.
    """
    row = MediaFile.objects.filter(account_id=account_id, id=media_id).first()
    if row is None:
        raise NotFound("medium")
    return row


def forget(
    *, message_id: UUID | None = None, conversation_id: UUID | None = None, media_id: UUID | None = None
) -> None:
    """Delete the files of a message, of a conversation, or one; their bytes go after the commit."""
    wanted = {"message_id": message_id, "conversation_id": conversation_id, "id": media_id}
    rows = MediaFile.objects.filter(**{name: value for name, value in wanted.items() if value is not None})
    found = list(rows.values_list("id", "path"))
    if not found:
        return
    outbox.put(*(outbox.Entry(TOPIC, key, {"path": path}, name="delete") for key, path in found if path))
    MediaFile.objects.filter(id__in=[key for key, _ in found]).delete()


def drain(now: datetime) -> int:
    """Delete bytes that nobody needs any more, and uploads that nobody sent; returns how many entries were handled."""
    with transaction.atomic():
        entries = outbox.claim(topic=TOPIC, now=now, limit=_BATCH)
        for entry in entries:
            path = entry.payload.get("path")
            if path is None:
                unclaimed = MediaFile.objects.filter(id=entry.key, message_id=None).first()
                if unclaimed is None:
                    continue
                path = unclaimed.path
                unclaimed.delete()
            # Before the commit: whoever comes after a crash finds nothing there, which is as good.
            storage().delete(path)
        outbox.done([entry.id for entry in entries])
    return len(entries)


def clean_name(filename: str) -> str:
    """Return a file's name without folders and control characters."""
    name = PurePosixPath(filename.replace("\\", "/")).name
    return "".join(character for character in name if character.isprintable())[-255:].strip(". ")


def write_bytes(
    key: UUID,
    account_id: UUID,
    content: bytes | IO[bytes],
    filename: str,
    declared: str,
    now: datetime,
    max_bytes: int | None,
) -> tuple[str, int, str]:
    """Write a file to the storage; returns its path, size and type."""
    most = min(max_bytes or settings.MEDIA_MAX_BYTES, settings.MEDIA_MAX_BYTES)
    source = _Bounded(io.BytesIO(content) if isinstance(content, bytes) else content, most)
    head = source.read(HEAD_BYTES)
    if not head:
        raise MediaRefused("The file is empty")
    kind = sniff(head, declared=declared, filename=filename)
    source.unread(head)
    path = f"{account_id.hex}/{now:%Y/%m}/{key.hex}"
    try:
        saved = storage().save(path, File(source, name=path))
    except MediaTooLarge:
        storage().delete(path)
        raise
    return saved, source.total, kind


class _Bounded(io.RawIOBase):
    """A stream of at most so many bytes; reading more is refused."""

    def __init__(self, inner: IO[bytes], most: int) -> None:
        self._inner = inner
        self._most = most
        self._ahead = b""
        self.total = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self._ahead:
            taken = self._ahead if size < 0 else self._ahead[:size]
            self._ahead = self._ahead[len(taken) :]
            return taken + (self.read(-1) if size < 0 else b"")
        got = self._inner.read(size if size >= 0 else self._most + 1) or b""
        self.total += len(got)
        if self.total > self._most:
            raise MediaTooLarge(self._most)
        return got

    def readinto(self, buffer: Any) -> int:
        got = self.read(len(buffer))
        buffer[: len(got)] = got
        return len(got)

    def unread(self, head: bytes) -> None:
        self._ahead = head + self._ahead

    @property
    def size(self) -> int:  # asked for by File.chunks
        raise AttributeError


def storage() -> Any:
    return storages["media"]
