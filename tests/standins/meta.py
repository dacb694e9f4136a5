"""Meta's Graph API, as far as sending on WhatsApp and Messenger goes."""

import hashlib
import json
import re
from typing import Any

from tests.standins.ledger import Answer, Keys, Ledger, Request, SentMessage

PATH = re.compile(r"/v\d+\.\d+/(\d+)/messages")
MEDIA = ("image", "video", "audio", "document", "sticker")


def judge(request: Request, keys: Keys, ledger: Ledger) -> Answer | None:
    """Answer as Meta would; None where the path is not Meta's."""
    match = PATH.fullmatch(request.path)
    if match is None:
        return None
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    token = token or request.query.get("access_token", [""])[0]
    if token != keys.meta_access_token:
        return _error(401, 190, "Invalid OAuth access token - Cannot parse access token")
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return _error(400, 100, "The request body must be JSON")
    payload = json.loads(request.body)
    key = request.headers.get("idempotency-key", "")
    if match[1] == keys.meta_phone_number_id:
        return _whatsapp(payload, key, keys, ledger)
    if match[1] == keys.meta_page_id:
        return _messenger(payload, key, keys, ledger)
    return _error(400, 100, f"Unsupported post request. Object with ID '{match[1]}' does not exist", 33)


def _whatsapp(payload: dict[str, Any], key: str, keys: Keys, ledger: Ledger) -> Answer:
    kind, to = payload.get("type", "text"), str(payload.get("to", ""))
    content = payload.get(kind)
    if payload.get("messaging_product") != "whatsapp":
        return _error(400, 100, "(#100) The parameter messaging_product is required.")
    if "status" in payload:
        return _whatsapp_mark(payload)
    if not to.isdigit():
        return _error(400, 131009, "(#131009) Parameter value is not valid: to")
    if not isinstance(content, dict):
        return _error(400, 131008, f"(#131008) Required parameter is missing: {kind}")
    if kind == "text" and not 1 <= len(content.get("body", "")) <= 4096:
        return _error(400, 100, "(#100) Param text['body'] must be at most 4096 characters long.")
    if kind in MEDIA and not (content.get("link") or content.get("id")):
        return _error(400, 131008, "(#131008) Required parameter is missing: link or id")
    if kind == "audio" and "caption" in content:
        return _error(400, 100, '(#100) Unexpected key "caption" on param "audio".')
    if kind == "template" and not (content.get("name") and content.get("language", {}).get("code")):
        return _error(400, 132000, "(#132000) The template's name and language are required")
    if f"whatsapp:+{to}" in ledger.window_closed and kind != "template":
        return _error(400, 131047, "(#131047) Re-engagement message")
    external_id = "wamid." + hashlib.sha256((key or str(ledger.number())).encode()).hexdigest()[:40]
    sent = SentMessage(
        provider="meta_whatsapp",
        key=key,
        sender=f"id:{keys.meta_phone_number_id}",
        recipient=f"whatsapp:+{to}",
        body=content.get("body", content.get("caption", "")),
        media=(content["link"],) if kind in MEDIA and "link" in content else (),
        external_id=external_id,
        raw=payload,
    )
    body = {
        "messaging_product": "whatsapp",
        "contacts": [{"input": to, "wa_id": to}],
        "messages": [{"id": external_id, "message_status": "accepted"}],
    }
    return Answer(200, body, sent=sent)


def _whatsapp_mark(payload: dict[str, Any]) -> Answer:
    message_id, indicator = payload.get("message_id", ""), payload.get("typing_indicator")
    if payload["status"] != "read" or not message_id.startswith("wamid."):
        return _error(400, 100, "(#100) Invalid parameter: status or message_id")
    if indicator not in (None, {"type": "text"}):
        return _error(400, 100, "(#100) Invalid parameter: typing_indicator")
    return Answer(200, {"success": True}, shown=("typing" if indicator else "read", "", message_id))


def _messenger(payload: dict[str, Any], key: str, keys: Keys, ledger: Ledger) -> Answer:
    recipient, message = payload.get("recipient", {}).get("id", ""), payload.get("message", {})
    text, attachment = message.get("text", ""), message.get("attachment")
    if "sender_action" in payload:
        return _messenger_action(payload, recipient)
    if payload.get("messaging_type") not in ("RESPONSE", "UPDATE", "MESSAGE_TAG", "UTILITY"):
        return _error(400, 100, "(#100) Param messaging_type must be one of {RESPONSE, UPDATE, MESSAGE_TAG, UTILITY}")
    if payload["messaging_type"] == "MESSAGE_TAG" and not payload.get("tag"):
        return _error(400, 100, "(#100) A tag is required with MESSAGE_TAG")
    if not recipient:
        return _error(400, 100, "(#100) The parameter recipient is required")
    if bool(text) == bool(attachment):
        return _error(400, 100, "(#100) Exactly one of text and attachment is required")
    if len(text) > 2000:
        return _error(400, 100, "(#100) Length of param message[text] must be less than or equal to 2000")
    if f"messenger:{recipient}" in ledger.window_closed and payload["messaging_type"] != "MESSAGE_TAG":
        return _error(400, 10, "(#10) This message is sent outside of allowed window.", 2018278)
    external_id = "m_" + hashlib.sha256((key or str(ledger.number())).encode()).hexdigest()[:40]
    sent = SentMessage(
        provider="messenger",
        key=key,
        sender=f"messenger:{keys.meta_page_id}",
        recipient=f"messenger:{recipient}",
        body=text,
        media=(attachment["payload"]["url"],) if attachment else (),
        external_id=external_id,
        raw=payload,
    )
    return Answer(200, {"recipient_id": recipient, "message_id": external_id}, sent=sent)


def _messenger_action(payload: dict[str, Any], recipient: str) -> Answer:
    kinds = {"mark_seen": "read", "typing_on": "typing"}
    if payload["sender_action"] not in kinds or not recipient or "message" in payload:
        return _error(400, 100, "(#100) A sender_action goes alone, with its recipient")
    shown = (kinds[payload["sender_action"]], f"messenger:{recipient}", "")
    return Answer(200, {"recipient_id": recipient}, shown=shown)


def _error(status: int, code: int, message: str, subcode: int | None = None) -> Answer:
    error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "AbC"}
    if subcode is not None:
        error["error_subcode"] = subcode
    return Answer(status, {"error": error})
