"""How each channel's provider talks to us: what it posts when a customer writes, sends a file, or got something."""

from __future__ import annotations

from dataclasses import dataclass

from tests.standins import webhooks
from tests.standins.ledger import Keys, SentMessage
from tests.standins.webhooks import SignedWebhook

KEYS = Keys()
GOOGLE_PICTURES = "https://storage.googleapis.com"


@dataclass(frozen=True)
class Channel:
    """How one channel's provider talks: who we and the customer are, and what it posts."""

    type: str
    provider: str
    ours: str
    customer: str

    def said(self, url: str, number: int, body: str) -> SignedWebhook:
        """Return the webhook of a customer's message."""
        match self.provider, self.type:
            case "twilio" | "sandbox", _:
                return webhooks.twilio_message(
                    url,
                    token=KEYS.twilio_auth_token,
                    sid=f"SM{number:032}",
                    sender=self.customer,
                    recipient=self.ours,
                    body=body,
                )
            case "meta", "whatsapp":
                item = {
                    "from": self.customer.removeprefix("whatsapp:+"),
                    "id": f"wamid.{number}",
                    "timestamp": "1504902988",
                    "type": "text",
                    "text": {"body": body},
                }
                return webhooks.meta(url, webhooks.whatsapp_event(KEYS, messages=[item]), secret=KEYS.meta_app_secret)
            case "meta", _:
                item = {
                    "sender": {"id": self.customer.removeprefix("messenger:")},
                    "recipient": {"id": KEYS.meta_page_id},
                    "timestamp": 1458692752478,
                    "message": {"mid": f"m_{number}", "text": body},
                }
                return webhooks.meta(url, webhooks.messenger_event(KEYS, item), secret=KEYS.meta_app_secret)
            case _, "gbm":
                event = {
                    "conversationId": self.customer.removeprefix("gbm:"),
                    "requestId": f"R{number}",
                    "message": {"messageId": f"M{number}", "text": body},
                }
                return webhooks.google_business(url, event, token=KEYS.google_client_token)
            case _:
                event = {
                    "senderPhoneNumber": self.customer.removeprefix("rcs:"),
                    "messageId": f"M{number}",
                    "text": body,
                }
                return webhooks.google_rcs(url, event, token=KEYS.google_client_token)

    def picture(self, url: str, files: str, name: str = "abc123") -> SignedWebhook:
        """Return the webhook of a customer's picture, which the stand-in keeps at ``files``."""
        match self.provider, self.type:
            case "twilio" | "sandbox", _:
                twilio = f"{files}/2010-04-01/Accounts/{KEYS.twilio_account_sid}/Messages/MM1/Media/{name}"
                return webhooks.twilio_message(
                    url,
                    token=KEYS.twilio_auth_token,
                    sid="MM" + "9" * 32,
                    sender=self.customer,
                    recipient=self.ours,
                    body="look",
                    NumMedia="1",
                    MediaUrl0=twilio if self.provider == "twilio" else f"{files}/files/{name}",
                    MediaContentType0="image/png",
                )
            case "meta", "whatsapp":
                item = {
                    "from": self.customer.removeprefix("whatsapp:+"),
                    "id": "wamid.99",
                    "timestamp": "1504902988",
                    "type": "image",
                    "image": {"id": name, "mime_type": "image/png", "caption": "look"},
                }
                return webhooks.meta(url, webhooks.whatsapp_event(KEYS, messages=[item]), secret=KEYS.meta_app_secret)
            case "meta", _:
                attachment = {"type": "image", "payload": {"url": f"{files}/files/{name}"}}
                item = {
                    "sender": {"id": self.customer.removeprefix("messenger:")},
                    "recipient": {"id": KEYS.meta_page_id},
                    "timestamp": 1458692752478,
                    "message": {"mid": "m_99", "attachments": [attachment]},
                }
                return webhooks.meta(url, webhooks.messenger_event(KEYS, item), secret=KEYS.meta_app_secret)
            case _, "gbm":
                # Nothing but its address, of Google's own store: reached at the stand-in (``google_pictures``).
                event = {
                    "conversationId": self.customer.removeprefix("gbm:"),
                    "requestId": "R99",
                    "message": {"messageId": "M99", "text": f"{GOOGLE_PICTURES}/files/{name}.png"},
                }
                return webhooks.google_business(url, event, token=KEYS.google_client_token)
            case _, "rcs":
                event = {
                    "senderPhoneNumber": self.customer.removeprefix("rcs:"),
                    "messageId": "M99",
                    "userFile": {"payload": {"fileUri": f"{files}/files/{name}", "mimeType": "image/png"}},
                }
                return webhooks.google_rcs(url, event, token=KEYS.google_client_token)
        raise AssertionError(self)

    def delivered(self, url: str, sent: SentMessage) -> SignedWebhook:
        """Return the webhook that says a message reached the customer."""
        match self.provider, self.type:
            case "twilio" | "sandbox", _:
                return webhooks.twilio_status(
                    url, token=KEYS.twilio_auth_token, sid=sent.external_id, status="delivered"
                )
            case "meta", "whatsapp":
                status = {"id": sent.external_id, "status": "delivered", "timestamp": "1504902990"}
                return webhooks.meta(url, webhooks.whatsapp_event(KEYS, statuses=[status]), secret=KEYS.meta_app_secret)
            case "meta", _:
                item = {
                    "sender": {"id": self.customer.removeprefix("messenger:")},
                    "delivery": {"mids": [sent.external_id], "watermark": 1},
                }
                return webhooks.meta(url, webhooks.messenger_event(KEYS, item), secret=KEYS.meta_app_secret)
            case _, "gbm":
                name = f"conversations/x/messages/{sent.external_id}"
                event = {"receipts": {"receipts": [{"message": name, "receiptType": "DELIVERED"}]}}
                return webhooks.google_business(url, event, token=KEYS.google_client_token)
            case _:
                event = {"eventType": "DELIVERED", "messageId": sent.external_id, "senderPhoneNumber": "+1"}
                return webhooks.google_rcs(url, event, token=KEYS.google_client_token)


CHANNELS = (
    Channel("sms", "twilio", "+15557771212", "+15558675310"),
    Channel("whatsapp", "twilio", "whatsapp:+15557771212", "whatsapp:+15558675310"),
    Channel("messenger", "twilio", "messenger:1906385232743499", "messenger:6200000000000001"),
    Channel("rcs", "twilio", "rcs:our-sender", "rcs:+15558675310"),
    Channel("whatsapp", "meta", "whatsapp:+15556459128", "whatsapp:+15558675310"),
    Channel("messenger", "meta", f"messenger:{KEYS.meta_page_id}", "messenger:6200000000000001"),
    Channel("gbm", "google", "gbm:our-agent", "gbm:C-1"),
    Channel("rcs", "google", f"rcs:{KEYS.google_agent_id}", "rcs:+15558675310"),
)
# The simulated network: signed with the account's own token, and what we send lies in a table of ours.
SANDBOX = Channel("sms", "sandbox", "+15557771212", "+15558675310")
