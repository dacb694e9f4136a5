"""Conversations v1: conversations, their participants, and both at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.paging import page
from common.api.parsers import Params
from common.errors import ApiError, BadParameter
from conversations import services
from conversations.api.base import ConversationsView, key_param
from conversations.errors import (
    GroupExists,
    GroupParticipantExists,
    JoiningFailed,
    NoProjectedAddress,
    PairInUse,
    TooManyAtOnce,
    TooManyInGroup,
)
from conversations.models import Conversation, Participant
from conversations.services import ConversationChange, Joining
from conversations.webhooks import parameters as tell

MOST_AT_ONCE = 10


def read_change(params: Params, *, states: tuple[str, ...]) -> ConversationChange:
    """
    Return what a request writes of a conversation.

    :raises BadParameter: a malformed parameter.
    """
    return ConversationChange(
        friendly_name=params.text("FriendlyName", max_length=256),
        unique_name=params.text("UniqueName", max_length=256),
        attributes=params.text("Attributes"),
        messaging_service_sid=params.text("MessagingServiceSid"),
        state=params.text("State", choices=("", *states)),
        inactive_timer=params.text("Timers.Inactive"),
        closed_timer=params.text("Timers.Closed"),
        created_at=params.moment("DateCreated"),
        updated_at=params.moment("DateUpdated"),
    )


def read_joining(params: Params) -> Joining:
    """
    Return who a request lets join.

    :raises BadParameter: a malformed parameter.
    """
    return Joining(
        identity=params.text("Identity", max_length=256) or "",
        address=params.text("MessagingBinding.Address", max_length=256) or "",
        proxy_address=params.text("MessagingBinding.ProxyAddress", max_length=256) or "",
        projected_address=params.text("MessagingBinding.ProjectedAddress", max_length=256) or "",
        attributes=params.text("Attributes") or "",
        role_id=key_param(params, "RoleSid", "RL"),
        created_at=params.moment("DateCreated"),
        updated_at=params.moment("DateUpdated"),
    )


def told_of(what: ConversationChange, row: Conversation | None = None) -> dict[str, Any]:
    """Return what a pre-webhook is told of a conversation that is to be written."""
    told: dict[str, Any] = dict(tell.conversation(row)) if row is not None else {}
    wanted = {
        "FriendlyName": what.friendly_name,
        "UniqueName": what.unique_name,
        "Attributes": what.attributes,
        "MessagingServiceSid": what.messaging_service_sid,
        "State": what.state or None,
    }
    return {**told, **{name: value for name, value in wanted.items() if value is not None}}


def told_of_joining(who: Joining, conversation_sid: str) -> dict[str, Any]:
    """Return what a pre-webhook is told of somebody who is to join."""
    return {
        "ConversationSid": conversation_sid,
        "Identity": who.identity or None,
        "Attributes": who.attributes or "{}",
        **tell.binding(who.address or None, who.proxy_address or None, who.projected_address or None),
    }


class ConversationListView(ConversationsView):
    """``/Conversations``."""

    def get(self, request: Request) -> Response:
        params = self.params(request)
        rows = Conversation.objects.filter(account_id=self.account_id)
        if state := params.text("State", choices=("", *Conversation.State.values)):
            rows = rows.filter(state=state)
        if start := _day(params, "StartDate"):
            rows = rows.filter(created_at__gte=start)
        if end := _day(params, "EndDate"):
            rows = rows.filter(created_at__lt=end + timedelta(days=1))
        return page(request, rows, key="conversations", write=self.write.conversation)

    def post(self, request: Request) -> Response:
        params = self.params(request)
        what = read_change(params, states=("active", "inactive", "closed"))
        what = _changed(what, self.ask_before("onConversationAdd", told_of(what)))
        row = services.begin_conversation(account_id=self.account_id, what=what, now=self.now, is_silent=not self.fires)
        return Response(self.write.conversation(row), status=201)


class ConversationView(ConversationsView):
    """``/Conversations/{Sid}``, by SID or unique name."""

    def get(self, request: Request, sid: str) -> Response:
        return Response(self.write.conversation(self.conversation(sid)))

    def post(self, request: Request, sid: str) -> Response:
        row = self.conversation(sid)
        what = read_change(self.params(request), states=("active", "inactive", "closed"))
        what = _changed(what, self.ask_before("onConversationUpdate", told_of(what, row), row.id))
        row = services.update_conversation(conversation_id=row.id, what=what, now=self.now, is_silent=not self.fires)
        return Response(self.write.conversation(row))

    def delete(self, request: Request, sid: str) -> Response:
        row = self.conversation(sid)
        self.ask_before("onConversationRemove", tell.conversation(row), row.id)
        services.delete_conversation(conversation_id=row.id, now=self.now, is_silent=not self.fires)
        return Response(status=204)


class ConversationWithParticipantsView(ConversationsView):
    """``/ConversationWithParticipants``: all of it, or nothing."""

    def post(self, request: Request) -> Response:
        params = self.params(request)
        joining = [self._participant(text) for text in params.texts("Participant") or []]
        if len(joining) > MOST_AT_ONCE:
            raise TooManyAtOnce(f"At most {MOST_AT_ONCE} participants can be added in one call")
        for who in joining:
            services.check_joining(who)
        what = read_change(params, states=("active", "inactive", "closed"))
        what = _changed(what, self.ask_before("onConversationAdd", told_of(what)))
        with transaction.atomic():
            row = services.begin_conversation(
                account_id=self.account_id, what=what, now=self.now, is_silent=not self.fires
            )
            # A group's own numbers last: who is in it is known before its pairs are bound.
            for who in sorted(joining, key=lambda who: bool(who.projected_address)):
                try:
                    services.join_conversation(conversation_id=row.id, who=who, now=self.now, is_silent=not self.fires)
                except PairInUse as error:
                    raise PairInUse(error.message, code=50425) from error
                except (GroupExists, GroupParticipantExists, NoProjectedAddress, TooManyInGroup):
                    raise
                except ApiError as error:
                    raise _joining_failed(who, error) from error
        row.refresh_from_db()
        return Response(self.write.conversation(row), status=201)

    def _participant(self, text: str) -> Joining:
        try:
            given = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise BadParameter(f"Participant must be a JSON object: {error}") from error
        if not isinstance(given, dict):
            raise BadParameter("Participant must be a JSON object")
        binding = given.get("messaging_binding") or {}
        if not isinstance(binding, dict):
            raise BadParameter("messaging_binding of a participant must be an object")
        return read_joining(
            Params(
                {
                    "Identity": given.get("identity"),
                    "Attributes": given.get("attributes"),
                    "RoleSid": given.get("role_sid"),
                    "MessagingBinding.Address": binding.get("address"),
                    "MessagingBinding.ProxyAddress": binding.get("proxy_address"),
                    "MessagingBinding.ProjectedAddress": binding.get("projected_address"),
                }
            )
        )


class ParticipantListView(ConversationsView):
    """``/Conversations/{ConversationSid}/Participants``."""

    def get(self, request: Request, conversation_sid: str) -> Response:
        rows = Participant.objects.filter(conversation=self.conversation(conversation_sid))
        return page(request, rows, key="participants", write=self.write.participant, order="id")

    def post(self, request: Request, conversation_sid: str) -> Response:
        row = self.conversation(conversation_sid)
        who = read_joining(self.params(request))
        services.check_joining(who)
        self.ask_before("onParticipantAdd", told_of_joining(who, row.sid), row.id)
        made = services.join_conversation(conversation_id=row.id, who=who, now=self.now, is_silent=not self.fires)
        return Response(self.write.participant(made), status=201)


class ParticipantView(ConversationsView):
    """``/Conversations/{ConversationSid}/Participants/{Sid}``, by SID, identity or address."""

    def get(self, request: Request, conversation_sid: str, sid: str) -> Response:
        return Response(self.write.participant(self.participant(self.conversation(conversation_sid), sid)))

    def post(self, request: Request, conversation_sid: str, sid: str) -> Response:
        row = self.participant(self.conversation(conversation_sid), sid)
        params = self.params(request)
        attributes = params.text("Attributes")
        told = tell.participant(row) | ({"Attributes": attributes} if attributes is not None else {})
        self.ask_before("onParticipantUpdate", told, row.conversation_id)
        row = services.change_participant(
            participant_id=row.id,
            attributes=attributes,
            role_id=key_param(params, "RoleSid", "RL"),
            identity=params.text("Identity", max_length=256),
            proxy_address=params.text("MessagingBinding.ProxyAddress", max_length=256),
            projected_address=params.text("MessagingBinding.ProjectedAddress", max_length=256),
            last_read_index=params.integer("LastReadMessageIndex", least=0, most=2**31 - 1),
            last_read_at=params.moment("LastReadTimestamp"),
            created_at=params.moment("DateCreated"),
            updated_at=params.moment("DateUpdated"),
            now=self.now,
            is_silent=not self.fires,
        )
        return Response(self.write.participant(row))

    def delete(self, request: Request, conversation_sid: str, sid: str) -> Response:
        row = self.participant(self.conversation(conversation_sid), sid)
        self.ask_before("onParticipantRemove", tell.participant(row), row.conversation_id)
        services.take_out(participant_id=row.id, now=self.now, is_silent=not self.fires)
        return Response(status=204)


def _joining_failed(who: Joining, error: ApiError) -> JoiningFailed:
    cause = {"code": error.code, "message": error.message, "participant": who.identity or who.address}
    return JoiningFailed(
        f"Errors occurred while {cause['participant']!r} was added: {error.message}",
        status=error.status,
        details={"errors": [cause]},
    )


def _changed(what: ConversationChange, changes: dict[str, str]) -> ConversationChange:
    return replace(what, **changes) if changes else what


def _day(params: Params, name: str) -> datetime | None:
    text = params.text(name)
    if not text:
        return None
    try:
        return datetime.strptime(text[:10], "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise BadParameter(f"{name} must be a date such as 2026-01-31") from error
