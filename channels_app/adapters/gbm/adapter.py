"""
Google Business Messages. Google closed the service on 31 July 2024.

Kept for flows that name the channel; real credentials cannot be had any more, so it talks to our stand-in only.
Addresses: the customer is ``gbm:<conversationId>``, we are ``gbm:<agent>``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from channels_app.adapters import google
from channels_app.adapters.base import Adapter
from channels_app.adapters.errors import Rejected, TemporaryFailure
from channels_app.adapters.reading import (
    answer_object,
    child,
    children,
    identifier,
    iso_moment,
    json_object,
    text,
    twilio_fields,
)
from channels_app.adapters.values import (
    AccessToken,
    Config,
    HandshakeReply,
    InboundMessage,
    Media,
    OutboundMessage,
    Parsed,
    ProviderRequest,
    ProviderResponse,
    ReceiptStatus,
    Signal,
    StatusUpdate,
    WebhookRequest,
)

API_BASE_URL = "https://businessmessages.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/businessmessages"
RECEIPTS: dict[str, ReceiptStatus] = {"DELIVERED": "delivered", "READ": "read"}
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".gif")


class BusinessMessages(Adapter):
    provider = "google"
    channel_types = ("gbm",)
    credential_fields = google.COMMON_CREDENTIALS
    max_body = 3072
    rate_per_second = 20.0
    window = timedelta(days=30)
    signals = frozenset({"typing"})

    def handshake(self, request: WebhookRequest, config: Config) -> HandshakeReply | None:
        return google.handshake(request, config, adapter="gbm")

    def verify(self, request: WebhookRequest, config: Config) -> None:
        google.verify(signed=request.body, request=request, config=config, adapter="gbm")

    def parse(self, request: WebhookRequest, config: Config) -> Parsed:
        event = json_object(request.body)
        return Parsed(tuple(_messages(event, config)), tuple(_statuses(event)))

    def token_request(self, config: Config, now: datetime) -> ProviderRequest | None:
        return google.token_request(config, now, scope=SCOPE)

    def read_token(self, response: ProviderResponse) -> AccessToken:
        return google.read_token(response)

    def signal(self, signal: Signal, config: Config, token: str = "") -> ProviderRequest:
        base = (config.api_base_url or API_BASE_URL).rstrip("/")
        conversation = quote(signal.recipient.removeprefix("gbm:"), safe="")
        payload = {"eventType": "TYPING_STARTED", "representative": {"representativeType": "HUMAN"}}
        return google.tell(url=f"{base}/v1/conversations/{conversation}/events?", payload=payload, token=token)

    def build(self, message: OutboundMessage, config: Config, token: str = "") -> tuple[ProviderRequest, ...]:
        if message.content_sid:
            raise Rejected(63005, "Business Messages has no content templates")
        self.check_size(message)
        base = (config.api_base_url or API_BASE_URL).rstrip("/")
        conversation = quote(message.recipient.removeprefix("gbm:"), safe="")
        representative: dict[str, object] = {"representativeType": "HUMAN" if message.is_human else "BOT"}
        if message.author_name:
            representative["displayName"] = message.author_name
        contents: list[dict[str, object]] = [{"text": message.body}] if message.body else []
        contents.extend(
            {
                "fallback": item.url,
                "image": {
                    "contentInfo": {"fileUrl": item.url, "altText": item.filename or "image", "forceRefresh": False}
                },
            }
            for item in message.media
        )
        return tuple(
            google.post(
                url=f"{base}/v1/conversations/{conversation}/messages",
                payload={
                    "messageId": google.message_id(message, part),
                    "representative": representative,
                    **content,
                },
                message=message,
                part=part,
                token=token,
            )
            for part, content in enumerate(contents)
        )

    def read(self, response: ProviderResponse) -> str:
        google.raise_for_error(response)
        # The name ends in the id we gave it; receipts name the message the same way.
        name = text(answer_object(response).get("name"))
        if not name:
            raise TemporaryFailure("the provider's answer names no message")
        return identifier(name.rpartition("/")[2])


def _messages(event: Mapping[str, Any], config: Config) -> Iterator[InboundMessage]:
    conversation = text(event.get("conversationId"))
    said, suggestion = child(event, "message"), child(event, "suggestionResponse")
    external_id = identifier(said.get("messageId")) or (identifier(event.get("requestId")) if suggestion else "")
    if not conversation or not external_id:
        return
    body = text(said.get("text")) or text(suggestion.get("text"))
    context = child(event, "context")
    media = (Media(url=body, content_type="image/*"),) if _is_image(body) else ()
    message = InboundMessage(
        external_id=external_id,
        sender=f"gbm:{conversation}"[:256],
        recipient=config.address,
        body="" if media else body,
        media=media,
        profile_name=text(child(context, "userInfo").get("displayName"))[:256],
        sent_at=iso_moment(event.get("sendTime")),
    )
    payload = text(suggestion.get("postbackData"))
    extra = {
        "ButtonText": body if payload else "",
        "ButtonPayload": payload,
        "EntryPoint": text(context.get("entryPoint")),
        "PlaceId": text(context.get("placeId")),
        "Locale": text(context.get("resolvedLocale")),
        "CustomContext": text(context.get("customContext")),
    }
    yield replace(message, fields=twilio_fields(message, account_sid=config.account_sid, extra=extra))


def _is_image(body: str) -> bool:
    """A user's image arrives as nothing but its address."""
    if not body.startswith("https://") or any(character.isspace() for character in body):
        return False
    try:
        parts = urlsplit(body)
    except ValueError:
        return False
    return parts.path.lower().endswith(IMAGE_SUFFIXES) or (parts.hostname or "").endswith(".googleusercontent.com")


def _statuses(event: Mapping[str, Any]) -> Iterator[StatusUpdate]:
    for receipt in children(child(event, "receipts"), "receipts"):
        status = RECEIPTS.get(text(receipt.get("receiptType")))
        external_id = identifier(text(receipt.get("message")).rpartition("/")[2])
        if status is not None and external_id:
            yield StatusUpdate(status=status, external_id=external_id)
