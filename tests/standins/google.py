"""Google's token endpoint, Business Messages and RCS Business Messaging, as far as sending goes."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, unquote
from uuid import UUID

import jwt

from tests.standins.ledger import GOOGLE_PUBLIC_KEY, Answer, Keys, Ledger, Request, SentMessage

TOKEN_PATH = "/token"
BUSINESS_PATH = re.compile(r"/v1/conversations/([^/]+)/messages")
RCS_PATH = re.compile(r"/v1/phones/([^/]+)/agentMessages")
BUSINESS_EVENTS = re.compile(r"/v1/conversations/([^/]+)/events")
RCS_EVENTS = re.compile(r"/v1/phones/([^/]+)/agentEvents")
RCS_CAPABILITIES = re.compile(r"/v1/phones/([^/]+)/capabilities")
SCOPES = {
    "https://www.googleapis.com/auth/businessmessages": "token-for-gbm",
    "https://www.googleapis.com/auth/rcsbusinessmessaging": "token-for-rcs",
}


def judge(request: Request, keys: Keys, ledger: Ledger) -> Answer | None:
    """Answer as Google would; None where the path is not Google's."""
    if request.path == TOKEN_PATH:
        return _token(request, keys)
    if match := BUSINESS_PATH.fullmatch(request.path):
        return _business(request, unquote(match[1]))
    if match := RCS_PATH.fullmatch(request.path):
        return _rcs(request, unquote(match[1]), keys)
    if match := BUSINESS_EVENTS.fullmatch(request.path):
        return _event(request, "token-for-gbm", f"gbm:{unquote(match[1])}", {"TYPING_STARTED": "typing"})
    if match := RCS_EVENTS.fullmatch(request.path):
        if request.query.get("agentId") != [keys.google_agent_id]:
            return _error(403, "PERMISSION_DENIED", "The agent is not this account's")
        return _event(request, "token-for-rcs", f"rcs:{unquote(match[1])}", {"IS_TYPING": "typing", "READ": "read"})
    return None


def judge_get(request: Request, keys: Keys) -> Answer | None:
    """Answer what a phone can show: here no phone is on the network."""
    if not RCS_CAPABILITIES.fullmatch(request.path):
        return None
    if request.headers.get("authorization") != "Bearer token-for-rcs":
        return _error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
    if request.query.get("agentId") != [keys.google_agent_id] or "requestId" not in request.query:
        return _error(403, "PERMISSION_DENIED", "The agent is not this account's")
    return _error(404, "NOT_FOUND", "The phone does not support RCS")


def _event(request: Request, token: str, customer: str, kinds: dict[str, str]) -> Answer:
    if request.headers.get("authorization") != f"Bearer {token}":
        return _error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
    try:
        UUID(request.query.get("eventId", [""])[0])
    except ValueError:
        return _error(400, "INVALID_ARGUMENT", "eventId must be a UUID")
    payload = json.loads(request.body)
    kind = kinds.get(payload.get("eventType", ""))
    if kind is None or (kind == "read") != ("messageId" in payload):
        return _error(400, "INVALID_ARGUMENT", "eventType or messageId is wrong")
    if token == "token-for-gbm" and not payload.get("representative", {}).get("representativeType"):
        return _error(400, "INVALID_ARGUMENT", "representative is required")
    return Answer(200, {}, shown=(kind, customer, payload.get("messageId", "")))


def _token(request: Request, keys: Keys) -> Answer:
    form = parse_qs(request.body.decode())
    try:
        claims = jwt.decode(
            form.get("assertion", [""])[0],
            GOOGLE_PUBLIC_KEY,
            algorithms=["RS256"],
            # Tests move their clock and this one stands still.
            leeway=3600,
            options={"verify_aud": False, "require": ["exp", "iat", "iss", "scope"]},
        )
    except jwt.PyJWTError as error:
        return Answer(400, {"error": "invalid_grant", "error_description": str(error)})
    if claims["iss"] != keys.google_client_email or claims["scope"] not in SCOPES:
        return Answer(400, {"error": "invalid_grant", "error_description": "Invalid issuer or scope"})
    return Answer(200, {"access_token": SCOPES[claims["scope"]], "expires_in": 3600, "token_type": "Bearer"})


def _business(request: Request, conversation: str) -> Answer:
    if request.headers.get("authorization") != "Bearer token-for-gbm":
        return _error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
    payload = json.loads(request.body)
    representative = payload.get("representative", {}).get("representativeType")
    if representative not in ("BOT", "HUMAN"):
        return _error(400, "INVALID_ARGUMENT", "representative is required")
    if not payload.get("text") and not payload.get("image"):
        return _error(400, "INVALID_ARGUMENT", "message content is required")
    image = payload.get("image", {}).get("contentInfo", {}).get("fileUrl", "")
    return _taken(
        "gbm",
        message_id=payload.get("messageId", ""),
        sender="",
        recipient=f"gbm:{conversation}",
        body=payload.get("text", ""),
        media=(image,) if image else (),
        name=f"conversations/{conversation}/messages/",
        raw=payload,
    )


def _rcs(request: Request, phone: str, keys: Keys) -> Answer:
    if request.headers.get("authorization") != "Bearer token-for-rcs":
        return _error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
    if request.query.get("agentId") != [keys.google_agent_id]:
        return _error(403, "PERMISSION_DENIED", "The agent is not this account's")
    if not re.fullmatch(r"\+[1-9]\d{4,14}", phone):
        return _error(404, "NOT_FOUND", "The phone does not support RCS")
    content = json.loads(request.body).get("contentMessage", {})
    file = content.get("contentInfo", {}).get("fileUrl", "")
    if not content.get("text") and not file:
        return _error(400, "INVALID_ARGUMENT", "contentMessage is required")
    return _taken(
        "rcs",
        message_id=request.query.get("messageId", [""])[0],
        sender=f"rcs:{keys.google_agent_id}",
        recipient=f"rcs:{phone}",
        body=content.get("text", ""),
        media=(file,) if file else (),
        name=f"phones/{phone}/agentMessages/",
        raw=content,
    )


def _taken(provider: str, *, message_id: str, name: str, **what: Any) -> Answer:
    try:
        UUID(message_id)
    except ValueError:
        return _error(400, "INVALID_ARGUMENT", "messageId must be a UUID")
    sent = SentMessage(provider=provider, key=message_id, external_id=message_id, **what)
    return Answer(200, {"name": name + message_id}, sent=sent)


def _error(status: int, name: str, message: str) -> Answer:
    return Answer(status, {"error": {"code": status, "message": message, "status": name}})
