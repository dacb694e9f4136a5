"""Beginning web chats."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db import transaction

from channels_app import queries as channels
from channels_app import services as channel_services
from channels_app import webchat
from channels_app.webchat import Settings
from common import ids
from common.api.errors import public_url
from common.errors import BadParameter, Conflict, Forbidden, NotFound, Unauthorized
from conversations import queries as conversations
from conversations import services
from conversations.services import Kind, media
from interactions import queries as interactions
from realtime import tokens
from realtime.identity import MAX_IDENTITY, IdentityRefused, SignedIdentity
from realtime.identity import read as read_identity
from routing import queries as routing
from routing import services as routing_services

if TYPE_CHECKING:
    from channels_app.models import Connection
    from conversations.models import Conversation

CHAT = "chat"
MAX_PRE_ENGAGEMENT = 16 * 1024  # characters of JSON
# What forms call the customer's name, in the order they are believed.
NAMES = ("friendlyName", "customerName", "name")


@dataclass(frozen=True, slots=True)
class Chat:
    """A begun chat and what opens it; not ``is_new``: a signed user's open one, gone on with."""

    token: str
    expires_at: datetime
    conversation_id: UUID
    identity: str
    is_new: bool = True


def deployment(deployment_key: str, *, origin: str | None = None) -> tuple[Connection, Settings]:
    """
    Return the web chat that a page names, and its settings.

    :raises NotFound: no active web chat has this key.
    :raises Forbidden: pages of this origin may not show it.
    """
    connection = channels.connection_by_deployment_key(deployment_key)
    if connection is None or connection.type != CHAT:
        raise NotFound("web chat (check the deployment key)")
    settings = webchat.read(connection.webchat)
    check_origin(settings, origin)
    return connection, settings


def check_origin(settings: Settings, origin: str | None) -> None:
    """:raises Forbidden: pages of this origin may not show the web chat."""
    if origin is not None and origin != own_origin() and not settings.allows_origin(origin):
        raise Forbidden(f"This web chat is not for pages of {origin[:200]}")


def own_origin() -> str:
    """Return the installation's own origin, whose pages (demo, preview) may show every web chat."""
    parts = urlsplit(public_url("/"))
    return f"{parts.scheme}://{parts.netloc}"


@transaction.atomic
def start_chat(
    *,
    deployment_key: str,
    identity: str | None,
    pre_engagement: Mapping[str, Any] | None,
    now: datetime,
    identity_token: str | None = None,
    origin: str | None = None,
    is_only_resuming: bool = False,
) -> Chat:
    """
    Begin a conversation of a customer on somebody's page; the flow of the chat's address answers it.

    Without ``identity`` the customer gets a random one. With ``identity_token`` it is the one that the token names,
    and their open conversation of this web chat goes on, if they have one. ``pre_engagement`` is checked against the
    web chat's form and kept in the conversation's attributes. ``is_only_resuming``: nothing is begun.

    :raises NotFound: no active web chat has this key, or there is nothing to go on with.
    :raises Forbidden: pages of this origin may not show it.
    :raises Unauthorized: the identity token is no good, or one is needed.
    :raises BadParameter: a value is too long, or does not fit the form.
    :raises Conflict: the web chat is closed at this hour.
    """
    connection, settings = deployment(deployment_key, origin=origin)
    signed = _signed(connection, settings, identity, identity_token, now)
    if signed is not None:
        identity = signed.identity
        # Two tabs of one user begin one conversation.
        channel_services.lock_webchat(account_id=connection.account_id, connection_id=connection.id)
        known = conversations.open_of_identity(connection.account_id, connection.id, identity)
        if known is not None:
            return _issue(connection.account_id, known, identity, now, is_new=False)
    if is_only_resuming:
        raise NotFound("open chat")
    if settings.offline == "closed" and not is_open(connection, settings, now)[0]:
        raise Conflict(settings.offline_text or "The chat is closed at the moment")
    identity = identity or f"visitor-{secrets.token_hex(8)}"
    if len(identity) > MAX_IDENTITY:
        raise BadParameter(f"identity must have at most {MAX_IDENTITY} characters")
    answers = webchat.check_answers(settings.form, _with_claims(settings, pre_engagement or {}, signed))
    about: dict[str, Any] = {"pre_engagement_data": answers} if answers else {}
    if signed is not None:
        about["signed_identity"] = signed.claims
    attributes = json.dumps(about)
    if len(attributes) > MAX_PRE_ENGAGEMENT:
        raise BadParameter("pre_engagement_data is too large")
    conversation = services.create_conversation(
        account_id=connection.account_id,
        channel_type=CHAT,
        attributes=attributes,
        customer_name=(signed and signed.name) or _name(answers),
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


def is_open(connection: Connection, settings: Settings, now: datetime) -> tuple[bool, datetime | None]:
    """Return whether the web chat's opening hours are now, and when that changes; without hours it is always open."""
    calendar_id = ids.parse_or_none("CL", settings.calendar_sid) if settings.calendar_sid else None
    told = routing.calendar_now(connection.account_id, calendar_id, now) if calendar_id else None
    return told or (True, None)


@transaction.atomic
def leave_message(*, account_id: UUID, conversation_id: UUID, contact: str, now: datetime) -> None:
    """
    Note that the customer waits no longer and reads the answer elsewhere: on the conversation and its waiting tasks.

    The tasks keep their place; a workflow may send those with ``left_message`` elsewhere.
    """
    said: dict[str, Any] = {"left_message": True, **({"contact": contact} if contact else {})}
    conversation = services.lock_conversations([conversation_id]).get(conversation_id)
    if conversation is None or conversation.account_id != account_id:
        raise NotFound("conversation")
    services.update_conversation(
        conversation_id=conversation_id,
        what=services.ConversationChange(attributes=json.dumps({**_object(conversation.attributes), **said})),
        now=now,
    )
    for task_id in interactions.tasks_of_conversation(conversation_id):
        task = routing.task(account_id, task_id)
        if task is not None and task.is_waiting:
            routing_services.update_task(task_id=task_id, attributes={**_object(task.attributes), **said}, now=now)


def _signed(
    connection: Connection, settings: Settings, identity: str | None, token: str | None, now: datetime
) -> SignedIdentity | None:
    if settings.identity == "off":
        if token:
            raise Unauthorized("This web chat takes no signed users; its settings switch them on")
        return None
    if token:
        try:
            return read_identity(token, secrets=channels.identity_secrets(connection, now), now=now)
        except IdentityRefused as error:
            raise Unauthorized(str(error)) from error
    if settings.identity == "required":
        raise Unauthorized("Log in on this page to chat")
    if identity:
        # Whoever may name anybody could read over a signed user's shoulder.
        raise Unauthorized("This web chat takes an identity only in a signed token")
    return None


def _with_claims(settings: Settings, given: Mapping[str, Any], signed: SignedIdentity | None) -> dict[str, Any]:
    """Answer the form's questions from what the site's server signed."""
    if signed is None:
        return dict(given)
    asked = {each.name for each in settings.form}
    said = {name: value for name, value in signed.claims.items() if name in asked and isinstance(value, str)}
    return {**given, **said}


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


def writable_chat(*, token: str, origin: str | None, now: datetime) -> tuple[Conversation, Settings]:
    """
    Return the open conversation of a token, and what its web chat is set to.

    :raises Unauthorized: the token is no good.
    :raises Forbidden: pages of this origin may not show the web chat.
    :raises Conflict: the chat is over.
    """
    try:
        told = tokens.read(token, now=now)
    except tokens.TokenRefused as error:
        raise Unauthorized(str(error)) from error
    conversation = conversations.find_conversation(told.account_id, told.conversation_id)
    if conversation is None or conversations.participant(told.conversation_id, told.identity) is None:
        raise Unauthorized("The chat does not exist any more")
    if conversation.is_closed:
        raise Conflict("The chat is over")
    settings = settings_of(conversation)
    check_origin(settings, origin)
    return conversation, settings


def settings_of(conversation: Conversation) -> Settings:
    """Return what the web chat of a conversation is set to."""
    connection_id = conversation.connection_id
    connection = channels.webchat(conversation.account_id, connection_id) if connection_id else None
    return webchat.read({} if connection is None else connection.webchat)


def keep_file(
    conversation: Conversation,
    settings: Settings,
    *,
    content: IO[bytes],
    filename: str,
    declared_type: str,
    now: datetime,
) -> dict[str, Any]:
    """
    Keep a customer's file, and return the item that their message names it by.

    :raises BadParameter: the web chat takes no such file; judged by its bytes, whatever it calls itself. ``details``
        has the ``reason``: off or type.
    :raises MediaTooLarge: it is larger than the web chat takes.
    """
    if not settings.files:
        raise BadParameter("This chat takes no files")
    row = media.store(
        account_id=conversation.account_id,
        conversation_id=conversation.id,
        content=content,
        filename=filename,
        declared_type=declared_type,
        author=conversation.customer_address,
        max_bytes=settings.max_file_bytes,
        now=now,
    )
    refused = settings.refusal_of(row.content_type, row.size or 0)
    if refused is not None:
        media.forget(media_id=row.id)
        raise BadParameter(refused.message, details={"reason": refused.reason})
    return media.item(row)


def _issue(account_id: UUID, conversation_id: UUID, identity: str, now: datetime, *, is_new: bool = True) -> Chat:
    token, expires_at = tokens.issue(account_id=account_id, conversation_id=conversation_id, identity=identity, now=now)
    return Chat(token=token, expires_at=expires_at, conversation_id=conversation_id, identity=identity, is_new=is_new)


def _name(pre_engagement: Mapping[str, Any]) -> str:
    found = next((pre_engagement[name] for name in NAMES if isinstance(pre_engagement.get(name), str)), "")
    return found.replace("\x00", "").strip()[:256]


def _object(text: str) -> dict[str, Any]:
    value = json.loads(text or "{}")
    return value if isinstance(value, dict) else {}
