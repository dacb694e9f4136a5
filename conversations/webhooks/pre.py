"""Asking before a write: an account's pre-webhook may refuse it, or change what is written."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts import queries as accounts
from common import clock, http, ids
from conversations.errors import RefusedByWebhook
from conversations.models import WebhookDelivery
from conversations.services.checks import check_attributes
from conversations.services.edits import check_body
from conversations.webhooks import listeners
from conversations.webhooks import parameters as tell
from conversations.webhooks.sender import KEPT, request_of


def ask(
    *,
    account_id: UUID,
    event: str,
    told: dict[str, Any],
    auth_token: str,
    conversation_id: UUID | None = None,
    source: str = "API",
) -> dict[str, str]:
    """
    Ask those who listen to a pre-event, and return what they change; each sees the write as it was asked for.

    Nobody asked, no answer within five seconds, or an answer without JSON changes nothing. Call it outside a
    transaction: it waits for somebody else's server.

    :raises RefusedByWebhook: an answer of 4xx or 5xx.
    """
    changes: dict[str, str] = {}
    for row in listeners.configurations(account_id):
        if not row.pre_url or event not in row.filters:
            continue
        now = clock.now()
        asked = WebhookDelivery(
            account_id=account_id,
            conversation_id=conversation_id,
            key=account_id,
            webhook=row.scope,
            event=event,
            method=row.method,
            url=row.pre_url,
            parameters={**tell.common(account_id, event, source), **tell.texts(**told)},
            attempts=1,
            created_at=now,
            updated_at=now,
        )
        answer = _answer(asked, auth_token)
        asked.updated_at = clock.now()
        asked.duration_ms = round((asked.updated_at - now).total_seconds() * 1000)
        asked.save(force_insert=True)
        if answer is not None and answer.status >= 400:
            raise RefusedByWebhook(f"The account's pre-webhook refused {event} with HTTP {answer.status}")
        if answer is not None:
            changes.update(tell.changes(event, answer.body))
    return changes


def _answer(asked: WebhookDelivery, token: str) -> http.HttpAnswer | None:
    """Make the request, and note on ``asked`` what came of it."""
    try:
        answer = http.fetch_sync(request_of(asked, token))
    except http.HttpError as error:
        asked.status, asked.error = WebhookDelivery.Status.FAILED, str(error)
        return None
    asked.status = WebhookDelivery.Status.DELIVERED
    asked.response_status = answer.status
    asked.response = answer.body[:KEPT].decode("utf-8", "replace").replace("\x00", "")
    return answer


def ask_of_screens(
    *, account_id: UUID, conversation_id: UUID, body: str, author: str, channel_type: str, media: list[dict[str, Any]]
) -> dict[str, str]:
    """
    Ask for a message that somebody writes at a screen, an agent or a visitor of the web chat; returns what is changed.

    :raises RefusedByWebhook: an answer of 4xx or 5xx.
    :raises ApiError: what it made of the message is none.
    """
    if not listeners.configurations(account_id):
        return {}
    told = {
        "ConversationSid": ids.sid("CH", conversation_id),
        "Body": body,
        "Author": author,
        "Attributes": "{}",
        "ClientIdentity": author,
        "Media": tell.media(conversation_id, media),
    }
    changes = ask(
        account_id=account_id,
        event="onMessageAdd",
        told=told,
        auth_token=accounts.account(account_id).auth_token,
        conversation_id=conversation_id,
        source="SDK",
    )
    if "body" in changes:
        check_body(changes["body"], channel_type)
    if "attributes" in changes:
        changes["attributes"] = check_attributes(changes["attributes"])
    if "author" in changes:
        changes["author"] = changes["author"][:256]
    return changes
