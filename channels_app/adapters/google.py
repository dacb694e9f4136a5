"""What Google's two messaging services share: handshake, signature, service-account tokens, errors."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid4, uuid5

import jwt
import orjson

from channels_app.adapters.errors import MalformedWebhook, Misconfigured, SignatureMismatch, TemporaryFailure
from channels_app.adapters.reading import (
    answer_object,
    child,
    integer,
    json_object,
    raise_for_transport,
    refused,
    text,
)
from channels_app.adapters.values import (
    AccessToken,
    Config,
    CredentialField,
    HandshakeReply,
    OutboundMessage,
    ProviderRequest,
    ProviderResponse,
    WebhookRequest,
)
from common.signatures import constant_time_equal

TOKEN_URL = "https://oauth2.googleapis.com/token"
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_SECONDS = 3600
MAX_SECRET = 256  # characters; Google's are shorter

COMMON_CREDENTIALS = (
    CredentialField("client_token", "Client token of the webhook"),
    CredentialField("client_email", "Service account's e-mail", secret=False),
    CredentialField("private_key", "Service account's private key (PEM)"),
    CredentialField("token_url", "Token address", required=False, secret=False),
)
# Google's canonical error names, in Twilio's codes.
CODES = {
    "INVALID_ARGUMENT": 63005,
    "FAILED_PRECONDITION": 63016,
    "UNAUTHENTICATED": 63001,
    "PERMISSION_DENIED": 63001,
    "NOT_FOUND": 63003,
}


def handshake(request: WebhookRequest, config: Config, *, adapter: str) -> HandshakeReply | None:
    """:raises SignatureMismatch: another client token than ours."""
    if request.method != "POST" or request.header("X-Goog-Signature"):
        return None
    asked = json_object(request.body)
    if "clientToken" not in asked or "secret" not in asked:
        return None
    if not constant_time_equal(text(asked["clientToken"]), config.require("client_token")):
        raise SignatureMismatch(adapter)
    secret = text(asked["secret"])
    if not secret or len(secret) > MAX_SECRET:
        raise MalformedWebhook("the handshake's secret is not a short text")
    return HandshakeReply(body=secret.encode())


def verify(*, signed: bytes, request: WebhookRequest, config: Config, adapter: str) -> None:
    """:raises SignatureMismatch: ``signed`` bears no signature made with our client token."""
    digest = hmac.new(config.require("client_token").encode(), signed, hashlib.sha512).digest()
    if not constant_time_equal(base64.b64encode(digest).decode(), request.header("X-Goog-Signature")):
        raise SignatureMismatch(adapter)


def token_request(config: Config, now: datetime, *, scope: str) -> ProviderRequest:
    """:raises Misconfigured: the private key cannot sign."""
    audience = config.get("token_url", TOKEN_URL)
    issued = int(now.timestamp())
    claims = {
        "iss": config.require("client_email"),
        "scope": scope,
        "aud": audience,
        "iat": issued,
        "exp": issued + TOKEN_SECONDS,
    }
    key = config.require("private_key").replace("\\n", "\n")
    try:
        assertion = jwt.encode(claims, key, algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError) as error:
        raise Misconfigured("private_key", "is not an RSA key in PEM form") from error
    return ProviderRequest(
        method="POST",
        url=audience,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        body=urlencode({"grant_type": GRANT_TYPE, "assertion": assertion}).encode(),
    )


def read_token(response: ProviderResponse) -> AccessToken:
    raise_for_transport(response)
    answer = answer_object(response)
    if response.status >= 400:
        why = text(answer.get("error_description")) or text(answer.get("error"))
        raise refused(response, code=63001, message=why)
    value = text(answer.get("access_token"))
    if not value:
        raise TemporaryFailure("the token's answer holds no token")
    return AccessToken(value, integer(answer.get("expires_in")) or TOKEN_SECONDS)


def message_id(message: OutboundMessage, part: int) -> str:
    """Return the id we give a message: the same at every try, so that Google drops the second one."""
    return str(uuid5(NAMESPACE_URL, f"{message.idempotency_key}:{part}"))


def post(
    *, url: str, payload: Mapping[str, object], message: OutboundMessage, part: int, token: str
) -> ProviderRequest:
    return ProviderRequest(
        method="POST",
        url=url,
        headers={
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"{message.idempotency_key}:{part}",
        },
        body=orjson.dumps(payload),
    )


def tell(*, url: str, payload: Mapping[str, object], token: str) -> ProviderRequest:
    """Return a JSON POST of an event; ``url`` ends where its id goes, which is a new one."""
    return ProviderRequest(
        method="POST",
        url=f"{url}eventId={uuid4()}",
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        body=orjson.dumps(payload),
    )


def raise_for_error(response: ProviderResponse) -> None:
    """
    Judge an answer in Google's error form.

    :raises Throttled, TemporaryFailure, Rejected: as their names say.
    """
    raise_for_transport(response)
    if response.status >= 400:
        error = child(answer_object(response), "error")
        status = text(error.get("status"))
        raise refused(response, code=CODES.get(status, 63005), message=text(error.get("message")), provider_code=status)
