"""What Meta's WhatsApp Cloud API and Messenger Platform share: handshake, signature, errors of the Graph API."""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlencode

import orjson

from channels_app.adapters.errors import MalformedWebhook, Rejected, SignatureMismatch, TemporaryFailure, Throttled
from channels_app.adapters.reading import (
    answer_object,
    child,
    integer,
    is_host_of,
    raise_for_transport,
    refused,
    text,
)
from channels_app.adapters.values import (
    Config,
    CredentialField,
    HandshakeReply,
    Media,
    OutboundMessage,
    ProviderRequest,
    ProviderResponse,
    WebhookRequest,
)
from common.signatures import constant_time_equal

API_BASE_URL = "https://graph.facebook.com"
API_VERSION = "v23.0"
MAX_CHALLENGE = 256  # characters; Meta's are numbers of about ten digits

_SUFFIXES = {
    "image": frozenset({"jpg", "jpeg", "png", "gif", "webp"}),
    "video": frozenset({"mp4", "3gp", "mov"}),
    "audio": frozenset({"mp3", "ogg", "oga", "amr", "aac", "m4a"}),
}

COMMON_CREDENTIALS = (
    CredentialField("access_token", "Access token"),
    CredentialField("app_secret", "App secret"),
    CredentialField("verify_token", "Verify token"),
    CredentialField("api_version", "Graph API version", required=False, secret=False),
)


def handshake(request: WebhookRequest, config: Config, *, adapter: str) -> HandshakeReply | None:
    """:raises SignatureMismatch: another verify token than ours."""
    if request.method != "GET":
        return None
    query = dict(request.query_pairs)
    challenge = query.get("hub.challenge", "")
    if query.get("hub.mode") != "subscribe":
        raise MalformedWebhook("a GET without hub.mode=subscribe")
    if not constant_time_equal(query.get("hub.verify_token", ""), config.require("verify_token")):
        raise SignatureMismatch(adapter)
    # Only a plain token comes back, as text: what a stranger puts here cannot become a page.
    if not challenge.isascii() or not challenge.isalnum() or len(challenge) > MAX_CHALLENGE:
        raise MalformedWebhook("hub.challenge is not a plain token")
    return HandshakeReply(body=challenge.encode())


def verify(request: WebhookRequest, config: Config, *, adapter: str) -> None:
    """:raises SignatureMismatch: unsigned, or not signed with the app's secret."""
    secret = config.require("app_secret")
    expected = hmac.new(secret.encode(), request.body, hashlib.sha256).hexdigest()
    if not constant_time_equal(f"sha256={expected}", request.header("X-Hub-Signature-256")):
        raise SignatureMismatch(adapter)


def post(
    *, url: str, payload: Mapping[str, object], message: OutboundMessage, part: int, token: str = ""
) -> ProviderRequest:
    """Return a JSON POST; every part of a message has a key of its own."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": f"{message.idempotency_key}:{part}"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return ProviderRequest(method="POST", url=url, headers=headers, body=orjson.dumps(payload))


def tell(*, url: str, payload: Mapping[str, object], token: str = "") -> ProviderRequest:
    """Return a JSON POST of something that is no message."""
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    return ProviderRequest(method="POST", url=url, headers=headers, body=orjson.dumps(payload))


# Where Meta keeps files of its API.
_FILE_HOSTS = (".facebook.com", ".fbsbx.com", ".fbcdn.net", ".whatsapp.net")


def file_request(url: str, config: Config) -> ProviderRequest:
    """Return the request for a file, or for its address; Meta's own hosts are shown the access token."""
    base = config.api_base_url or API_BASE_URL
    token = config.get("access_token") if is_host_of(url, base, *_FILE_HOSTS) else ""
    return ProviderRequest(method="GET", url=url, headers={"Authorization": f"Bearer {token}"} if token else {})


def probe(object_id: str, fields: str, config: Config) -> ProviderRequest:
    """Return the request that asks what one of Meta's objects is, and shows that we hold the app's secret."""
    base = (config.api_base_url or API_BASE_URL).rstrip("/")
    version = config.get("api_version", API_VERSION)
    token = config.require("access_token")
    # Meta takes the proof only of the app's own secret, the one that its webhooks are signed with.
    proof = hmac.new(config.require("app_secret").encode(), token.encode(), hashlib.sha256).hexdigest()
    url = f"{base}/{version}/{object_id}?{urlencode({'fields': fields, 'appsecret_proof': proof})}"
    return ProviderRequest(method="GET", url=url, headers={"Authorization": f"Bearer {token}"})


def raise_for_error(
    response: ProviderResponse,
    *,
    throttled: frozenset[int],
    temporary: frozenset[int],
    codes: Mapping[int | tuple[int, int], int],
) -> None:
    """
    Judge an answer by its Graph error.

    ``codes`` maps Meta's code, or (code, subcode), to Twilio's; what it does not name becomes 63005.

    :raises Throttled: a limit of the app, the account or the pair.
    :raises TemporaryFailure: Meta's own trouble.
    :raises Rejected: refused for good.
    """
    error = child(answer_object(response), "error")
    code = integer(error.get("code"))
    if code is None:
        raise_for_transport(response)
        if response.status >= 400:
            raise refused(response, code=63005, message=text(answer_object(response).get("message")))
        return
    if code in throttled:
        raise Throttled
    if code in temporary:
        raise TemporaryFailure(f"Meta error {code}: {text(error.get('message'))[:200]}")
    subcode = integer(error.get("error_subcode")) or 0
    raise Rejected(
        mapped_code(code, subcode, codes),
        text(error.get("message"))[:500],
        provider_code=f"{code}/{subcode}" if subcode else str(code),
    )


def mapped_code(code: int, subcode: int, codes: Mapping[int | tuple[int, int], int]) -> int:
    if (code, subcode) in codes:
        return codes[code, subcode]
    if 200 <= code <= 299:
        return 63001
    return codes.get(code, 63005)


def media_kind(media: Media) -> str:
    """Return Meta's word for an attachment by its type, or by its name where that is not told; else document."""
    kind = media.content_type.partition("/")[0].lower()
    if not kind:
        suffix = media.url.partition("?")[0].rpartition(".")[2].lower()
        kind = next((name for name, suffixes in _SUFFIXES.items() if suffix in suffixes), "")
    return kind if kind in _SUFFIXES else "document"
