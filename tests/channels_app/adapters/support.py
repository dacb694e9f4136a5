"""Making the values that adapters take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from channels_app.adapters.values import OutboundMessage, WebhookRequest
from tests.standins.webhooks import SignedWebhook

WEBHOOK_URL = "https://desk.example/webhooks/CN0123"
ACCOUNT_SID = "AC" + "a" * 32


def request_of(webhook: SignedWebhook, **changes: Any) -> WebhookRequest:
    """Return the request as our ingress sees it."""
    made = {
        "method": webhook.method,
        "url": webhook.url,
        "headers": webhook.headers,
        "query": urlsplit(webhook.url).query,
        "body": webhook.body,
    }
    return WebhookRequest(**{**made, **changes})


def payload(file: str, name: str) -> Any:
    """Return a recorded payload from the folder of the calling test's ``__file__``."""
    return json.loads((Path(file).parent / f"{name}.json").read_text())


def outbound(**changes: Any) -> OutboundMessage:
    made: dict[str, Any] = {
        "idempotency_key": "IM" + "0" * 32,
        "sender": "+15557771212",
        "recipient": "+15558675310",
        "body": "Hello",
    }
    return OutboundMessage(**{**made, **changes})
