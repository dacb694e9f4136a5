"""The sandbox: Twilio's form, the account's own key, and the simulated network's refusals."""

import pytest

from channels_app.adapters import adapter_for
from channels_app.adapters.errors import Rejected, SignatureMismatch
from channels_app.adapters.values import Config
from tests.channels_app.adapters.support import ACCOUNT_SID, WEBHOOK_URL, outbound, request_of
from tests.standins import webhooks

SMS = adapter_for(provider="sandbox", channel_type="sms")
CONFIG = Config(ACCOUNT_SID, "+15550001111", {"auth_token": "account-token"}, webhook_url=WEBHOOK_URL)


def test_reads_a_message_signed_with_the_accounts_token() -> None:
    webhook = webhooks.twilio_message(
        WEBHOOK_URL, token="account-token", sid="SM1", sender="+15558675310", recipient="+15550001111", body="hi"
    )
    request = request_of(webhook)

    SMS.verify(request, CONFIG)
    (message,) = SMS.parse(request, CONFIG).messages

    assert (message.external_id, message.sender, message.recipient, message.body) == (
        "SM1",
        "+15558675310",
        "+15550001111",
        "hi",
    )


def test_refuses_another_accounts_token() -> None:
    webhook = webhooks.twilio_message(
        WEBHOOK_URL, token="other-token", sid="SM1", sender="+1", recipient="+2", body="hi"
    )

    with pytest.raises(SignatureMismatch):
        SMS.verify(request_of(webhook), CONFIG)


def test_needs_no_request_to_deliver() -> None:
    assert SMS.build(outbound(), CONFIG) == ()


@pytest.mark.parametrize(
    ("recipient", "code"), [("+15005550001", 21211), ("whatsapp:+15005550004", 21610), ("+15005550009", 21614)]
)
def test_plays_a_network_that_refuses_a_customer(recipient: str, code: int) -> None:
    with pytest.raises(Rejected) as refusal:
        SMS.build(outbound(recipient=recipient), CONFIG)

    assert refusal.value.code == code


def test_answers_webhooks_with_empty_twiml() -> None:
    assert b"<Response/>" in SMS.reply_body
    assert SMS.reply_content_type.startswith("text/xml")
