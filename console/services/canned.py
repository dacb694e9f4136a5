"""Canned replies: everybody's are made by supervisors and admins, everyone has their own besides."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from common import ids
from common.errors import BadParameter, NotFound
from console.errors import ShortcodeTaken, UnknownReply
from console.macros import read_steps
from console.models import CannedReply
from console.variables import unknown_variables
from conversations.services import ChannelType, media

MAX_BODY = 8 * 1024  # characters
MAX_MEDIA = 10
MAX_REPLIES = 2_000  # an account's, and each user's own
_SHORTCODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyValues:
    """
    What a canned reply says; ``channels`` empty: it is offered on all; ``media``: SIDs of uploaded files.

    With ``steps`` it is a macro: see ``console.macros``.
    """

    shortcode: str
    body: str = ""
    folder: str = ""
    channels: Sequence[str] = ()
    media: Sequence[str] = ()
    steps: Sequence[Mapping[str, Any]] = ()


def create_reply(*, account_id: UUID, owner_id: UUID | None, values: ReplyValues, now: datetime) -> CannedReply:
    """
    Create a canned reply; ``owner_id`` None: everybody's.

    :raises BadParameter: nothing is said, or something is malformed.
    :raises ShortcodeTaken: there is another one of the same people's.
    """
    if CannedReply.objects.filter(account_id=account_id, owner_id=owner_id).count() >= MAX_REPLIES:
        raise BadParameter(f"There can be {MAX_REPLIES:,} canned replies")
    row = CannedReply(account_id=account_id, owner_id=owner_id, created_at=now)
    return _save(row, values, now)


@transaction.atomic
def update_reply(
    *, account_id: UUID, reply_id: UUID, user_id: UUID, is_editor: bool, values: ReplyValues, now: datetime
) -> CannedReply:
    """
    Change a canned reply: one's own, or with ``is_editor`` everybody's.

    :raises UnknownReply: there is none, or it is not theirs to change.
    """
    return _save(_editable(account_id, reply_id, user_id, is_editor), values, now)


@transaction.atomic
def delete_reply(*, account_id: UUID, reply_id: UUID, user_id: UUID, is_editor: bool) -> None:
    """
    Delete a canned reply; what was sent with it stays.

    :raises UnknownReply: there is none, or it is not theirs to delete.
    """
    row = _editable(account_id, reply_id, user_id, is_editor)
    if row.media:
        media.forget(message_id=row.id)
    row.delete()


def _editable(account_id: UUID, reply_id: UUID, user_id: UUID, is_editor: bool) -> CannedReply:
    row = CannedReply.objects.select_for_update().filter(account_id=account_id, id=reply_id).first()
    if row is None or not (row.owner_id == user_id or (row.owner_id is None and is_editor)):
        raise UnknownReply("canned reply")
    return row


def _save(row: CannedReply, values: ReplyValues, now: datetime) -> CannedReply:
    shortcode = values.shortcode.strip().lstrip("/").lower()
    body, folder = values.body.replace("\x00", "").strip(), values.folder.strip()
    if _SHORTCODE.fullmatch(shortcode) is None:
        raise BadParameter("A shortcode has letters, digits, - and _ only, up to 40 of them")
    steps = read_steps(values.steps)
    if not body and not values.media and not steps:
        raise BadParameter("A canned reply has a text, an attachment or a step")
    if len(body) > MAX_BODY:
        raise BadParameter(f"A canned reply has at most {MAX_BODY:,} characters")
    if len(folder) > 80:
        raise BadParameter("A folder's name has at most 80 characters")
    if len(values.media) > MAX_MEDIA:
        raise BadParameter(f"A canned reply has at most {MAX_MEDIA} attachments")
    if unknown := unknown_variables(body):
        raise BadParameter(f"There is no variable {{{{ {unknown[0][:60]} }}}}")
    strange = [channel for channel in values.channels if channel not in ChannelType.values]
    if strange:
        raise BadParameter(f"channels must be of {', '.join(ChannelType.values)}")
    row.shortcode, row.body, row.folder = shortcode, body, folder
    row.steps = steps
    row.channels, row.updated_at = sorted(set(values.channels)), now
    kept = {item["sid"]: item for item in row.media}
    try:
        with transaction.atomic():
            row.media = [kept.get(sid) or _uploaded(row.account_id, sid) for sid in dict.fromkeys(values.media)]
            row.save()
            _settle_media(row, kept, now)
    except IntegrityError as error:
        raise ShortcodeTaken(f"There is a canned reply /{shortcode} already") from error
    return row


def _uploaded(account_id: UUID, sid: str) -> media.Item:
    """
    Return the item of a file that was uploaded for canned replies.

    :raises BadParameter: there is none, or it belongs elsewhere already.
    """
    key = ids.parse_or_none("ME", sid)
    try:
        row = media.find(account_id, key) if key else None
    except NotFound:
        row = None
    if row is None or row.conversation_id is not None or row.message_id is not None:
        raise BadParameter(f"There is no uploaded file {sid[:40]}")
    return media.item(row)


def _settle_media(row: CannedReply, before: dict[str, media.Item], now: datetime) -> None:
    named = {item["sid"] for item in row.media}
    new = [ids.parse("ME", sid) for sid in named - before.keys()]
    if new:
        media.keep_for(new, account_id=row.account_id, owner_id=row.id, now=now)
    for sid in before.keys() - named:
        media.forget(media_id=ids.parse("ME", sid))
