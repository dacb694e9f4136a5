"""WhatsApp by Meta's Cloud API: handshake, signature, every kind of message, sending, errors."""

import json
from datetime import UTC, datetime

import pytest

from channels_app.adapters import adapter_for
from channels_app.adapters.errors import MalformedWebhook, Rejected, SignatureMismatch, TemporaryFailure, Throttled
from channels_app.adapters.values import (
    Config,
    HandshakeReply,
    Media,
    ProviderResponse,
    StatusUpdate,
    WebhookRequest,
)
from tests.channels_app.adapters.support import ACCOUNT_SID, WEBHOOK_URL, outbound, payload, request_of
from tests.standins import Keys, webhooks

KEYS = Keys()
META = adapter_for(provider="meta", channel_type="whatsapp")
CONFIG = Config(
    ACCOUNT_SID,
    "whatsapp:+15556459128",
    {
        "phone_number_id": KEYS.meta_phone_number_id,
        "access_token": KEYS.meta_access_token,
        "app_secret": KEYS.meta_app_secret,
        "verify_token": KEYS.meta_verify_token,
    },
    webhook_url=WEBHOOK_URL,
)
API = f"https://graph.facebook.com/v23.0/{KEYS.meta_phone_number_id}/messages"


def recorded(name: str) -> WebhookRequest:
    return request_of(webhooks.meta(WEBHOOK_URL, payload(__file__, name), secret=KEYS.meta_app_secret))


def handshake(query: str) -> WebhookRequest:
    return WebhookRequest("GET", f"{WEBHOOK_URL}?{query}", {}, query)


def test_answers_the_handshake_with_the_challenge() -> None:
    query = f"hub.mode=subscribe&hub.verify_token={KEYS.meta_verify_token}&hub.challenge=1158201444"

    assert META.handshake(handshake(query), CONFIG) == HandshakeReply(b"1158201444")


def test_refuses_a_handshake_with_another_token() -> None:
    with pytest.raises(SignatureMismatch):
        META.handshake(handshake("hub.mode=subscribe&hub.verify_token=guess&hub.challenge=1"), CONFIG)


def test_echoes_no_markup() -> None:
    query = f"hub.mode=subscribe&hub.verify_token={KEYS.meta_verify_token}&hub.challenge=%3Cscript%3E"

    with pytest.raises(MalformedWebhook):
        META.handshake(handshake(query), CONFIG)


def test_reads_a_text() -> None:
    request = recorded("text")

    META.verify(request, CONFIG)
    (message,) = META.parse(request, CONFIG).messages

    assert message.external_id == "wamid.HBgLMTYzMTU1NTExODEVAgASGBQzQTdCNTg5RjY1MEMyRjlGMjRGNgA="
    assert (message.sender, message.recipient) == ("whatsapp:+16315551181", "whatsapp:+15556459128")
    assert (message.body, message.profile_name) == ("Hi there", "Ann")
    assert message.sent_at == datetime(2017, 9, 8, 20, 36, 28, tzinfo=UTC)
    assert message.fields["WaId"] == "16315551181"
    assert message.fields["Forwarded"] == "true"
    assert message.fields["MessageSid"].startswith("SM")
    assert len(message.fields["MessageSid"]) == 34


def test_reads_every_kind_of_message_in_order() -> None:
    parsed = META.parse(recorded("mixed"), CONFIG)

    assert [(message.external_id, message.body) for message in parsed.messages] == [
        ("wamid.image", "my receipt"),
        ("wamid.doc", ""),
        ("wamid.place", "Philz"),
        ("wamid.button", "No"),
        ("wamid.list", "Support"),
        ("wamid.reply", "Sales"),
        ("wamid.new", ""),
    ]
    image, document, place, button, chosen, reply, _ = parsed.messages
    assert image.media == (Media("https://graph.facebook.com/v23.0/1003383421387256", "image/jpeg"),)
    assert document.media[0].filename == "bill.pdf"
    assert (place.fields["Latitude"], place.fields["Address"]) == ("37.44216", "101 Forest Ave")
    assert button.fields["ButtonPayload"] == "no-thanks"
    assert (chosen.fields["ListId"], chosen.fields["ListTitle"]) == ("row-2", "Support")
    assert (reply.fields["ButtonText"], reply.fields["ButtonPayload"]) == ("Sales", "b-1")


def test_keeps_the_address_of_another_number_of_the_same_app() -> None:
    event = payload(__file__, "text")
    event["entry"][0]["changes"][0]["value"]["metadata"] = {
        "display_phone_number": "+1 555-000-9999",
        "phone_number_id": "1",
    }

    (message,) = META.parse(request_of(webhooks.meta(WEBHOOK_URL, event, secret="s")), CONFIG).messages

    assert message.recipient == "whatsapp:+15550009999"


def test_reads_statuses() -> None:
    assert META.parse(recorded("statuses"), CONFIG).statuses == (
        StatusUpdate("delivered", "wamid.1"),
        StatusUpdate("failed", "wamid.2", error_code=63016, error_message="More than 24 hours have passed"),
    )


def test_builds_a_text() -> None:
    message = outbound(sender="whatsapp:+15556459128", recipient="whatsapp:+16315551181")

    (request,) = META.build(message, CONFIG)

    assert (request.method, request.url) == ("POST", API)
    assert request.headers["Authorization"] == f"Bearer {KEYS.meta_access_token}"
    assert request.headers["Idempotency-Key"] == f"{message.idempotency_key}:0"
    assert json.loads(request.body) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "16315551181",
        "type": "text",
        "text": {"preview_url": False, "body": "Hello"},
        "biz_opaque_callback_data": f"{message.idempotency_key}:0",
    }


def test_puts_the_text_under_the_first_picture_and_before_a_voice_note() -> None:
    picture, voice = Media("https://a.example/p.png", "image/png"), Media("https://a.example/v.ogg", "audio/ogg")

    with_picture = [json.loads(r.body) for r in META.build(outbound(media=(picture,)), CONFIG)]
    with_voice = [json.loads(r.body) for r in META.build(outbound(media=(voice,)), CONFIG)]

    assert [one["type"] for one in with_picture] == ["image"]
    assert with_picture[0]["image"] == {"link": "https://a.example/p.png", "caption": "Hello"}
    assert [one["type"] for one in with_voice] == ["text", "audio"]


def test_builds_a_template_with_numbered_variables() -> None:
    message = outbound(content_sid="order_ready:de", content_variables={"2": "B", "10": "C", "1": "A"})

    (request,) = META.build(message, CONFIG)

    assert json.loads(request.body)["template"] == {
        "name": "order_ready",
        "language": {"code": "de"},
        "components": [{"type": "body", "parameters": [{"type": "text", "text": text} for text in "ABC"]}],
    }


@pytest.mark.parametrize(
    ("status", "code", "expected", "mapped"),
    [
        (400, 131047, Rejected, 63016),
        (400, 131026, Rejected, 63024),
        (401, 190, Rejected, 63001),
        (403, 200, Rejected, 63001),
        (400, 133010, Rejected, 63007),
        (400, 999999, Rejected, 63005),
        (400, 130429, Throttled, None),
        (400, 131056, Throttled, None),
        (500, 131000, TemporaryFailure, None),
    ],
)
def test_maps_errors(status: int, code: int, expected: type[Exception], mapped: int | None) -> None:
    body = json.dumps({"error": {"message": "why", "type": "OAuthException", "code": code}}).encode()

    with pytest.raises(expected) as raised:
        META.read(ProviderResponse(status, body))

    assert getattr(raised.value, "code", None) == mapped


def test_reads_the_messages_id() -> None:
    body = b'{"messaging_product":"whatsapp","contacts":[],"messages":[{"id":"wamid.9","message_status":"accepted"}]}'

    assert META.read(ProviderResponse(200, body)) == "wamid.9"
