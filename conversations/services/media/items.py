"""The files of messages: those that were uploaded for one, and those that are still to be fetched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import IO, Any
from uuid import UUID

from django.db import transaction

from common import events, ids
from common.errors import BadParameter
from conversations.events import MediaUpdated
from conversations.models import Conversation, InternalMessage, MediaFile, Message
from conversations.services.media.keeping import clean_name, find, open, storage, store, write_bytes

MOST = 10  # of a message
Item = dict[str, Any]


def item(row: MediaFile) -> Item:
    """Return what a message holds of a file."""
    found: Item = {
        "sid": row.sid,
        "content_type": row.content_type,
        "filename": row.filename,
        "size": row.size,
    }
    if row.state != MediaFile.State.STORED:
        found["state"] = str(row.state)
    return found


def items_of(*, account_id: UUID, conversation_id: UUID, sids: Sequence[str]) -> list[Item]:
    """
    Return the items of uploaded files for a message of a conversation, in the given order.

    :raises BadParameter: too many, or one that is unknown here or belongs to another conversation.
    """
    wanted = list(dict.fromkeys(sids))
    if len(wanted) > MOST:
        raise BadParameter(f"A message has at most {MOST} media")
    keys = [ids.parse_or_none("ME", sid) for sid in wanted]
    rows = MediaFile.objects.filter(account_id=account_id).in_bulk([key for key in keys if key is not None])
    found = []
    for sid, key in zip(wanted, keys, strict=True):
        row = rows.get(key) if key is not None else None
        if row is None or row.conversation_id not in (None, conversation_id):
            raise BadParameter(f"MediaSid: there is no medium {sid[:40]} that this conversation may use")
        found.append(item(row))
    return found


def expect(items: Sequence[Mapping[str, Any]]) -> list[Item]:
    """Return the items of an inbound message: what a provider keeps becomes a file of ours that is still to come."""
    return [
        dict(item)
        if item.get("sid")
        else {
            "sid": ids.sid("ME", ids.uuid7()),
            "content_type": _text(item, "content_type")[:128] or "application/octet-stream",
            "filename": clean_name(_text(item, "filename")),
            "size": None,
            "state": str(MediaFile.State.PENDING),
            "source_url": _text(item, "url"),
        }
        for item in items
    ]


def claim(messages: Iterable[Message], connections: Mapping[UUID, UUID | None], *, now: datetime) -> None:
    """
    Tie the files that new messages name to them, and note what is to be fetched; part of the write of the messages.

    ``connections``: through which connection each message came, by its id.
    """
    expected = []
    for message in messages:
        named = []
        for held in message.media:
            key = ids.parse_or_none("ME", _text(held, "sid"))
            if key is None:
                continue
            source = held.pop("source_url", None)
            if source is None:
                named.append(key)
                continue
            expected.append(
                MediaFile(
                    id=key,
                    account_id=message.account_id,
                    conversation_id=message.conversation_id,
                    message_id=message.id,
                    author=message.author,
                    state=MediaFile.State.PENDING,
                    content_type=held["content_type"],
                    filename=held["filename"],
                    source_url=source,
                    connection_id=connections.get(message.id),
                    created_at=now,
                    updated_at=now,
                )
            )
        if named:
            tie(named, owner=message, now=now)
    if expected:
        MediaFile.objects.bulk_create(expected)


def tie(media_ids: Sequence[UUID], *, owner: Message | InternalMessage, now: datetime) -> None:
    """Have uploads belong to the message, or the note, that names them; the first one keeps them."""
    files = MediaFile.objects.filter(account_id=owner.account_id, id__in=media_ids, message_id=None)
    files.update(message_id=owner.id, conversation_id=owner.conversation_id, updated_at=now)


def keep_for(media_ids: Sequence[UUID], *, account_id: UUID, owner_id: UUID, now: datetime) -> None:
    """Have uploads that are for no conversation belong to a row elsewhere, which keeps them until ``forget``."""
    files = MediaFile.objects.filter(account_id=account_id, id__in=media_ids, message_id=None, conversation_id=None)
    files.update(message_id=owner_id, updated_at=now)


def copy_to(
    media_ids: Sequence[UUID], *, account_id: UUID, conversation_id: UUID, author: str, now: datetime
) -> list[MediaFile]:
    """
    Return copies of files, in the given order, for a message of a conversation.

    :raises NotFound: one of them is not there (any more).
    """
    made = []
    for row in [find(account_id, media_id) for media_id in media_ids]:
        with open(row) as content:
            made.append(
                store(
                    account_id=account_id,
                    conversation_id=conversation_id,
                    content=content,
                    filename=row.filename,
                    declared_type=row.content_type,
                    author=author,
                    now=now,
                )
            )
    return made


def expected_of(message_ids: Iterable[UUID]) -> list[MediaFile]:
    """Return the files of messages that are still to be fetched."""
    rows = MediaFile.objects.filter(message_id__in=list(message_ids), state=MediaFile.State.PENDING)
    return list(rows.order_by("id"))


def keep_fetched(
    *, media_id: UUID, content: bytes | IO[bytes], now: datetime, declared_type: str = "", filename: str = ""
) -> None:
    """
    Keep the bytes of a file that was expected. One that is there already, or gone, stays as it is.

    :raises MediaTooLarge: more bytes than the installation takes.
    :raises MediaRefused: no bytes at all.
    """
    row = MediaFile.objects.filter(id=media_id).exclude(state=MediaFile.State.STORED).first()
    if row is None:
        return
    row.filename = row.filename or clean_name(filename)
    path, size, kind = write_bytes(
        row.id, row.account_id, content, row.filename, declared_type or row.content_type, now, None
    )
    _settle(row, now, state=MediaFile.State.STORED, path=path, size=size, content_type=kind, error="")


def give_up(*, media_id: UUID, error: str, now: datetime) -> None:
    """Note that an expected file will not come."""
    row = MediaFile.objects.filter(id=media_id, state=MediaFile.State.PENDING).first()
    if row is not None:
        _settle(row, now, state=MediaFile.State.FAILED, error=error[:500])


@transaction.atomic
def _settle(row: MediaFile, now: datetime, **values: Any) -> None:
    """Write what became of an expected file, on its message too, and announce it."""
    # The conversation's row is what writers of a message lock.
    conversation = Conversation.objects.select_for_update().filter(id=row.conversation_id).first()
    for name, value in values.items():
        setattr(row, name, value)
    row.updated_at = now
    if not MediaFile.objects.filter(id=row.id).update(filename=row.filename, updated_at=now, **values):
        # Deleted with its conversation meanwhile.
        if row.path:
            transaction.on_commit(lambda: storage().delete(row.path))
        return
    message = Message.objects.filter(id=row.message_id).first()
    if message is None or conversation is None:
        return
    message.media = [item(row) if held.get("sid") == row.sid else held for held in message.media]
    message.save(update_fields=("media",))
    events.publish(
        MediaUpdated(
            account_id=row.account_id,
            conversation_id=conversation.id,
            message_id=message.id,
            index=message.index,
            media=message.media,
        )
    )


def _text(item: Mapping[str, Any], name: str) -> str:
    return str(item.get(name) or "")
