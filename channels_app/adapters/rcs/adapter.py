"""
RCS Business Messaging by Google: the living successor of Business Messages, on the same adapter shape.

Source: developers.google.com/business-communications/rcs-business-messaging (webhooks, phones.agentMessages).
Addresses: the customer is ``rcs:+E164``, we are ``rcs:<agent id>``.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from channels_app.adapters import google
from channels_app.adapters.base import Adapter
from channels_app.adapters.errors import MalformedWebhook, Rejected, TemporaryFailure
from channels_app.adapters.reading import answer_object, child, identifier, iso_moment, json_object, text, twilio_fields
from channels_app.adapters.values import (
    AccessToken,
    Config,
    CredentialField,
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

API_BASE_URL = "https://rcsbusinessmessaging.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/rcsbusinessmessaging"
# Kept free for films and tests: nobody is asked, or told, anything.
NOBODYS_PHONE = "+12025550100"
RECEIPTS: dict[str, ReceiptStatus] = {"DELIVERED": "delivered", "READ": "read"}


class RcsBusinessMessaging(Adapter):
    """``credentials``: those of a Google service account, and ``agent_id``."""

    provider = "google"
    channel_types = ("rcs",)
    credential_fields = (CredentialField("agent_id", "Agent id", secret=False), *google.COMMON_CREDENTIALS)
    max_body = 3072
    max_media_bytes = 100 * 1024 * 1024
    rate_per_second = 20.0
    signals = frozenset({"read", "typing"})

    def handshake(self, request: WebhookRequest, config: Config) -> HandshakeReply | None:
        return google.handshake(request, config, adapter="rcs")

    def verify(self, request: WebhookRequest, config: Config) -> None:
        google.verify(signed=_event_bytes(request.body), request=request, config=config, adapter="rcs")

    def parse(self, request: WebhookRequest, config: Config) -> Parsed:
        event = json_object(_event_bytes(request.body))
        return Parsed(tuple(_messages(event, config)), tuple(_statuses(event)))

    def token_request(self, config: Config, now: datetime) -> ProviderRequest | None:
        return google.token_request(config, now, scope=SCOPE)

    def read_token(self, response: ProviderResponse) -> AccessToken:
        return google.read_token(response)

    def probe(self, config: Config, token: str = "") -> tuple[ProviderRequest, ...]:
        # What a phone can show may be asked without telling it; only for an agent that the account may speak for.
        query = urlencode({"agentId": config.require("agent_id"), "requestId": str(uuid4())})
        url = f"{_base(config)}/v1/phones/{quote(NOBODYS_PHONE, safe='+')}/capabilities?{query}"
        return (ProviderRequest(method="GET", url=url, headers={"Authorization": f"Bearer {token}"}),)

    def read_probe(self, answers: tuple[ProviderResponse, ...], config: Config) -> str:
        (answer,) = answers
        agent = config.require("agent_id")
        if config.address != f"rcs:{agent}":
            raise Rejected(63007, f"The agent id is not the one of {config.address}")
        # That nobody has this phone is what Google says once it has looked at the agent.
        if answer.status != 404:
            google.raise_for_error(answer)
        return f"Google accepts the service account for the agent {agent}"

    def signal(self, signal: Signal, config: Config, token: str = "") -> ProviderRequest:
        phone = quote(signal.recipient.removeprefix("rcs:"), safe="+")
        query = urlencode({"agentId": config.require("agent_id")})
        payload = (
            {"eventType": "READ", "messageId": signal.message_id}
            if signal.kind == "read"
            else {"eventType": "IS_TYPING"}
        )
        return google.tell(url=f"{_base(config)}/v1/phones/{phone}/agentEvents?{query}&", payload=payload, token=token)

    def build(self, message: OutboundMessage, config: Config, token: str = "") -> tuple[ProviderRequest, ...]:
        if message.content_sid:
            raise Rejected(63005, "RCS has no content templates here")
        self.check_size(message)
        base = _base(config)
        phone = quote(message.recipient.removeprefix("rcs:"), safe="+")
        contents: list[dict[str, object]] = [{"text": message.body}] if message.body else []
        contents.extend({"contentInfo": {"fileUrl": item.url, "forceRefresh": False}} for item in message.media)
        requests = []
        for part, content in enumerate(contents):
            query = urlencode({"messageId": google.message_id(message, part), "agentId": config.require("agent_id")})
            requests.append(
                google.post(
                    url=f"{base}/v1/phones/{phone}/agentMessages?{query}",
                    payload={"contentMessage": content},
                    message=message,
                    part=part,
                    token=token,
                )
            )
        return tuple(requests)

    def read(self, response: ProviderResponse) -> str:
        if response.status == 404:
            raise Rejected(63003, "The recipient cannot be reached by RCS", provider_code="NOT_FOUND")
        google.raise_for_error(response)
        name = text(answer_object(response).get("name"))
        if not name:
            raise TemporaryFailure("the provider's answer names no message")
        return identifier(name.rpartition("/")[2])


def _base(config: Config) -> str:
    return (config.api_base_url or API_BASE_URL).rstrip("/")


def _event_bytes(body: bytes) -> bytes:
    """
    Unwrap the event, which is what the signature covers.

    :raises MalformedWebhook: no base64 under message.data.
    """
    data = child(json_object(body), "message").get("data")
    if not isinstance(data, str):
        raise MalformedWebhook("the webhook holds no message.data")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedWebhook("message.data is not base64") from error


def _messages(event: Mapping[str, Any], config: Config) -> Iterator[InboundMessage]:
    phone, external_id = text(event.get("senderPhoneNumber")), identifier(event.get("messageId"))
    suggestion, location = child(event, "suggestionResponse"), child(event, "location")
    file = child(child(event, "userFile"), "payload")
    is_said = "text" in event or suggestion or location or file
    if "eventType" in event or not is_said or not phone or not external_id:
        return
    body = text(event.get("text")) or text(suggestion.get("text"))
    url = text(file.get("fileUri"))
    media = (
        (Media(url=url, content_type=text(file.get("mimeType"))[:100], filename=text(file.get("fileName"))[:255]),)
        if url
        else ()
    )
    message = InboundMessage(
        external_id=external_id,
        sender=f"rcs:{phone}"[:256],
        recipient=config.address,
        body=body,
        media=media,
        sent_at=iso_moment(event.get("sendTime")),
    )
    extra = {
        "ButtonText": text(suggestion.get("text")),
        "ButtonPayload": text(suggestion.get("postbackData")),
        "Latitude": text(location.get("latitude")),
        "Longitude": text(location.get("longitude")),
    }
    yield replace(message, fields=twilio_fields(message, account_sid=config.account_sid, extra=extra))


def _statuses(event: Mapping[str, Any]) -> Iterator[StatusUpdate]:
    status, external_id = RECEIPTS.get(text(event.get("eventType"))), identifier(event.get("messageId"))
    if status is not None and external_id:
        yield StatusUpdate(status=status, external_id=external_id)
