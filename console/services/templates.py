"""Message templates: what providers have approved, so that agents can choose and fill them in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts import services as accounts
from common.errors import BadParameter
from console.errors import TemplateNameTaken, UnknownTemplate
from console.models import MessageTemplate
from console.variables import placeholders
from conversations.services import ChannelType

MAX_BODY = 1_600  # characters
MAX_TEMPLATES = 1_000
_PLACE = re.compile(r"[A-Za-z0-9_]{1,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateValues:
    """What a template is; ``content_sid`` is the provider's name of it."""

    name: str
    channel_type: str
    content_sid: str
    body: str


@transaction.atomic
def create_template(*, account_id: UUID, values: TemplateValues, actor: str, now: datetime) -> MessageTemplate:
    """
    Create a template.

    :raises BadParameter: something is missing or malformed.
    :raises TemplateNameTaken: another one of this channel has the name.
    """
    if MessageTemplate.objects.filter(account_id=account_id).count() >= MAX_TEMPLATES:
        raise BadParameter(f"There can be {MAX_TEMPLATES:,} templates")
    return _save(MessageTemplate(account_id=account_id, created_at=now), values, "template.created", actor, now)


@transaction.atomic
def update_template(
    *, account_id: UUID, template_id: UUID, values: TemplateValues, actor: str, now: datetime
) -> MessageTemplate:
    """
    Change a template; what was sent with it stays.

    :raises UnknownTemplate: there is none.
    """
    return _save(_locked(account_id, template_id), values, "template.updated", actor, now)


@transaction.atomic
def delete_template(*, account_id: UUID, template_id: UUID, actor: str, now: datetime) -> None:
    """
    Delete a template.

    :raises UnknownTemplate: there is none.
    """
    row = _locked(account_id, template_id)
    accounts.record_audit(
        account_id=account_id,
        actor=actor,
        action="template.deleted",
        subject=row.sid,
        changes={"name": row.name},
        now=now,
    )
    row.delete()


def _locked(account_id: UUID, template_id: UUID) -> MessageTemplate:
    row = MessageTemplate.objects.select_for_update().filter(account_id=account_id, id=template_id).first()
    if row is None:
        raise UnknownTemplate("template")
    return row


def _save(row: MessageTemplate, values: TemplateValues, action: str, actor: str, now: datetime) -> MessageTemplate:
    row.name, row.content_sid, row.body = values.name.strip(), values.content_sid.strip(), values.body.strip()
    row.channel_type, row.updated_at = values.channel_type, now
    if not 0 < len(row.name) <= 80:
        raise BadParameter("A template's name has 1 to 80 characters")
    if not 0 < len(row.content_sid) <= 128:
        raise BadParameter("content_sid is what the provider knows the template by, up to 128 characters")
    if not 0 < len(row.body) <= MAX_BODY:
        raise BadParameter(f"A template's text has 1 to {MAX_BODY:,} characters")
    if row.channel_type not in ChannelType.values:
        raise BadParameter(f"channel_type must be one of {', '.join(ChannelType.values)}")
    if strange := [place for place in placeholders(row.body) if _PLACE.fullmatch(place) is None]:
        raise BadParameter(f"A place is a number or a word: {{{{ {strange[0][:40]} }}}} is neither")
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise TemplateNameTaken(f"There is a template {row.name!r} for {row.channel_type} already") from error
    accounts.record_audit(
        account_id=row.account_id,
        actor=actor,
        action=action,
        subject=row.sid,
        changes={"name": row.name, "content_sid": row.content_sid},
        now=now,
    )
    return row
