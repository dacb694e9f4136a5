"""What holds for every adapter: no bytes make it raise anything but its named errors."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app.adapters import ADAPTERS, Adapter, UnknownChannel, adapter_for
from channels_app.adapters.errors import AdapterError, Rejected, SignatureMismatch
from channels_app.adapters.values import Config, Media, OutboundMessage, ProviderResponse, WebhookRequest
from common.signatures import sign
from tests.channels_app.adapters.support import ACCOUNT_SID, WEBHOOK_URL, outbound
from tests.standins import Keys
from tests.standins.ledger import GOOGLE_PRIVATE_KEY

KEYS = Keys()
EVERY_ADAPTER = pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda one: f"{one.provider}-{one.channel_types[0]}")
CREDENTIALS = {
    "account_sid": KEYS.twilio_account_sid,
    "auth_token": "secret",
    "access_token": "secret",
    "app_secret": "secret",
    "verify_token": "secret",
    "phone_number_id": KEYS.meta_phone_number_id,
    "page_id": KEYS.meta_page_id,
    "client_token": "secret",
    "client_email": KEYS.google_client_email,
    "private_key": GOOGLE_PRIVATE_KEY,
    "agent_id": KEYS.google_agent_id,
}
CONFIG = Config(ACCOUNT_SID, "+15557771212", CREDENTIALS, webhook_url=WEBHOOK_URL)

WORDS = """
    object entry changes field value messages statuses contacts metadata messaging message sender
    recipient id mid from type text body image location button interactive list_reply timestamp status
    errors code delivery read watermark mids postback payload attachments url coordinates conversationId
    messageId requestId context userInfo suggestionResponse receipts receiptType senderPhoneNumber
    eventType userFile data clientToken secret profile name wa_id caption mime_type error error_subcode
    access_token sid is_echo
"""
words = st.sampled_from(WORDS.split())
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.sampled_from(["messages", "text", "image", "delivered", "DELIVERED", "list_reply", "location", "1504902988"])
)
json_values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=6), max_leaves=40
)
FORM_FIELDS = "MessageSid SmsSid From To Body NumMedia MediaUrl0 MediaContentType0 MessageStatus ErrorCode"
forms = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "MessageSid",
                "SmsSid",
                "From",
                "To",
                "Body",
                "NumMedia",
                "MediaUrl0",
                "MediaContentType0",
                "MessageStatus",
                "ErrorCode",
            ]
        )
        | st.text(max_size=8),
        st.text(max_size=30) | st.sampled_from(["delivered", "failed", "3", "-1", "99999999999999999999"]),
    ),
    max_size=12,
)


def signed(adapter: Adapter, method: str, body: bytes, query: str = "") -> WebhookRequest:
    """Sign arbitrary bytes as the adapter's provider would, so that they reach ``parse``."""
    inner = body
    if adapter.provider == "google" and "rcs" in adapter.channel_types:
        with suppress(ValueError, TypeError, KeyError):
            inner = base64.b64decode(json.loads(body)["message"]["data"], validate=True)
    probe = WebhookRequest(method, WEBHOOK_URL, {}, query, body)
    url = WEBHOOK_URL + (f"?{query}" if query else "")
    with suppress(AdapterError):
        form = probe.form_pairs if method == "POST" else ()
        headers = {
            "x-twilio-signature": sign(url=url, parameters=form, token="secret"),
            "x-hub-signature-256": "sha256=" + hmac.new(b"secret", body, hashlib.sha256).hexdigest(),
            "x-goog-signature": base64.b64encode(hmac.new(b"secret", inner, hashlib.sha512).digest()).decode(),
        }
        return WebhookRequest(method, url, headers, query, body)
    return probe


def take(adapter: Adapter, request: WebhookRequest) -> Any:
    reply = adapter.handshake(request, CONFIG)
    if reply is not None:
        return reply
    adapter.verify(request, CONFIG)
    return adapter.parse(request, CONFIG)


@EVERY_ADAPTER
@settings(max_examples=40, deadline=None)
@given(method=st.sampled_from(["GET", "POST"]), body=st.binary(max_size=200), query=st.text(max_size=60))
def test_takes_any_bytes_or_names_its_error(adapter: Adapter, method: str, body: bytes, query: str) -> None:
    with suppress(AdapterError):
        take(adapter, signed(adapter, method, body, query))


@EVERY_ADAPTER
@settings(max_examples=40, deadline=None)
@given(value=json_values, is_wrapped=st.booleans())
def test_takes_any_signed_json_or_names_its_error(adapter: Adapter, value: Any, is_wrapped: bool) -> None:
    body = json.dumps(value).encode()
    if is_wrapped:
        body = json.dumps({"message": {"data": base64.b64encode(body).decode()}}).encode()

    with suppress(AdapterError):
        storable(take(adapter, signed(adapter, "POST", body)))


@EVERY_ADAPTER
@settings(max_examples=40, deadline=None)
@given(pairs=forms)
def test_takes_any_signed_form_or_names_its_error(adapter: Adapter, pairs: list[tuple[str, str]]) -> None:
    body = urlencode([(name, value.encode("utf-8", "replace")) for name, value in pairs]).encode()

    with suppress(AdapterError):
        storable(take(adapter, signed(adapter, "POST", body)))


@EVERY_ADAPTER
@settings(max_examples=40, deadline=None)
@given(status=st.integers(100, 599), body=st.binary(max_size=100) | json_values.map(lambda v: json.dumps(v).encode()))
def test_reads_any_answer_or_names_its_error(adapter: Adapter, status: int, body: bytes) -> None:
    response = ProviderResponse(status, body, {"retry-after": body[:5].decode("latin-1")})

    with suppress(AdapterError):
        assert adapter.read(response)
    with suppress(AdapterError):
        assert adapter.read_token(response).value


@EVERY_ADAPTER
@settings(max_examples=40, deadline=None)
@given(
    body=st.text(max_size=50),
    recipient=st.text(max_size=30),
    media=st.lists(st.builds(Media, url=st.text(max_size=20), content_type=st.text(max_size=10)), max_size=3),
    variables=st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=3),
    template=st.text(max_size=5),
)
def test_builds_requests_for_any_message_or_names_its_error(
    adapter: Adapter, body: str, recipient: str, media: list[Media], variables: dict[str, str], template: str
) -> None:
    message = OutboundMessage("IM1", "+1", recipient, body, tuple(media), template, variables)

    with suppress(AdapterError):
        adapter.build(message, CONFIG, "token")


def storable(parsed: Any) -> None:
    """What an adapter lets in can be stored: texts of bounded length without NUL or half characters."""
    for message in getattr(parsed, "messages", ()):
        assert 0 < len(message.external_id) <= 200
        assert 0 < len(message.sender) <= 256
        for text in (message.body, message.profile_name, *message.fields.keys(), *message.fields.values()):
            assert "\x00" not in text
            text.encode()


@EVERY_ADAPTER
def test_refuses_an_unsigned_webhook(adapter: Adapter) -> None:
    body = b'{"message":{"data":"e30="}}'
    with pytest.raises(SignatureMismatch):
        adapter.verify(WebhookRequest("POST", WEBHOOK_URL, {}, "", body), CONFIG)


@EVERY_ADAPTER
def test_refuses_a_body_changed_after_signing(adapter: Adapter) -> None:
    honest = signed(adapter, "POST", b'{"message":{"data":"e30="}}')
    changed = WebhookRequest("POST", honest.url, honest.headers, "", b'{"message":{"data":"e30gIA=="}}')

    adapter.verify(honest, CONFIG)
    with pytest.raises(SignatureMismatch):
        adapter.verify(changed, CONFIG)


@EVERY_ADAPTER
def test_refuses_a_text_its_channel_cannot_carry(adapter: Adapter) -> None:
    with pytest.raises(Rejected) as refusal:
        adapter.build(outbound(body="x" * (adapter.max_body + 1)), CONFIG, "token")

    assert refusal.value.code == 21617


@EVERY_ADAPTER
@pytest.mark.parametrize("kind", ["image/png", "application/pdf"])
def test_refuses_a_file_its_channel_cannot_carry(adapter: Adapter, kind: str) -> None:
    most = adapter.most_bytes(Media("https://cdn.example/a", kind))

    adapter.build(outbound(media=(Media("https://cdn.example/a", kind, "a", most),)), CONFIG, "token")
    with pytest.raises(Rejected) as refusal:
        adapter.build(outbound(media=(Media("https://cdn.example/a", kind, "a", most + 1),)), CONFIG, "token")

    assert refusal.value.code == 11751


@EVERY_ADAPTER
def test_builds_the_same_request_at_every_try(adapter: Adapter) -> None:
    message = outbound(media=(Media("https://cdn.example/a.png", "image/png"),))

    assert adapter.build(message, CONFIG, "token") == adapter.build(message, CONFIG, "token")


def test_signs_its_token_requests_with_the_given_time() -> None:
    adapter = adapter_for(provider="google", channel_type="gbm")
    now = datetime(2026, 1, 2, tzinfo=UTC)

    assert adapter.token_request(CONFIG, now) == adapter.token_request(CONFIG, now)


def test_names_a_channel_nobody_speaks() -> None:
    with pytest.raises(UnknownChannel, match=r"No adapter for 'sms' by 'google'"):
        adapter_for(provider="google", channel_type="sms")
