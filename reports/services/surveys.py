"""
Asking customers, after their contact has ended.

On channels with addresses the question opens a conversation that is held for the answer (``conversations.holding``):
a rating is kept with the ended conversation and the held one closes; anything else makes it an ordinary new
conversation, and loses nothing. In a web chat the widget itself asks, in the ended chat. A flow may ask instead: then
its variables ``rating`` and ``comment`` are read when it has ended.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from channels_app import queries as channels
from common import outbox
from common.errors import ApiError
from conversations import queries as conversations
from conversations import services as conversation_services
from conversations.errors import PairInUse
from conversations.services import NewMessage, Source
from flows import queries as flows
from flows import services as flow_services
from interactions import queries as interactions
from reports import ratings
from reports.models import Survey, SurveyRule
from routing import histories

if TYPE_CHECKING:
    from conversations.models import Conversation, Message

TOPIC = "reports.surveys"
HELD_FOR = "survey"
# When a flow that asks is looked at, in seconds after it began; then once an hour.
LOOKS = (30, 60, 120, 300, 600, 1800, 3600)

Status = Survey.Status


def plan_survey(*, conversation_id: UUID, now: datetime) -> Survey | None:
    """Decide whether the customer of a conversation that was closed is asked, and when; once, however often called."""
    row = conversations.conversations([conversation_id]).get(conversation_id)
    handled = interactions.last_handling(conversation_id)
    if row is None or row.closed_at is None or handled is None:
        return None
    task_id, worker_id = handled
    queue_id = histories.queue_of_task(row.account_id, task_id)
    rule = rule_for(row.account_id, channel_type=row.channel_type, queue_id=queue_id)
    if rule is None:
        return None
    run = flows.flows_run([row.id]).get(row.id, [])
    question, thanks = ratings.words(rule.texts, _language(row))
    is_flow = rule.mode == SurveyRule.Mode.FLOW and bool(row.proxy_address)
    with transaction.atomic():
        survey, is_new = Survey.objects.get_or_create(
            conversation_id=row.id,
            defaults={
                "account_id": row.account_id,
                "ended_at": row.closed_at,
                "rule_id": rule.id,
                "mode": SurveyRule.Mode.FLOW if is_flow else SurveyRule.Mode.BUILT_IN,
                "survey_flow_id": rule.flow_id if is_flow else None,
                "channel": row.channel_type,
                "queue_id": queue_id,
                "worker_id": worker_id,
                "flow_id": run[-1][1] if run else None,
                "question": question,
                "thanks": thanks,
                "expiry_seconds": rule.expiry_seconds,
            },
        )
        if is_new:
            # A widget shows the question while the customer is still looking.
            delay = rule.delay_seconds if row.proxy_address else 0
            due = max(now, row.closed_at + timedelta(seconds=delay))
            outbox.put(outbox.Entry(TOPIC, survey.id, {"step": "ask"}, due_at=due))
    return survey


def rule_for(account_id: UUID, *, channel_type: str, queue_id: UUID | None) -> SurveyRule | None:
    """Return the rule that holds for a contact, where one asks for a survey."""
    rows = {row.id: row for row in SurveyRule.objects.filter(account_id=account_id).order_by("id")}
    known = [ratings.Rule(row.id, row.channel_type, row.queue_id, row.enabled) for row in rows.values()]
    chosen = ratings.choose(known, channel_type=channel_type, queue_id=queue_id)
    return None if chosen is None else rows[chosen.id]


@transaction.atomic
def take_step(*, survey_id: UUID, step: str, now: datetime) -> None:
    """Do what is due of a survey: ``ask``, ``look`` (at the flow that asks) or ``expire``."""
    survey = Survey.objects.select_for_update().filter(id=survey_id).first()
    if survey is None:
        return
    if step == "ask" and survey.status == Status.SCHEDULED:
        _ask(survey, now)
    elif step == "look" and survey.status == Status.ASKED:
        _look(survey, now)
    elif step == "expire" and survey.status == Status.ASKED:
        _expire(survey, now)


@transaction.atomic
def take_answer(*, conversation_id: UUID, now: datetime) -> None:
    """
    Judge what a customer wrote in a conversation that is held for a rating.

    :raises Conversation.DoesNotExist: unknown.
    """
    survey = Survey.objects.select_for_update().filter(asked_in_id=conversation_id).first()
    held = conversation_services.lock_conversations([conversation_id]).get(conversation_id)
    if survey is None or held is None or survey.status != Status.ASKED:
        # Judged before: what came until then is dealt with.
        return
    said = [
        row for row in conversations.messages(conversation_id, after=-1, limit=1000) if row.source == Source.CUSTOMER
    ]
    if not said:
        return
    first, rest = said[0], said[1:]
    rating = None if first.media else ratings.read_rating(first.body)
    if rating is None or held.held_for != HELD_FOR:
        survey.status = Status.PASSED_OVER
        survey.save(update_fields=("status",))
        conversation_services.release(conversation_id=conversation_id, after=-1, now=now)
        return
    _keep(survey, rating, first.created_at)
    if rest:
        # More than the rating: from there on it is a conversation like any other.
        conversation_services.release(conversation_id=conversation_id, after=first.index, now=now)
        return
    if survey.thanks:
        _say(held, survey.thanks, f"survey:{survey.id.hex}:thanks", now)
    conversation_services.close_conversation(conversation_id=conversation_id, reason="EVENT", now=now)


@transaction.atomic
def rate(*, conversation_id: UUID, rating: int, comment: str, now: datetime) -> Survey | None:
    """Keep the rating that a web chat's widget sends; until it expires the last one counts. None: no survey."""
    survey = Survey.objects.select_for_update().filter(conversation_id=conversation_id).first()
    if survey is None or survey.status not in (Status.ASKED, Status.ANSWERED) or survey.asked_in_id != conversation_id:
        return None
    if survey.expires_at is not None and survey.expires_at <= now:
        return None
    survey.comment = comment
    _keep(survey, rating, now)
    return survey


def open_survey(conversation_id: UUID, now: datetime) -> Survey | None:
    """Return what the widget of an ended chat asks, as long as it may be answered."""
    row = Survey.objects.filter(conversation_id=conversation_id, asked_in_id=conversation_id).first()
    if row is None or row.status != Status.ASKED or (row.expires_at is not None and row.expires_at <= now):
        return None
    return row


def _ask(survey: Survey, now: datetime) -> None:
    ended = conversations.conversations([survey.conversation_id]).get(survey.conversation_id)
    if ended is None:
        _skip(survey, "The conversation was deleted")
        return
    if not ended.proxy_address:
        survey.asked_in_id = ended.id
    elif _is_out_of_reach(ended, now):
        _skip(survey, "The customer's window for messages is closed")
        return
    elif survey.mode == SurveyRule.Mode.FLOW:
        if not _begin_flow(survey, ended, now):
            return
    else:
        try:
            asked_in = conversation_services.begin_held(ended=ended, held_for=HELD_FOR, now=now)
        except PairInUse:
            _skip(survey, "The customer is talking with us again")
            return
        survey.asked_in_id = asked_in.id
        _say(asked_in, survey.question, f"survey:{survey.id.hex}", now)
    survey.status, survey.asked_at = Status.ASKED, now
    survey.expires_at = now + timedelta(seconds=survey.expiry_seconds)
    survey.save()
    outbox.put(outbox.Entry(TOPIC, survey.id, {"step": "expire"}, due_at=survey.expires_at))


def _begin_flow(survey: Survey, ended: Conversation, now: datetime) -> bool:
    if conversations.conversations_between(ended.account_id, ended.customer_address, ended.proxy_address):
        _skip(survey, "The customer is talking with us again")
        return False
    parameters = {"conversation_sid": ended.sid, "survey_sid": survey.sid, "channel": ended.channel_type}
    try:
        with transaction.atomic():
            execution = flow_services.start_execution(
                account_id=ended.account_id,
                flow_id=survey.survey_flow_id,  # type: ignore[arg-type]
                to=ended.customer_address,
                from_=ended.proxy_address,
                parameters=parameters,
                now=now,
            )
    except ApiError as error:
        _skip(survey, error.message[:200])
        return False
    survey.execution_id = execution.id
    _look_later(survey, now, 0)
    return True


def _look(survey: Survey, now: datetime) -> None:
    """See whether the flow has ended, and what it has found out."""
    execution = None if survey.execution_id is None else flows.find_execution(survey.account_id, survey.execution_id)
    if execution is None:
        return
    if execution.status != "ended":
        passed = int((now - (survey.asked_at or now)).total_seconds())
        _look_later(survey, now, passed)
        return
    found = flows.context_of(execution).get("flow", {}).get("variables", {})
    rating = ratings.read_rating(str(found.get("rating", "")))
    if rating is None:
        return
    survey.comment = str(found.get("comment", ""))[:4000]
    _keep(survey, rating, execution.ended_at or now)


def _look_later(survey: Survey, now: datetime, passed: int) -> None:
    begun = survey.asked_at or now
    following = next((begun + timedelta(seconds=look) for look in LOOKS if look > passed), now + timedelta(hours=1))
    outbox.put(outbox.Entry(TOPIC, survey.id, {"step": "look"}, due_at=max(following, now + timedelta(seconds=10))))


def _expire(survey: Survey, now: datetime) -> None:
    if survey.mode == SurveyRule.Mode.FLOW:
        _look(survey, now)
        if survey.status != Status.ASKED:
            return
    survey.status = Status.EXPIRED
    survey.save(update_fields=("status",))
    if survey.asked_in_id in (None, survey.conversation_id):
        return
    held = conversation_services.lock_conversations([survey.asked_in_id]).get(survey.asked_in_id)  # type: ignore[list-item, arg-type]
    if held is None or held.held_for != HELD_FOR or held.is_closed:
        return
    said = [row for row in conversations.messages(held.id, after=-1, limit=10) if row.source == Source.CUSTOMER]
    if said:
        # It came at the last moment, and was not judged yet.
        conversation_services.release(conversation_id=held.id, after=-1, now=now)
        return
    conversation_services.close_conversation(conversation_id=held.id, reason="TIMER", now=now)


def _keep(survey: Survey, rating: int, moment: datetime) -> None:
    survey.status, survey.rating, survey.answered_at = Status.ANSWERED, rating, moment
    survey.save(update_fields=("status", "rating", "answered_at", "comment"))


def _skip(survey: Survey, note: str) -> None:
    survey.status, survey.note = Status.SKIPPED, note
    survey.save(update_fields=("status", "note"))


def _say(row: Conversation, body: str, key: str, now: datetime) -> Message:
    item = NewMessage(conversation_id=row.id, source=Source.SYSTEM, author="", body=body, source_key=key)
    return conversation_services.add_message(item, now=now).message


def _is_out_of_reach(ended: Conversation, now: datetime) -> bool:
    """Tell whether the channel lets us write only for some time after the customer has, and that is over."""
    if ended.connection_id is None:
        return False
    limits = channels.limits_of([ended.connection_id]).get(ended.connection_id)
    if limits is None or limits.window_seconds is None:
        return False
    last = conversations.last_customer_message_at(ended.account_id, ended.customer_address, ended.proxy_address)
    return last is None or last + timedelta(seconds=limits.window_seconds) <= now


def _language(row: Conversation) -> str:
    """Return the language that the conversation's attributes name: ``language``, or of a web chat ``lang``."""
    try:
        found: Any = json.loads(row.attributes or "{}")
    except ValueError:
        return ""
    if not isinstance(found, dict):
        return ""
    data = found.get("pre_engagement_data")
    places = (found, data if isinstance(data, dict) else {})
    for place in places:
        for name in ("language", "lang", "locale"):
            if isinstance(place.get(name), str):
                return str(place[name])
    return ""
