"""Facebook Messenger by Meta's Send API."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from channels_app.adapters import graph
from channels_app.adapters.base import Adapter
from channels_app.adapters.errors import Rejected, TemporaryFailure
from channels_app.adapters.reading import (
    answer_object,
    child,
    children,
    identifier,
    json_object,
    moment,
    text,
    twilio_fields,
)
from channels_app.adapters.values import (
    Config,
    CredentialField,
    HandshakeReply,
    InboundMessage,
    Media,
    OutboundMessage,
    Parsed,
    ProviderRequest,
    ProviderResponse,
    Signal,
    StatusUpdate,
    WebhookRequest,
)

# The channel has no content types, only kinds; flows and agents see the kind as a wildcard type.
ATTACHMENT_TYPES = {"image": "image/*", "audio": "audio/*", "video": "video/*", "file": "application/octet-stream"}
THROTTLED = frozenset({4, 613, 32, 80006})
TEMPORARY = frozenset({1, 2, 1200})
CODES: dict[int | tuple[int, int], int] = {
    (100, 2018001): 63024,
    (100, 2018047): 63005,
    (10, 2018065): 63016,
    (10, 2018108): 63016,
    (10, 2018278): 63016,
    10: 63001,
    100: 63005,
    190: 63001,
    368: 63013,
    551: 63024,
}


class Messenger(Adapter):
    """``credentials``: page_id, access_token, app_secret, verify_token, app_id and human_agent_tag (optional)."""

    provider = "meta"
    channel_types = ("messenger",)
    credential_fields = (
        CredentialField("page_id", "Page id", secret=False),
        *graph.COMMON_CREDENTIALS,
        CredentialField("human_agent_tag", "Send agents' messages as HUMAN_AGENT (true)", required=False, secret=False),
    )
    max_body = 2000
    max_media_bytes = 25 * 1024 * 1024
    rate_per_second = 30.0
    window = timedelta(hours=24)
    signals = frozenset({"read", "typing"})

    def handshake(self, request: WebhookRequest, config: Config) -> HandshakeReply | None:
        return graph.handshake(request, config, adapter="messenger")

    def verify(self, request: WebhookRequest, config: Config) -> None:
        graph.verify(request, config, adapter="messenger")

    def parse(self, request: WebhookRequest, config: Config) -> Parsed:
        messages: list[InboundMessage] = []
        statuses: list[StatusUpdate] = []
        for entry in children(json_object(request.body), "entry"):
            for item in children(entry, "messaging"):
                messages.extend(_messages(item, config))
                statuses.extend(_statuses(item))
        return Parsed(tuple(messages), tuple(statuses))

    def probe(self, config: Config, token: str = "") -> tuple[ProviderRequest, ...]:
        return (graph.probe(config.require("page_id"), "name", config),)

    def read_probe(self, answers: tuple[ProviderResponse, ...], config: Config) -> str:
        (answer,) = answers
        graph.raise_for_error(answer, throttled=THROTTLED, temporary=TEMPORARY, codes=CODES)
        if config.address != f"messenger:{config.require('page_id')}":
            raise Rejected(63007, f"The page id is not the one of {config.address}")
        return f"Meta accepts the token for the page {text(answer_object(answer).get('name'))}"

    def signal(self, signal: Signal, config: Config, token: str = "") -> ProviderRequest:
        recipient = {"id": signal.recipient.removeprefix("messenger:")}
        action = {"read": "mark_seen", "typing": "typing_on"}[signal.kind]
        return graph.tell(url=_messages_url(config), payload={"recipient": recipient, "sender_action": action})

    def build(self, message: OutboundMessage, config: Config, token: str = "") -> tuple[ProviderRequest, ...]:
        if message.content_sid:
            raise Rejected(63005, "Messenger has no content templates")
        self.check_size(message)
        url = _messages_url(config)
        contents: list[dict[str, object]] = [{"text": message.body}] if message.body else []
        contents.extend(
            {
                "attachment": {
                    "type": _attachment_type(item),
                    "payload": {"url": item.url, "is_reusable": True},
                }
            }
            for item in message.media
        )
        is_tagged = message.is_human and config.get("human_agent_tag").lower() == "true"
        kind = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"} if is_tagged else {"messaging_type": "RESPONSE"}
        recipient = {"id": message.recipient.removeprefix("messenger:")}
        return tuple(
            graph.post(
                url=url, payload={"recipient": recipient, **kind, "message": content}, message=message, part=part
            )
            for part, content in enumerate(contents)
        )

    def read(self, response: ProviderResponse) -> str:
        graph.raise_for_error(response, throttled=THROTTLED, temporary=TEMPORARY, codes=CODES)
        external_id = identifier(answer_object(response).get("message_id"))
        if not external_id:
            raise TemporaryFailure("the provider's answer names no message")
        return external_id


def _messages_url(config: Config) -> str:
    base = (config.api_base_url or graph.API_BASE_URL).rstrip("/")
    query = urlencode({"access_token": config.require("access_token")})
    return f"{base}/{config.get('api_version', graph.API_VERSION)}/{config.require('page_id')}/messages?{query}"


def _attachment_type(item: Media) -> str:
    kind = graph.media_kind(item)
    return "file" if kind == "document" else kind


def _messages(item: Mapping[str, Any], config: Config) -> Iterator[InboundMessage]:
    said, postback = child(item, "message"), child(item, "postback")
    content = said or postback
    sender = text(child(item, "sender").get("id"))
    external_id = identifier(content.get("mid"))
    # Echoes are the page's own messages, ours among them.
    if not content or said.get("is_echo") or not sender or not external_id:
        return
    body = text(said.get("text")) or text(postback.get("title"))
    media, extra = _attachments(said)
    page = text(child(item, "recipient").get("id"))
    message = InboundMessage(
        external_id=external_id,
        sender=f"messenger:{sender}"[:256],
        recipient=f"messenger:{page}"[:256] if page and page != config.get("page_id") else config.address,
        body=body,
        media=media,
        sent_at=moment(item.get("timestamp"), per_second=1000),
    )
    payload = text(postback.get("payload")) or text(child(said, "quick_reply").get("payload"))
    extra |= {"ButtonText": body if payload else "", "ButtonPayload": payload}
    yield replace(message, fields=twilio_fields(message, account_sid=config.account_sid, extra=extra))


def _attachments(said: Mapping[str, Any]) -> tuple[tuple[Media, ...], dict[str, str]]:
    media: list[Media] = []
    extra: dict[str, str] = {}
    for attachment in children(said, "attachments"):
        kind, payload = text(attachment.get("type")), child(attachment, "payload")
        if kind == "location":
            place = child(payload, "coordinates")
            extra |= {"Latitude": text(place.get("lat")), "Longitude": text(place.get("long"))}
        elif (url := text(payload.get("url"))) and kind in ATTACHMENT_TYPES:
            media.append(Media(url=url, content_type=ATTACHMENT_TYPES[kind]))
    return tuple(media), extra


def _statuses(item: Mapping[str, Any]) -> Iterator[StatusUpdate]:
    customer = text(child(item, "sender").get("id"))
    delivery, read = child(item, "delivery"), child(item, "read")
    if not customer:
        return
    mids = delivery.get("mids")
    for mid in mids if isinstance(mids, list) else ():
        if external_id := identifier(mid):
            yield StatusUpdate(status="delivered", external_id=external_id)
    address = f"messenger:{customer}"[:256]
    if (up_to := moment(delivery.get("watermark"), per_second=1000)) is not None:
        yield StatusUpdate(status="delivered", customer=address, up_to=up_to)
    if (up_to := moment(read.get("watermark"), per_second=1000)) is not None:
        yield StatusUpdate(status="read", customer=address, up_to=up_to)
