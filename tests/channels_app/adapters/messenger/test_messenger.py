"""Facebook Messenger: messages, postbacks, watermarks, sending, errors."""

import json
from datetime import UTC, datetime

import pytest

from channels_app.adapters import adapter_for
from channels_app.adapters.errors import Rejected, SignatureMismatch, TemporaryFailure, Throttled
from channels_app.adapters.values import Config, Media, ProviderResponse, StatusUpdate
from tests.channels_app.adapters.support import ACCOUNT_SID, WEBHOOK_URL, outbound, payload, request_of
from tests.standins import Keys, webhooks

KEYS = Keys()
MESSENGER = adapter_for(provider="meta", channel_type="messenger")
CREDENTIALS = {
    "page_id": KEYS.meta_page_id,
    "access_token": KEYS.meta_access_token,
    "app_secret": KEYS.meta_app_secret,
    "verify_token": KEYS.meta_verify_token,
}
US, THEM = f"messenger:{KEYS.meta_page_id}", "messenger:6200000000000001"
CONFIG = Config(ACCOUNT_SID, US, CREDENTIALS, webhook_url=WEBHOOK_URL)


def test_reads_what_customers_say_and_passes_over_our_own_echo() -> None:
    request = request_of(webhooks.meta(WEBHOOK_URL, payload(__file__, "events"), secret=KEYS.meta_app_secret))

    MESSENGER.verify(request, CONFIG)
    parsed = MESSENGER.parse(request, CONFIG)

    assert [(one.external_id, one.sender, one.recipient, one.body) for one in parsed.messages] == [
        ("m_text", THEM, US, "hi"),
        ("m_image", THEM, US, ""),
        ("m_place", THEM, US, ""),
        ("m_postback", THEM, US, "Get started"),
    ]
    text, image, place, postback = parsed.messages
    assert text.fields["ButtonPayload"] == "QR"
    assert image.media == (
        Media("https://cdn.fb.example/a.jpg?x=1", "image/*"),
        Media("https://cdn.fb.example/b.pdf", "application/octet-stream"),
    )
    assert (place.fields["Latitude"], place.fields["Longitude"]) == ("1.5", "2.5")
    assert postback.fields["ButtonPayload"] == "START"
    assert text.sent_at == datetime(2016, 3, 23, 0, 25, 52, 478000, tzinfo=UTC)


def test_reads_receipts_by_id_and_by_watermark() -> None:
    request = request_of(webhooks.meta(WEBHOOK_URL, payload(__file__, "events"), secret=KEYS.meta_app_secret))

    assert MESSENGER.parse(request, CONFIG).statuses == (
        StatusUpdate("delivered", "m_out"),
        StatusUpdate("delivered", customer=THEM, up_to=datetime(2016, 3, 22, 17, 47, 36, 253000, tzinfo=UTC)),
        StatusUpdate("read", customer=THEM, up_to=datetime(2016, 3, 22, 17, 47, 36, 999000, tzinfo=UTC)),
    )


def test_refuses_another_apps_signature() -> None:
    with pytest.raises(SignatureMismatch):
        MESSENGER.verify(request_of(webhooks.meta(WEBHOOK_URL, {}, secret="other")), CONFIG)


def test_sends_text_and_each_attachment_in_a_request_of_its_own() -> None:
    media = (Media("https://a.example/p.png", "image/png"), Media("https://a.example/b.pdf", "application/pdf"))

    requests = MESSENGER.build(outbound(recipient=THEM, media=media), CONFIG)

    assert [json.loads(one.body)["message"] for one in requests] == [
        {"text": "Hello"},
        {"attachment": {"type": "image", "payload": {"url": "https://a.example/p.png", "is_reusable": True}}},
        {"attachment": {"type": "file", "payload": {"url": "https://a.example/b.pdf", "is_reusable": True}}},
    ]
    assert {json.loads(one.body)["messaging_type"] for one in requests} == {"RESPONSE"}
    assert len({one.headers["Idempotency-Key"] for one in requests}) == 3


def test_tags_agents_messages_where_the_page_may() -> None:
    config = Config(ACCOUNT_SID, US, {**CREDENTIALS, "human_agent_tag": "true"}, webhook_url=WEBHOOK_URL)

    (of_agent,) = MESSENGER.build(outbound(recipient=THEM, is_human=True), config)
    (of_flow,) = MESSENGER.build(outbound(recipient=THEM), config)

    assert json.loads(of_agent.body)["tag"] == "HUMAN_AGENT"
    assert json.loads(of_flow.body)["messaging_type"] == "RESPONSE"


@pytest.mark.parametrize(
    ("code", "subcode", "expected", "mapped"),
    [
        (10, 2018278, Rejected, 63016),
        (100, 2018001, Rejected, 63024),
        (100, None, Rejected, 63005),
        (551, 1545041, Rejected, 63024),
        (190, None, Rejected, 63001),
        (613, None, Throttled, None),
        (1200, None, TemporaryFailure, None),
    ],
)
def test_maps_errors(code: int, subcode: int | None, expected: type[Exception], mapped: int | None) -> None:
    body = json.dumps({"error": {"message": "why", "code": code, "error_subcode": subcode}}).encode()

    with pytest.raises(expected) as raised:
        MESSENGER.read(ProviderResponse(400, body))

    assert getattr(raised.value, "code", None) == mapped
