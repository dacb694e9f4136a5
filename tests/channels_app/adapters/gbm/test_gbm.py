"""Google Business Messages (closed by Google in 2024), against our own stand-in's form."""

import json

import pytest

from channels_app.adapters import adapter_for
from channels_app.adapters.errors import Rejected, SignatureMismatch, TemporaryFailure, Throttled
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
from tests.standins.ledger import GOOGLE_PRIVATE_KEY

KEYS = Keys()
GBM = adapter_for(provider="google", channel_type="gbm")
CREDENTIALS = {
    "client_token": KEYS.google_client_token,
    "client_email": KEYS.google_client_email,
    "private_key": GOOGLE_PRIVATE_KEY,
}
CONFIG = Config(ACCOUNT_SID, "gbm:brands/B/agents/A", CREDENTIALS, webhook_url=WEBHOOK_URL)


def test_answers_the_handshake_with_the_secret() -> None:
    body = json.dumps({"clientToken": KEYS.google_client_token, "secret": "1234567890"}).encode()

    assert GBM.handshake(WebhookRequest("POST", WEBHOOK_URL, {}, "", body), CONFIG) == HandshakeReply(b"1234567890")


def test_refuses_a_handshake_with_another_token() -> None:
    body = b'{"clientToken":"guess","secret":"1"}'

    with pytest.raises(SignatureMismatch):
        GBM.handshake(WebhookRequest("POST", WEBHOOK_URL, {}, "", body), CONFIG)


def test_reads_a_message() -> None:
    event = payload(__file__, "message")
    request = request_of(webhooks.google_business(WEBHOOK_URL, event, token=KEYS.google_client_token))

    assert GBM.handshake(request, CONFIG) is None
    GBM.verify(request, CONFIG)
    (message,) = GBM.parse(request, CONFIG).messages

    assert (message.external_id, message.sender, message.recipient) == ("M-1", "gbm:C-1", "gbm:brands/B/agents/A")
    assert (message.body, message.profile_name) == ("hi", "Ann")
    assert message.fields["CustomContext"] == "from-ad"


def test_reads_an_image_that_comes_as_its_address() -> None:
    event = payload(__file__, "message")
    event["message"]["text"] = "https://storage.googleapis.com/b/picture.JPG?sig=1"

    request = request_of(webhooks.google_business(WEBHOOK_URL, event, token=KEYS.google_client_token))
    (message,) = GBM.parse(request, CONFIG).messages

    assert (message.body, message.media) == (
        "",
        (Media("https://storage.googleapis.com/b/picture.JPG?sig=1", "image/*"),),
    )


def test_reads_a_suggestion_and_receipts_and_passes_over_typing() -> None:
    base = {"conversationId": "C-1", "requestId": "R-2", "context": {}}
    suggestion = {**base, "suggestionResponse": {"text": "Yes", "postbackData": "y", "type": "REPLY"}}
    receipts = {
        **base,
        "receipts": {"receipts": [{"message": "conversations/C-1/messages/M-9", "receiptType": "READ"}]},
    }
    typing = {**base, "userStatus": {"isTyping": True}}

    def parsed(event: object) -> object:
        request = webhooks.google_business(WEBHOOK_URL, event, token=KEYS.google_client_token)
        return GBM.parse(request_of(request), CONFIG)

    (chosen,) = parsed(suggestion).messages  # type: ignore[attr-defined]
    assert (chosen.external_id, chosen.body, chosen.fields["ButtonPayload"]) == ("R-2", "Yes", "y")
    assert parsed(receipts).statuses == (StatusUpdate("read", "M-9"),)  # type: ignore[attr-defined]
    assert parsed(typing).messages == ()  # type: ignore[attr-defined]


def test_builds_a_message_with_an_id_of_its_own_and_its_representative() -> None:
    message = outbound(recipient="gbm:C/1", is_human=True, author_name="Bo")

    (request,) = GBM.build(message, CONFIG, "bearer")

    assert request.url == "https://businessmessages.googleapis.com/v1/conversations/C%2F1/messages"
    assert request.headers["Authorization"] == "Bearer bearer"
    sent = json.loads(request.body)
    assert sent["representative"] == {"representativeType": "HUMAN", "displayName": "Bo"}
    assert sent["text"] == "Hello"
    assert GBM.build(message, CONFIG, "other")[0].body == request.body


@pytest.mark.parametrize(
    ("status", "name", "expected"),
    [
        (429, "RESOURCE_EXHAUSTED", Throttled),
        (503, "UNAVAILABLE", TemporaryFailure),
        (400, "INVALID_ARGUMENT", Rejected),
        (401, "UNAUTHENTICATED", Rejected),
        (404, "NOT_FOUND", Rejected),
    ],
)
def test_maps_errors(status: int, name: str, expected: type[Exception]) -> None:
    body = json.dumps({"error": {"code": status, "message": "why", "status": name}}).encode()

    with pytest.raises(expected):
        GBM.read(ProviderResponse(status, body))
