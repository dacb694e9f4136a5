"""Asking before a write: an account's pre-webhook may refuse it, or change what is written."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import orjson

from common import clock, http
from conversations.errors import RefusedByWebhook
from conversations.models import WebhookDelivery
from conversations.webhooks import listeners
from conversations.webhooks import parameters as tell
from conversations.webhooks.sender import KEPT, request_of

# What an answer may change, and how that is called here.
CHANGEABLE = {
    "onMessageAdd": ("body", "author", "attributes"),
    "onMessageUpdate": ("body", "author", "attributes"),
    "onConversationAdd": ("friendly_name",),
    "onConversationUpdate": ("friendly_name",),
}


def ask(
    *, account_id: UUID, event: str, told: dict[str, Any], auth_token: str, conversation_id: UUID | None = None
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
            parameters={**tell.common(account_id, event, "API"), **tell.texts(**told)},
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
            changes.update(_changes(event, answer.body))
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


def _changes(event: str, body: bytes) -> dict[str, str]:
    try:
        said = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError:
        return {}
    if not isinstance(said, dict):
        return {}
    named = {name.lower().replace("_", ""): value for name, value in said.items()}
    found = {}
    for name in CHANGEABLE.get(event, ()):
        value = named.get(name.replace("_", ""))
        if value is not None:
            found[name] = value if isinstance(value, str) else json.dumps(value)
    return found
