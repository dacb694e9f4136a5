"""Who is asked after a contact, and with which words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.services import record_audit
from common.errors import BadParameter, Conflict, NotFound
from conversations.services import ChannelType
from flows import queries as flows
from reports.models import SurveyRule
from routing import queries as routing

MOST_RULES = 200
MOST_LANGUAGES = 40
MAX_TEXT = 600  # characters; two SMS of a longer alphabet
MAX_SECONDS = 30 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleValues:
    """All of a rule; ``texts`` is ``{language: {question, thanks}}``, "" for the general words."""

    channel_type: str
    queue_id: UUID | None
    enabled: bool
    mode: str
    flow_id: UUID | None
    delay_seconds: int
    expiry_seconds: int
    texts: dict[str, Any]


@transaction.atomic
def save_rule(*, account_id: UUID, rule_id: UUID | None, values: RuleValues, actor: str, now: datetime) -> SurveyRule:
    """
    Make a rule, or change one.

    :raises NotFound: no such rule in the account.
    :raises BadParameter: a value makes no sense; says which.
    :raises Conflict: there is a rule for this channel and queue already.
    """
    _check(account_id, values)
    rows = SurveyRule.objects.select_for_update().filter(account_id=account_id)
    row = SurveyRule(account_id=account_id, created_at=now) if rule_id is None else rows.filter(id=rule_id).first()
    if row is None:
        raise NotFound("survey rule")
    same = rows.filter(channel_type=values.channel_type, queue_id=values.queue_id).exclude(id=row.id)
    if same.exists():
        raise Conflict("There is a rule for this channel and queue already")
    if rule_id is None and rows.count() >= MOST_RULES:
        raise BadParameter(f"An account may have {MOST_RULES} survey rules")
    for name in RuleValues.__slots__:
        setattr(row, name, getattr(values, name))
    row.updated_at = now
    row.save()
    changes = {"channel": values.channel_type, "enabled": values.enabled, "mode": values.mode}
    record_audit(
        account_id=account_id, actor=actor, action="survey_rule.saved", subject=row.sid, changes=changes, now=now
    )
    return row


@transaction.atomic
def delete_rule(*, account_id: UUID, rule_id: UUID, actor: str, now: datetime) -> None:
    """:raises NotFound: no such rule in the account."""
    deleted, _ = SurveyRule.objects.filter(account_id=account_id, id=rule_id).delete()
    if not deleted:
        raise NotFound("survey rule")
    subject = SurveyRule(id=rule_id).sid
    record_audit(account_id=account_id, actor=actor, action="survey_rule.deleted", subject=subject, changes={}, now=now)


def _check(account_id: UUID, values: RuleValues) -> None:
    if values.channel_type and values.channel_type not in ChannelType.values:
        raise BadParameter(f"channel_type must be empty or one of {', '.join(ChannelType.values)}")
    if values.queue_id is not None and values.queue_id not in {row.id for row in routing.task_queues(account_id)}:
        raise BadParameter("queue_sid names no queue of this account")
    if values.mode not in SurveyRule.Mode.values:
        raise BadParameter(f"mode must be one of {', '.join(SurveyRule.Mode.values)}")
    if values.mode == SurveyRule.Mode.FLOW and values.flow_id not in flows.flow_names(account_id):
        raise BadParameter("flow_sid names no flow of this account")
    if not 0 <= values.delay_seconds <= MAX_SECONDS:
        raise BadParameter("delay_seconds must be between 0 and 30 days")
    if not 60 <= values.expiry_seconds <= MAX_SECONDS:
        raise BadParameter("expiry_seconds must be between a minute and 30 days")
    if len(values.texts) > MOST_LANGUAGES:
        raise BadParameter(f"texts may have {MOST_LANGUAGES} languages")
    for language, words in values.texts.items():
        if len(language) > 20 or not isinstance(words, dict) or words.keys() - {"question", "thanks"}:
            raise BadParameter(f"texts.{language[:20]} must be an object with question and thanks")
        for name, text in words.items():
            if not isinstance(text, str) or len(text) > MAX_TEXT or "\x00" in text:
                raise BadParameter(f"texts.{language}.{name} must be a text of at most {MAX_TEXT} characters")
