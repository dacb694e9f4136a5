"""The resources of Conversations v1 as they are answered; every documented field is there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from common import ids
from common.api.errors import public_url
from common.clock import iso_or_none, to_iso
from conversations.models import (
    AddressConfiguration,
    ChatUser,
    Conversation,
    ConversationWebhook,
    Message,
    Participant,
    Receipt,
    Role,
    ServiceSettings,
    WebhookConfiguration,
)
from conversations.services.timers import deadlines
from conversations.webhooks.parameters import binding_type, media_sid, service_sid

PREFIX = "/conversations/v1"
# A later status implies the earlier ones; failures stand for themselves.
_RANKS = {"sent": 1, "delivered": 2, "read": 3}


class Writer:
    """Writes an account's rows; ``in_service``: with addresses below ``/Services/{sid}``."""

    def __init__(self, account_id: UUID, *, in_service: bool) -> None:
        self.account_sid = ids.sid("AC", account_id)
        self.service_sid = service_sid(account_id)
        self._in_service = in_service
        self._base = f"{PREFIX}/Services/{self.service_sid}" if in_service else PREFIX

    def url(self, *parts: str) -> str:
        """Return the absolute address of something."""
        return public_url("/".join((self._base, *parts)))

    def conversation(self, row: Conversation) -> dict[str, Any]:
        url = self.url("Conversations", row.sid)
        links = {
            "participants": f"{url}/Participants",
            "messages": f"{url}/Messages",
            "webhooks": f"{url}/Webhooks",
            "export": f"{url}/Export",
        }
        return {
            "sid": row.sid,
            "account_sid": self.account_sid,
            "chat_service_sid": self.service_sid,
            "messaging_service_sid": row.messaging_service_sid,
            "friendly_name": row.friendly_name,
            "unique_name": row.unique_name,
            "attributes": row.attributes,
            "state": row.state,
            **_dates(row.created_at, row.updated_at),
            "timers": timers(row),
            "bindings": {},
            "url": url,
            "links": links,
        }

    def participant(self, row: Participant) -> dict[str, Any]:
        binding = None
        if row.is_group_member:
            binding = {"type": "sms", "address": row.address}
        elif row.address:
            binding = {"type": binding_type(row.address), "address": row.address, "proxy_address": row.proxy_address}
        elif row.projected_address:
            binding = {"type": "sms", "projected_address": row.projected_address}
        conversation_sid = ids.sid("CH", row.conversation_id)
        return {
            **self._scope(),
            "sid": row.sid,
            "account_sid": self.account_sid,
            "conversation_sid": conversation_sid,
            "identity": row.identity,
            "attributes": row.attributes,
            "messaging_binding": binding,
            "role_sid": _sid("RL", row.role_id),
            **_dates(row.created_at, row.updated_at),
            "last_read_message_index": row.last_read_message_index,
            "last_read_timestamp": iso_or_none(row.last_read_at),
            "url": self.url("Conversations", conversation_sid, "Participants", row.sid),
        }

    def message(self, row: Message, receipts: Sequence[Receipt]) -> dict[str, Any]:
        conversation_sid = ids.sid("CH", row.conversation_id)
        url = self.url("Conversations", conversation_sid, "Messages", row.sid)
        content_sid = str(row.fields.get("content_sid") or "")
        return {
            **self._scope(),
            "sid": row.sid,
            "account_sid": self.account_sid,
            "conversation_sid": conversation_sid,
            "index": row.index,
            "author": row.author,
            "body": row.body or None,
            "media": media(row),
            "attributes": row.attributes,
            "participant_sid": _sid("MB", row.participant_id),
            **_dates(row.created_at, row.updated_at),
            "delivery": delivery(receipts),
            "content_sid": content_sid if ids.parse_or_none("HX", content_sid) else None,
            "url": url,
            "links": {"delivery_receipts": f"{url}/Receipts", "channel_metadata": f"{url}/ChannelMetadata"},
        }

    def receipt(self, row: Receipt) -> dict[str, Any]:
        conversation_sid, message_sid = ids.sid("CH", row.conversation_id), ids.sid("IM", row.message_id)
        return {
            **self._scope(),
            "sid": row.sid,
            "account_sid": self.account_sid,
            "conversation_sid": conversation_sid,
            "message_sid": message_sid,
            "channel_message_sid": row.channel_message_sid,
            "participant_sid": ids.sid("MB", row.participant_id),
            "status": row.status,
            "error_code": row.error_code,
            **_dates(row.created_at, row.updated_at),
            "url": self.url("Conversations", conversation_sid, "Messages", message_sid, "Receipts", row.sid),
        }

    def webhook(self, row: ConversationWebhook) -> dict[str, Any]:
        conversation_sid = ids.sid("CH", row.conversation_id)
        configuration: dict[str, Any]
        if row.target == ConversationWebhook.Target.STUDIO:
            configuration = {"flow_sid": _sid("FW", row.flow_id)}
        else:
            configuration = {"url": row.url, "method": row.method.lower(), "filters": row.filters}
        if row.replay_after is not None:
            configuration["replay_after"] = row.replay_after
        return {
            **self._scope(),
            "sid": row.sid,
            "account_sid": self.account_sid,
            "conversation_sid": conversation_sid,
            "target": row.target,
            "configuration": configuration,
            **_dates(row.created_at, row.updated_at),
            "url": self.url("Conversations", conversation_sid, "Webhooks", row.sid),
        }

    def role(self, row: Role) -> dict[str, Any]:
        return {
            "sid": row.sid,
            "account_sid": self.account_sid,
            "chat_service_sid": self.service_sid,
            "friendly_name": row.friendly_name,
            "type": row.type,
            "permissions": row.permissions,
            **_dates(row.created_at, row.updated_at),
            "url": self.url("Roles", row.sid),
        }

    def user(self, row: ChatUser) -> dict[str, Any]:
        url = self.url("Users", row.sid)
        return {
            "sid": row.sid,
            "account_sid": self.account_sid,
            "chat_service_sid": self.service_sid,
            "role_sid": _sid("RL", row.role_id),
            "identity": row.identity,
            "friendly_name": row.friendly_name,
            "attributes": row.attributes,
            # Reachability needs the vendor's client protocol, which nobody speaks here.
            "is_online": None,
            "is_notifiable": None,
            **_dates(row.created_at, row.updated_at),
            "url": url,
            "links": {"user_conversations": f"{url}/Conversations"},
        }

    def user_conversation(self, user: ChatUser, row: Participant, unread: int | None) -> dict[str, Any]:
        """``row`` has its conversation loaded; ``unread`` is None before anything was read."""
        conversation = row.conversation
        there = self.url("Conversations", conversation.sid)
        return {
            "account_sid": self.account_sid,
            "chat_service_sid": self.service_sid,
            "conversation_sid": conversation.sid,
            "unread_messages_count": unread,
            "last_read_message_index": row.last_read_message_index,
            "participant_sid": row.sid,
            "user_sid": user.sid,
            "friendly_name": conversation.friendly_name,
            "conversation_state": conversation.state,
            "timers": timers(conversation),
            "attributes": conversation.attributes,
            **_dates(conversation.created_at, conversation.updated_at),
            "created_by": "system",
            "notification_level": row.notification_level,
            "unique_name": conversation.unique_name,
            "url": self.url("Users", user.sid, "Conversations", conversation.sid),
            "links": {"participant": f"{there}/Participants/{row.sid}", "conversation": there},
        }

    def participant_conversation(self, row: Participant, user_id: UUID | None) -> dict[str, Any]:
        """``row`` has its conversation loaded."""
        conversation = row.conversation
        there = self.url("Conversations", conversation.sid)
        return {
            "account_sid": self.account_sid,
            "chat_service_sid": self.service_sid,
            "participant_sid": row.sid,
            "participant_user_sid": _sid("US", user_id),
            "participant_identity": row.identity,
            "participant_messaging_binding": self.participant(row)["messaging_binding"],
            "conversation_sid": conversation.sid,
            "conversation_unique_name": conversation.unique_name,
            "conversation_friendly_name": conversation.friendly_name,
            "conversation_attributes": conversation.attributes,
            "conversation_date_created": to_iso(conversation.created_at),
            "conversation_date_updated": to_iso(conversation.updated_at),
            "conversation_created_by": "system",
            "conversation_state": conversation.state,
            "conversation_timers": timers(conversation),
            "links": {"participant": f"{there}/Participants/{row.sid}", "conversation": there},
        }

    def address(self, row: AddressConfiguration) -> dict[str, Any]:
        creation: dict[str, Any] = {
            "enabled": row.enabled,
            "type": row.target,
            "conversation_service_sid": self.service_sid,
        }
        if row.target == AddressConfiguration.Target.WEBHOOK:
            creation["webhook_url"] = row.webhook_url
            creation["webhook_method"] = row.webhook_method
            creation["webhook_filters"] = row.webhook_filters
        elif row.target == AddressConfiguration.Target.STUDIO:
            creation["studio_flow_sid"] = _sid("FW", row.flow_id)
            creation["studio_retry_count"] = row.retry_count
        return {
            "sid": row.sid,
            "account_sid": self.account_sid,
            "type": row.type,
            "address": row.address,
            "friendly_name": row.friendly_name or None,
            "auto_creation": creation,
            "address_country": row.address_country,
            **_dates(row.created_at, row.updated_at),
            "url": self.url("Configuration", "Addresses", row.sid),
        }

    def configuration(self, row: ServiceSettings) -> dict[str, Any]:
        return {
            "account_sid": self.account_sid,
            "default_chat_service_sid": self.service_sid,
            "default_messaging_service_sid": row.messaging_service_sid,
            "default_inactive_timer": row.inactive_timer,
            "default_closed_timer": row.closed_timer,
            "url": self.url("Configuration"),
            "links": {
                "service": public_url(f"{PREFIX}/Services/{self.service_sid}/Configuration"),
                "webhooks": self.url("Configuration", "Webhooks"),
            },
        }

    def service_configuration(self, row: ServiceSettings) -> dict[str, Any]:
        url = self.url("Configuration")
        return {
            "chat_service_sid": self.service_sid,
            "default_conversation_creator_role_sid": _sid("RL", row.creator_role_id),
            "default_conversation_role_sid": _sid("RL", row.conversation_role_id),
            "default_chat_service_role_sid": _sid("RL", row.service_role_id),
            "reachability_enabled": row.reachability_enabled,
            "url": url,
            "links": {"notifications": f"{url}/Notifications", "webhooks": f"{url}/Webhooks"},
        }

    def webhook_configuration(self, row: WebhookConfiguration) -> dict[str, Any]:
        return {
            "account_sid": self.account_sid,
            **({"chat_service_sid": self.service_sid} if self._in_service else {"target": row.target}),
            "pre_webhook_url": row.pre_url or None,
            "post_webhook_url": row.post_url or None,
            "method": row.method,
            "filters": row.filters,
            "url": self.url("Configuration", "Webhooks"),
        }

    def chat_service(self, row: ServiceSettings, name: str) -> dict[str, Any]:
        url = public_url(f"{PREFIX}/Services/{self.service_sid}")
        parts = {
            "conversations": "Conversations",
            "users": "Users",
            "roles": "Roles",
            "bindings": "Bindings",
            "configuration": "Configuration",
            "participant_conversations": "ParticipantConversations",
            "conversation_with_participants": "ConversationWithParticipants",
        }
        return {
            "sid": self.service_sid,
            "account_sid": self.account_sid,
            "friendly_name": name,
            **_dates(row.created_at, row.updated_at),
            "url": url,
            "links": {link: f"{url}/{part}" for link, part in parts.items()},
        }

    def _scope(self) -> dict[str, str]:
        return {"chat_service_sid": self.service_sid} if self._in_service else {}


def timers(row: Conversation) -> dict[str, str]:
    """Return when the conversation changes by itself; without timers nothing."""
    inactive, closed = deadlines(row)
    found = {"date_inactive": inactive, "date_closed": closed}
    return {name: to_iso(moment) for name, moment in found.items() if moment is not None}


def media(row: Message) -> list[dict[str, Any]] | None:
    """Return a message's media; None without any."""
    found = [
        {
            "sid": media_sid(row.id, number, item),
            "size": item.get("size"),
            "content_type": item.get("content_type"),
            "filename": item.get("filename"),
        }
        for number, item in enumerate(row.media)
        if item
    ]
    return found or None


def delivery(receipts: Iterable[Receipt]) -> dict[str, Any] | None:
    """Return how far a message got, for all it goes to; None while nothing is known."""
    statuses = [row.status for row in receipts if row.status != Receipt.Status.QUEUED]
    if not statuses:
        return None

    def said(count: int) -> str:
        return "all" if count == len(statuses) else "some" if count else "none"

    return {
        "total": len(statuses),
        **{name: said(sum(_RANKS.get(status, 0) >= rank for status in statuses)) for name, rank in _RANKS.items()},
        **{name: said(statuses.count(name)) for name in ("failed", "undelivered")},
    }


def _dates(created: datetime, updated: datetime | None) -> dict[str, str | None]:
    return {"date_created": to_iso(created), "date_updated": iso_or_none(updated)}


def _sid(prefix: str, key: UUID | None) -> str | None:
    return None if key is None else ids.sid(prefix, key)
