"""Conversations v1: roles, users, and who takes part where."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, IntegerField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.paging import page
from common.errors import BadParameter
from conversations import services
from conversations.api.base import ConversationsView, key_param
from conversations.models import ChatUser, Message, Participant, Role
from conversations.webhooks import parameters as tell


class RoleListView(ConversationsView):
    """``/Roles``."""

    def get(self, request: Request) -> Response:
        services.settings_of(self.account_id, now=self.now)
        rows = Role.objects.filter(account_id=self.account_id)
        return page(request, rows, key="roles", write=self.write.role, order="id")

    def post(self, request: Request) -> Response:
        params = self.params(request)
        row = services.create_role(
            account_id=self.account_id,
            friendly_name=params.required("FriendlyName", max_length=256),
            type=params.required("Type", choices=tuple(Role.Type.values)),
            permissions=params.texts("Permission") or (),
            now=self.now,
        )
        return Response(self.write.role(row), status=201)


class RoleView(ConversationsView):
    """``/Roles/{Sid}``."""

    def find(self, sid: str) -> Role:
        """
        Return a role.

        :raises NotFound: unknown in this account.
        """
        services.settings_of(self.account_id, now=self.now)
        found = Role.objects.filter(account_id=self.account_id, id=self.key("RL", sid)).first()
        if found is None:
            raise self.missing()
        return found

    def get(self, request: Request, sid: str) -> Response:
        return Response(self.write.role(self.find(sid)))

    def post(self, request: Request, sid: str) -> Response:
        permissions = self.params(request).texts("Permission") or ()
        row = services.update_role(role_id=self.find(sid).id, permissions=permissions, now=self.now)
        return Response(self.write.role(row))

    def delete(self, request: Request, sid: str) -> Response:
        services.delete_role(account_id=self.account_id, role_id=self.find(sid).id)
        return Response(status=204)


class UserListView(ConversationsView):
    """``/Users``."""

    def get(self, request: Request) -> Response:
        rows = ChatUser.objects.filter(account_id=self.account_id)
        return page(request, rows, key="users", write=self.write.user)

    def post(self, request: Request) -> Response:
        params = self.params(request)
        row = services.create_user(
            account_id=self.account_id,
            identity=params.required("Identity", max_length=256),
            friendly_name=params.text("FriendlyName", max_length=256) or None,
            attributes=params.text("Attributes") or "",
            role_id=key_param(params, "RoleSid", "RL"),
            now=self.now,
            is_silent=not self.fires,
        )
        return Response(self.write.user(row), status=201)


class UserView(ConversationsView):
    """``/Users/{Sid}``, by SID or identity."""

    def get(self, request: Request, sid: str) -> Response:
        return Response(self.write.user(self.user(sid)))

    def post(self, request: Request, sid: str) -> Response:
        row = self.user(sid)
        params = self.params(request)
        name, attributes = params.text("FriendlyName", max_length=256), params.text("Attributes")
        told = tell.user(row) | tell.texts(FriendlyName=name, Attributes=attributes)
        self.ask_before("onUserUpdate", told)
        row = services.update_user(
            user_id=row.id,
            friendly_name=name,
            attributes=attributes,
            role_id=key_param(params, "RoleSid", "RL"),
            now=self.now,
            is_silent=not self.fires,
        )
        return Response(self.write.user(row))

    def delete(self, request: Request, sid: str) -> Response:
        services.delete_user(user_id=self.user(sid).id, now=self.now)
        return Response(status=204)


def with_unread(rows: Any) -> Any:
    """Add to participants how many messages came after the last they read."""
    unseen = (
        Message.objects.filter(
            conversation_id=OuterRef("conversation_id"),
            index__gt=Coalesce(OuterRef("last_read_message_index"), Value(-1)),
        )
        .order_by()
        .values("conversation_id")
        .annotate(total=Count("id"))
        .values("total")
    )
    unread = Coalesce(Subquery(unseen, output_field=IntegerField()), Value(0))
    return rows.select_related("conversation").annotate(unread=unread)


class UserConversationListView(ConversationsView):
    """``/Users/{UserSid}/Conversations``."""

    def get(self, request: Request, user_sid: str) -> Response:
        user = self.user(user_sid)
        rows = with_unread(Participant.objects.filter(account_id=self.account_id, identity=user.identity))
        return page(request, rows, key="conversations", write=lambda row: self.written(user, row))

    def written(self, user: ChatUser, row: Any) -> dict[str, Any]:
        """Return a user's conversation; without a read horizon nothing counts as unread."""
        unread = None if row.last_read_message_index is None else row.unread
        return self.write.user_conversation(user, row, unread)


class UserConversationView(UserConversationListView):
    """``/Users/{UserSid}/Conversations/{ConversationSid}``."""

    def find(self, user_sid: str, conversation_sid: str) -> tuple[ChatUser, Any]:
        """
        Return a user and their participant of a conversation.

        :raises NotFound: they do not take part in it.
        """
        user = self.user(user_sid)
        rows = with_unread(self.conversation(conversation_sid).participants.filter(identity=user.identity))
        found = rows.first()
        if found is None:
            raise self.missing()
        return user, found

    def get(self, request: Request, user_sid: str, conversation_sid: str) -> Response:
        return Response(self.written(*self.find(user_sid, conversation_sid)))

    def post(self, request: Request, user_sid: str, conversation_sid: str) -> Response:
        _, row = self.find(user_sid, conversation_sid)
        params = self.params(request)
        services.change_participant(
            participant_id=row.id,
            last_read_index=params.integer("LastReadMessageIndex", least=0, most=2**31 - 1),
            last_read_at=params.moment("LastReadTimestamp"),
            notification_level=params.text("NotificationLevel", choices=("", "default", "muted")) or None,
            now=self.now,
            is_silent=True,
        )
        return Response(self.written(*self.find(user_sid, conversation_sid)))

    def delete(self, request: Request, user_sid: str, conversation_sid: str) -> Response:
        _, row = self.find(user_sid, conversation_sid)
        services.take_out(participant_id=row.id, now=self.now, is_silent=not self.fires)
        return Response(status=204)


class ParticipantConversationListView(ConversationsView):
    """``/ParticipantConversations``: where an identity or an address takes part."""

    def get(self, request: Request) -> Response:
        params = self.params(request)
        identity, address = params.text("Identity") or "", params.text("Address") or ""
        if bool(identity) == bool(address):
            raise BadParameter("Exactly one of Identity and Address must be given")
        rows = Participant.objects.filter(account_id=self.account_id).select_related("conversation")
        rows = rows.filter(identity=identity) if identity else rows.filter(address=address)
        user_id: UUID | None = None
        if identity:
            users = ChatUser.objects.filter(account_id=self.account_id, identity=identity)
            user_id = users.values_list("id", flat=True).first()
        return page(
            request,
            rows,
            key="conversations",
            write=lambda row: self.write.participant_conversation(row, user_id),
        )
