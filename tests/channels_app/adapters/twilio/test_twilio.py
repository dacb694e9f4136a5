"""Twilio: the form, its signature by the official SDK, sending, answers, statuses."""

import json
from urllib.parse import parse_qs

import pytest

from channels_app.adapters import adapter_for
from channels_app.adapters.errors import (
    AdapterError,
    MalformedWebhook,
    Misconfigured,
    Rejected,
    SignatureMismatch,
    TemporaryFailure,
    Throttled,
)
from channels_app.adapters.values import Config, Media, ProviderResponse, StatusUpdate, WebhookRequest
from tests.channels_app.adapters.support import ACCOUNT_SID, WEBHOOK_URL, outbound, payload, request_of
from tests.standins import Keys, webhooks

TOKEN = "twilio-auth-token"
KEYS = Keys()
CREDENTIALS = {"account_sid": KEYS.twilio_account_sid, "auth_token": TOKEN}
CONFIG = Config(ACCOUNT_SID, "+15557771212", CREDENTIALS, webhook_url=WEBHOOK_URL)
SMS = adapter_for(provider="twilio", channel_type="sms")
WHATSAPP = adapter_for(provider="twilio", channel_type="whatsapp")


def test_reads_a_message_with_a_picture() -> None:
    fields = payload(__file__, "sms_with_picture")
    request = request_of(webhooks.twilio(WEBHOOK_URL, fields, token=TOKEN))

    SMS.verify(request, CONFIG)
    (message,) = SMS.parse(request, CONFIG).messages

    assert message.external_id == "MM7f3a1c0d5b2e4f6a8b9c0d1e2f3a4b5c"
    assert (message.sender, message.recipient) == ("+15558675310", "+15557771212")
    assert message.body == "Ça va? Here is the receipt & more"
    assert message.media == (
        Media("https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM7/Media/ME1", "image/jpeg"),
    )
    assert message.fields == fields


def test_reads_a_button_of_whatsapp_with_all_it_says() -> None:
    fields = payload(__file__, "whatsapp_button")
    request = request_of(webhooks.twilio(WEBHOOK_URL, fields, token=TOKEN))

    (message,) = WHATSAPP.parse(request, CONFIG).messages

    assert (message.profile_name, message.body) == ("Ann", "Yes")
    assert message.fields["ButtonPayload"] == "confirm"
    assert message.fields == fields


@pytest.mark.parametrize(
    "url",
    [
        WEBHOOK_URL,
        "https://desk.example:443/webhooks/CN0123",
        f"{WEBHOOK_URL}?a=1&b=%20x",
    ],
)
def test_accepts_what_the_official_sdk_signed(url: str) -> None:
    webhook = webhooks.twilio_message(url, token=TOKEN, sid="SM1", sender="+1", recipient="+2", body="ü =&")

    SMS.verify(request_of(webhook), CONFIG)


def test_accepts_a_signature_for_the_public_address_behind_a_proxy() -> None:
    webhook = webhooks.twilio_message(WEBHOOK_URL, token=TOKEN, sid="SM1", sender="+1", recipient="+2", body="x")

    SMS.verify(request_of(webhook, url="http://10.0.0.7:8000/webhooks/CN0123"), CONFIG)


def test_accepts_a_get_signed_by_its_address() -> None:
    url = f"{WEBHOOK_URL}?MessageSid=SM1&From=%2B1&Body=hi"
    signature = webhooks.twilio(url, {}, token=TOKEN).headers["x-twilio-signature"]
    request = WebhookRequest("GET", url, {"x-twilio-signature": signature}, url.partition("?")[2])

    SMS.verify(request, CONFIG)
    (message,) = SMS.parse(request, CONFIG).messages

    assert (message.external_id, message.sender, message.body) == ("SM1", "+1", "hi")


@pytest.mark.parametrize(
    "changes",
    [
        {"headers": {}},
        {"headers": {"x-twilio-signature": "AAAA"}},
        {"headers": {"x-twilio-signature": "ÿ"}},
        {"body": b"MessageSid=SM1&From=%2B1&To=%2B2&Body=forged"},
        {"url": "https://other.example/x", "query": "added=1"},
    ],
)
def test_refuses_what_was_not_signed_so(changes: dict[str, object]) -> None:
    webhook = webhooks.twilio_message(WEBHOOK_URL, token=TOKEN, sid="SM1", sender="+1", recipient="+2", body="x")

    with pytest.raises(SignatureMismatch):
        SMS.verify(request_of(webhook, **changes), CONFIG)


def test_refuses_everything_without_a_token() -> None:
    webhook = webhooks.twilio_message(WEBHOOK_URL, token="", sid="SM1", sender="+1", recipient="+2", body="x")

    with pytest.raises(Misconfigured, match="auth_token"):
        SMS.verify(request_of(webhook), Config(ACCOUNT_SID, "+1", {}, webhook_url=WEBHOOK_URL))


@pytest.mark.parametrize("fields", [{}, {"From": "+1"}, {"MessageSid": "SM1", "Body": "x"}])
def test_names_a_form_that_is_no_message(fields: dict[str, str]) -> None:
    with pytest.raises(MalformedWebhook):
        SMS.parse(request_of(webhooks.twilio(WEBHOOK_URL, fields, token=TOKEN)), CONFIG)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("queued", ()),
        ("sending", ()),
        ("sent", (StatusUpdate("sent", "SM1"),)),
        ("delivered", (StatusUpdate("delivered", "SM1"),)),
        ("read", (StatusUpdate("read", "SM1"),)),
        ("canceled", (StatusUpdate("failed", "SM1"),)),
        ("invented", ()),
    ],
)
def test_reads_a_status(status: str, expected: tuple[StatusUpdate, ...]) -> None:
    webhook = webhooks.twilio_status(WEBHOOK_URL, token=TOKEN, sid="SM1", status=status)

    parsed = SMS.parse(request_of(webhook), CONFIG)

    assert (parsed.messages, parsed.statuses) == ((), expected)


def test_reads_why_a_message_was_not_delivered() -> None:
    webhook = webhooks.twilio_status(
        WEBHOOK_URL, token=TOKEN, sid="SM1", status="undelivered", ErrorCode="30003", ErrorMessage="Unreachable"
    )

    assert SMS.parse(request_of(webhook), CONFIG).statuses == (
        StatusUpdate("undelivered", "SM1", error_code=30003, error_message="Unreachable"),
    )


def test_builds_the_documented_form() -> None:
    message = outbound(body="Grüße", media=(Media("https://cdn.example/a.png"), Media("https://cdn.example/b.png")))

    (request,) = SMS.build(message, CONFIG)

    assert (request.method, request.url) == (
        "POST",
        f"https://api.twilio.com/2010-04-01/Accounts/{KEYS.twilio_account_sid}/Messages.json",
    )
    assert parse_qs(request.body.decode()) == {
        "To": ["+15558675310"],
        "From": ["+15557771212"],
        "Body": ["Grüße"],
        "MediaUrl": ["https://cdn.example/a.png", "https://cdn.example/b.png"],
        "StatusCallback": [WEBHOOK_URL],
    }
    assert request.headers["I-Twilio-Idempotency-Token"] == message.idempotency_key
    assert TOKEN not in repr(request)


def test_sends_a_template_instead_of_a_text() -> None:
    message = outbound(content_sid="HX1", content_variables={"1": "Ann"})

    (request,) = WHATSAPP.build(message, CONFIG)

    form = parse_qs(request.body.decode())
    assert (form["ContentSid"], form["ContentVariables"]) == (["HX1"], ['{"1":"Ann"}'])
    assert "Body" not in form


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"body": "x" * 1601}, 21617),
        ({"body": ""}, 21619),
        ({"media": (Media("https://a.example"),) * 11}, 21623),
    ],
)
def test_refuses_what_twilio_would_refuse(changes: dict[str, object], code: int) -> None:
    with pytest.raises(Rejected) as refusal:
        SMS.build(outbound(**changes), CONFIG)

    assert (refusal.value.code, refusal.value.permanent) == (code, True)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (429, {"code": 20429, "message": "Too many"}, Throttled),
        (400, {"code": 63018, "message": "channel limit"}, Throttled),
        (500, {}, TemporaryFailure),
        (503, {"code": 20503}, TemporaryFailure),
        (302, {}, TemporaryFailure),
        (200, {}, TemporaryFailure),
        (400, {"code": 21211, "message": "bad To"}, Rejected),
        (401, {}, Rejected),
    ],
)
def test_says_why_there_is_no_message(status: int, body: object, expected: type[AdapterError]) -> None:
    with pytest.raises(expected):
        SMS.read(ProviderResponse(status, json.dumps(body).encode()))


def test_reads_the_sid_and_the_pause() -> None:
    assert SMS.read(ProviderResponse(201, b'{"sid":"SM9","status":"queued"}')) == "SM9"
    with pytest.raises(Throttled) as throttled:
        SMS.read(ProviderResponse(429, b"", {"retry-after": "7"}))
    assert throttled.value.retry_after == 7.0
