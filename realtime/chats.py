"""Beginning web chats."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from channels_app import queries as channels
from common.errors import BadParameter, Conflict, NotFound, Unauthorized
from conversations import queries as conversations
from conversations import services
from conversations.services import Kind
from realtime import tokens

CHAT = "chat"
MAX_IDENTITY = 200  # characters
MAX_PRE_ENGAGEMENT = 16 * 1024  # characters of JSON
# What forms call the customer's name, in the order they are believed.
NAMES = ("friendlyName", "customerName", "name")


@dataclass(frozen=True, slots=True)
class Chat:
    """A begun chat and what opens it."""

    token: str
    expires_at: datetime
    conversation_id: UUID
    identity: str


@transaction.atomic
def start_chat(
    *, deployment_key: str, identity: str | None, pre_engagement: Mapping[str, Any] | None, now: datetime
) -> Chat:
    """
    Begin a conversation of a customer on somebody's page; the flow of the chat's address answers it.

    Without ``identity`` the customer gets a random one. ``pre_engagement`` is kept in the conversation's attributes.

    :raises NotFound: no active web chat has this key.
    :raises BadParameter: a value is too long.
    """
    connection = channels.connection_by_deployment_key(deployment_key)
    if connection is None or connection.type != CHAT:
        raise NotFound("web chat (check the deployment key)")
    identity = identity or f"visitor-{secrets.token_hex(8)}"
    if len(identity) > MAX_IDENTITY:
        raise BadParameter(f"identity must have at most {MAX_IDENTITY} characters")
    attributes = json.dumps({"pre_engagement_data": pre_engagement} if pre_engagement else {})
    if len(attributes) > MAX_PRE_ENGAGEMENT:
        raise BadParameter("pre_engagement_data is too large")
    conversation = services.create_conversation(
        account_id=connection.account_id,
        channel_type=CHAT,
        attributes=attributes,
        customer_name=_name(pre_engagement or {}),
        proxy_address=connection.address,
        identity=identity,
        connection_id=connection.id,
        now=now,
    )
    configuration = conversations.address(connection.account_id, CHAT, connection.address)
    if configuration is not None and configuration.flow_id is not None and configuration.target == "studio":
        services.attach_flow(
            account_id=connection.account_id,
            conversation_id=conversation.id,
            flow_id=configuration.flow_id,
            now=now,
        )
    return _issue(connection.account_id, conversation.id, identity, now)


def refresh_chat(*, token: str, now: datetime) -> Chat:
    """
    Return another token for the same chat, as long as the old one is good.

    :raises Unauthorized: it is not.
    :raises Conflict: the chat is over.
    """
    try:
        old = tokens.read(token, now=now)
    except tokens.TokenRefused as error:
        raise Unauthorized(str(error)) from error
    conversation = conversations.find_conversation(old.account_id, old.conversation_id)
    participant = conversations.participant(old.conversation_id, old.identity)
    if conversation is None or participant is None or participant.kind != Kind.CUSTOMER:
        raise Unauthorized("The chat does not exist any more")
    if conversation.is_closed:
        raise Conflict("The chat is over")
    return _issue(old.account_id, old.conversation_id, old.identity, now)


def _issue(account_id: UUID, conversation_id: UUID, identity: str, now: datetime) -> Chat:
    token, expires_at = tokens.issue(account_id=account_id, conversation_id=conversation_id, identity=identity, now=now)
    return Chat(token=token, expires_at=expires_at, conversation_id=conversation_id, identity=identity)


def _name(pre_engagement: Mapping[str, Any]) -> str:
    found = next((pre_engagement[name] for name in NAMES if isinstance(pre_engagement.get(name), str)), "")
    return found.replace("\x00", "").strip()[:256]
