"""What providers post to us, signed as they sign it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from tests.standins.ledger import Keys


@dataclass(frozen=True, slots=True)
class SignedWebhook:
    """A request to be posted to one of our webhook addresses; header names in lower case."""

    url: str
    headers: dict[str, str]
    body: bytes
    method: str = "POST"


def twilio(url: str, fields: Mapping[str, str], *, token: str) -> SignedWebhook:
    """Sign with the official SDK's own code, so that ours is not judged by itself."""
    signature = RequestValidator(token).compute_signature(url, dict(fields))
    headers = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature}
    return SignedWebhook(url, headers, urlencode(fields).encode())


def twilio_message(
    url: str, *, token: str, sid: str, sender: str, recipient: str, body: str, **more: str
) -> SignedWebhook:
    fields = {
        "MessageSid": sid,
        "SmsSid": sid,
        "SmsMessageSid": sid,
        "AccountSid": Keys().twilio_account_sid,
        "From": sender,
        "To": recipient,
        "Body": body,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
        **more,
    }
    return twilio(url, fields, token=token)


def twilio_status(url: str, *, token: str, sid: str, status: str, **more: str) -> SignedWebhook:
    fields = {"MessageSid": sid, "SmsSid": sid, "MessageStatus": status, "SmsStatus": status, **more}
    return twilio(url, fields, token=token)


def meta(url: str, payload: object, *, secret: str) -> SignedWebhook:
    body = json.dumps(payload).encode()
    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return SignedWebhook(url, {"content-type": "application/json", "x-hub-signature-256": signature}, body)


def whatsapp_event(keys: Keys, **value: Any) -> dict[str, Any]:
    """Wrap ``messages``, ``statuses`` or ``contacts`` as Meta does."""
    metadata = {"display_phone_number": "15556459128", "phone_number_id": keys.meta_phone_number_id}
    change = {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
    return {"object": "whatsapp_business_account", "entry": [{"id": "8856996819413533", "changes": [change]}]}


def messenger_event(keys: Keys, *messaging: dict[str, Any]) -> dict[str, Any]:
    return {
        "object": "page",
        "entry": [{"id": keys.meta_page_id, "time": 1458692752478, "messaging": list(messaging)}],
    }


def google_business(url: str, event: object, *, token: str) -> SignedWebhook:
    body = json.dumps(event).encode()
    return SignedWebhook(url, {"content-type": "application/json", "x-goog-signature": _sha512(token, body)}, body)


def google_rcs(url: str, event: object, *, token: str) -> SignedWebhook:
    inner = json.dumps(event).encode()
    body = json.dumps({"message": {"data": base64.b64encode(inner).decode(), "messageId": "1"}}).encode()
    return SignedWebhook(url, {"content-type": "application/json", "x-goog-signature": _sha512(token, inner)}, body)


def _sha512(token: str, data: bytes) -> str:
    return base64.b64encode(hmac.new(token.encode(), data, hashlib.sha512).digest()).decode()
