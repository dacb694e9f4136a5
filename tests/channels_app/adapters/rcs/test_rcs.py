"""RCS Business Messaging: the wrapped event and its signature, sending."""

import json

import pytest

from channels_app.adapters import adapter_for
from channels_app.adapters.errors import MalformedWebhook, Rejected, SignatureMismatch
from channels_app.adapters.values import Config, Media, ProviderResponse, StatusUpdate, WebhookRequest
from tests.channels_app.adapters.support import ACCOUNT_SID, WEBHOOK_URL, outbound, request_of
from tests.standins import Keys, webhooks
from tests.standins.ledger import GOOGLE_PRIVATE_KEY

KEYS = Keys()
RCS = adapter_for(provider="google", channel_type="rcs")
CREDENTIALS = {
    "agent_id": KEYS.google_agent_id,
    "client_token": KEYS.google_client_token,
    "client_email": KEYS.google_client_email,
    "private_key": GOOGLE_PRIVATE_KEY,
}
CONFIG = Config(ACCOUNT_SID, f"rcs:{KEYS.google_agent_id}", CREDENTIALS, webhook_url=WEBHOOK_URL)
BASE = {"senderPhoneNumber": "+15558675310", "messageId": "M-1", "sendTime": "2026-01-02T03:04:05Z", "agentId": "a"}


def event(**content: object) -> WebhookRequest:
    return request_of(webhooks.google_rcs(WEBHOOK_URL, {**BASE, **content}, token=KEYS.google_client_token))


def test_reads_a_text_inside_its_wrapping() -> None:
    request = event(text="hi")

    RCS.verify(request, CONFIG)
    (message,) = RCS.parse(request, CONFIG).messages

    assert (message.external_id, message.sender, message.recipient, message.body) == (
        "M-1",
        "rcs:+15558675310",
        CONFIG.address,
        "hi",
    )


def test_reads_a_file_a_suggestion_and_a_place() -> None:
    file = {"payload": {"mimeType": "image/png", "fileName": "a.png", "fileUri": "https://rcs.example/a.png"}}
    (with_file,) = RCS.parse(event(userFile=file), CONFIG).messages
    (chosen,) = RCS.parse(event(suggestionResponse={"text": "Yes", "postbackData": "y"}), CONFIG).messages
    (place,) = RCS.parse(event(location={"latitude": 1.5, "longitude": 2.5}), CONFIG).messages

    assert with_file.media == (Media("https://rcs.example/a.png", "image/png", "a.png"),)
    assert (chosen.body, chosen.fields["ButtonPayload"]) == ("Yes", "y")
    assert (place.fields["Latitude"], place.fields["Longitude"]) == ("1.5", "2.5")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("DELIVERED", (StatusUpdate("delivered", "M-1"),)),
        ("READ", (StatusUpdate("read", "M-1"),)),
        ("IS_TYPING", ()),
    ],
)
def test_reads_receipts(kind: str, expected: object) -> None:
    parsed = RCS.parse(event(eventType=kind, eventId="E-1"), CONFIG)

    assert (parsed.messages, parsed.statuses) == ((), expected)


def test_refuses_a_wrapping_without_an_event() -> None:
    with pytest.raises(MalformedWebhook):
        RCS.verify(WebhookRequest("POST", WEBHOOK_URL, {}, "", b"{}"), CONFIG)


def test_refuses_another_token() -> None:
    with pytest.raises(SignatureMismatch):
        RCS.verify(request_of(webhooks.google_rcs(WEBHOOK_URL, BASE, token="other")), CONFIG)


def test_builds_a_message_whose_id_is_in_the_address() -> None:
    (request,) = RCS.build(outbound(recipient="rcs:+15558675310"), CONFIG, "bearer")

    assert request.url.startswith("https://rcsbusinessmessaging.googleapis.com/v1/phones/+15558675310/agentMessages?")
    assert f"agentId={KEYS.google_agent_id}" in request.url
    assert json.loads(request.body) == {"contentMessage": {"text": "Hello"}}


def test_names_a_phone_that_rcs_does_not_reach() -> None:
    with pytest.raises(Rejected) as refusal:
        RCS.read(ProviderResponse(404, b"{}"))

    assert refusal.value.code == 63003
