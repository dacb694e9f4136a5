"""Posting what providers say, as their servers would, and where to."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from asgiref.sync import async_to_sync

from channels_app import queries
from channels_app.adapters.values import WebhookRequest
from channels_app.ingress import WebhookReply, receive_webhook
from channels_app.models import Connection
from tests.standins.channels import CHANNELS, GOOGLE_PICTURES, KEYS, SANDBOX, Channel
from tests.standins.webhooks import SignedWebhook

__all__ = ("CHANNELS", "GOOGLE_PICTURES", "KEYS", "SANDBOX", "Channel", "post", "url_of")


def url_of(connection: Connection) -> str:
    return queries.webhook_url(connection) or ""


def post(connection: Connection, webhook: SignedWebhook, **changes: Any) -> WebhookReply:
    made = {
        "method": webhook.method,
        "url": webhook.url,
        "headers": webhook.headers,
        "query": urlsplit(webhook.url).query,
        "body": webhook.body,
    }
    return async_to_sync(receive_webhook)(connection.sid, WebhookRequest(**{**made, **changes}))
