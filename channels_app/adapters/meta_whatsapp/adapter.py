"""WhatsApp by Meta's Cloud API."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from channels_app.adapters import graph
from channels_app.adapters.base import Adapter
from channels_app.adapters.errors import Rejected, TemporaryFailure
from channels_app.adapters.reading import (
    answer_object,
    child,
    children,
    identifier,
    integer,
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
    ReceiptStatus,
    Signal,
    StatusUpdate,
    WebhookRequest,
)

MEDIA_TYPES = ("image", "video", "audio", "document", "sticker")
CAPTIONED = ("image", "video", "document")
MAX_CAPTION = 1024
MOST_BYTES = {"image": 5 * 1024 * 1024, "document": 100 * 1024 * 1024}
RECEIPTS: dict[str, ReceiptStatus] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "failed": "failed",
}
THROTTLED = frozenset({4, 80007, 130429, 131056})
TEMPORARY = frozenset({1, 2, 131000, 131016})
CODES: dict[int | tuple[int, int], int] = {
    0: 63001,
    10: 63001,
    190: 63001,
    100: 63005,
    368: 63013,
    131008: 63005,
    131009: 63005,
    131021: 63024,
    131026: 63024,
    131030: 63015,
    131031: 63001,
    131042: 63001,
    131047: 63016,
    131048: 63018,
    131049: 63013,
    131051: 63005,
    131052: 63005,
    131053: 63005,
    133010: 63007,
}


class MetaWhatsApp(Adapter):
    """``credentials``: phone_number_id, access_token, app_secret, verify_token, api_version (optional)."""

    provider = "meta"
    channel_types = ("whatsapp",)
    credential_fields = (
        CredentialField("phone_number_id", "Phone number id", secret=False),
        *graph.COMMON_CREDENTIALS,
    )
    max_body = 4096
    max_media_bytes = 16 * 1024 * 1024
    rate_per_second = 80.0
    window = timedelta(hours=24)
    strips = ("lists", "links with a text")
    signals = frozenset({"read", "typing"})

    def handshake(self, request: WebhookRequest, config: Config) -> HandshakeReply | None:
        return graph.handshake(request, config, adapter="meta_whatsapp")

    def verify(self, request: WebhookRequest, config: Config) -> None:
        graph.verify(request, config, adapter="meta_whatsapp")

    def parse(self, request: WebhookRequest, config: Config) -> Parsed:
        messages: list[InboundMessage] = []
        statuses: list[StatusUpdate] = []
        for entry in children(json_object(request.body), "entry"):
            for change in children(entry, "changes"):
                value = child(change, "value")
                if change.get("field") == "messages":
                    messages.extend(_messages(value, config))
                    statuses.extend(_statuses(value))
        return Parsed(tuple(messages), tuple(statuses))

    def most_bytes(self, media: Media) -> int:
        return MOST_BYTES.get(graph.media_kind(media), self.max_media_bytes)

    def media_request(self, url: str, config: Config) -> ProviderRequest:
        return graph.file_request(url, config)

    def media_location(self, response: ProviderResponse, config: Config) -> ProviderRequest | None:
        url = text(answer_object(response).get("url"))
        if not url:
            raise TemporaryFailure("the answer does not say where the file is")
        return graph.file_request(url, config)

    def probe(self, config: Config, token: str = "") -> tuple[ProviderRequest, ...]:
        return (graph.probe(config.require("phone_number_id"), "display_phone_number,verified_name", config),)

    def read_probe(self, answers: tuple[ProviderResponse, ...], config: Config) -> str:
        (answer,) = answers
        graph.raise_for_error(answer, throttled=THROTTLED, temporary=TEMPORARY, codes=CODES)
        number = answer_object(answer)
        shown = text(number.get("display_phone_number"))
        if "".join(filter(str.isdigit, shown)) != "".join(filter(str.isdigit, config.address)):
            raise Rejected(
                63007, f"The phone number id is that of {shown or 'another number'}, not of {config.address}"
            )
        return f"Meta accepts the token for {shown} ({text(number.get('verified_name')) or 'no verified name'})"

    def signal(self, signal: Signal, config: Config, token: str = "") -> ProviderRequest:
        payload: dict[str, object] = {
            "messaging_product": "whatsapp",
            "status": "read",
            "message_id": signal.message_id,
        }
        if signal.kind == "typing":
            payload["typing_indicator"] = {"type": "text"}
        return graph.tell(url=_messages_url(config), payload=payload, token=config.require("access_token"))

    def build(self, message: OutboundMessage, config: Config, token: str = "") -> tuple[ProviderRequest, ...]:
        url = _messages_url(config)
        if not message.content_sid:
            self.check_size(message)
        return tuple(
            graph.post(
                url=url,
                payload={
                    "messaging_product": "whatsapp",
                    "recipient_type": "individual",
                    "to": message.recipient.removeprefix("whatsapp:").lstrip("+"),
                    "biz_opaque_callback_data": f"{message.idempotency_key}:{part}",
                    **content,
                },
                message=message,
                part=part,
                token=config.require("access_token"),
            )
            for part, content in enumerate(_contents(message))
        )

    def read(self, response: ProviderResponse) -> str:
        graph.raise_for_error(response, throttled=THROTTLED, temporary=TEMPORARY, codes=CODES)
        for message in children(answer_object(response), "messages"):
            if external_id := identifier(message.get("id")):
                return external_id
        raise TemporaryFailure("the provider's answer names no message")


def _messages_url(config: Config) -> str:
    base = (config.api_base_url or graph.API_BASE_URL).rstrip("/")
    return f"{base}/{config.get('api_version', graph.API_VERSION)}/{config.require('phone_number_id')}/messages"


def _messages(value: Mapping[str, Any], config: Config) -> Iterator[InboundMessage]:
    names = {
        text(contact.get("wa_id")): text(child(contact, "profile").get("name"))[:256]
        for contact in children(value, "contacts")
    }
    recipient = _recipient(child(value, "metadata"), config)
    for item in children(value, "messages"):
        external_id, sender = identifier(item.get("id")), text(item.get("from")).lstrip("+")
        # A reaction belongs to another message and a system notice to nobody: neither is said to us.
        if not external_id or not sender or item.get("type") in ("reaction", "system"):
            continue
        body, media, extra = _read_content(item, config)
        message = InboundMessage(
            external_id=external_id,
            sender=f"whatsapp:+{sender}"[:256],
            recipient=recipient,
            body=body,
            media=media,
            profile_name=names.get(sender, ""),
            sent_at=moment(item.get("timestamp")),
        )
        fields = twilio_fields(
            message,
            account_sid=config.account_sid,
            extra={"WaId": sender, "MessageType": text(item.get("type")), **_context(item), **extra},
        )
        yield replace(message, fields=fields)


def _recipient(metadata: Mapping[str, Any], config: Config) -> str:
    """An app's webhook brings the messages of all its numbers; another number than ours keeps its own address."""
    number_id, shown = text(metadata.get("phone_number_id")), text(metadata.get("display_phone_number"))
    digits = "".join(character for character in shown if character.isdigit())
    if not digits or not number_id or number_id == config.get("phone_number_id"):
        return config.address
    return f"whatsapp:+{digits}"[:256]


def _read_content(item: Mapping[str, Any], config: Config) -> tuple[str, tuple[Media, ...], dict[str, str]]:
    kind = text(item.get("type"))
    content = child(item, kind)
    if kind == "text":
        return text(content.get("body")), (), {}
    if kind in MEDIA_TYPES:
        return text(content.get("caption")), _media(content, config), {}
    if kind == "location":
        return (
            text(content.get("name")),
            (),
            {
                "Latitude": text(content.get("latitude")),
                "Longitude": text(content.get("longitude")),
                "Address": text(content.get("address")),
                "Label": text(content.get("name")),
            },
        )
    if kind == "button":
        return (
            text(content.get("text")),
            (),
            {
                "ButtonText": text(content.get("text")),
                "ButtonPayload": text(content.get("payload")),
            },
        )
    if kind == "interactive":
        return _interactive(content)
    if kind == "contacts":
        people = children(item, "contacts")
        return ", ".join(filter(None, (text(child(one, "name").get("formatted_name")) for one in people))), (), {}
    return "", (), {}


def _interactive(content: Mapping[str, Any]) -> tuple[str, tuple[Media, ...], dict[str, str]]:
    kind = text(content.get("type"))
    chosen = child(content, kind)
    title, choice = text(chosen.get("title")), text(chosen.get("id"))
    if kind == "list_reply":
        return title, (), {"ListId": choice, "ListTitle": title}
    if kind == "button_reply":
        return title, (), {"ButtonText": title, "ButtonPayload": choice}
    return text(chosen.get("body")), (), {"InteractiveData": text(chosen.get("response_json"))}


def _media(content: Mapping[str, Any], config: Config) -> tuple[Media, ...]:
    media_id = text(content.get("id"))
    if not media_id.isalnum() or not media_id.isascii():
        return ()
    base = (config.api_base_url or graph.API_BASE_URL).rstrip("/")
    return (
        Media(
            # Asking this address with the access token answers the file's own, short-lived one.
            url=f"{base}/{config.get('api_version', graph.API_VERSION)}/{media_id}",
            content_type=text(content.get("mime_type")).partition(";")[0].strip()[:100],
            filename=text(content.get("filename"))[:255],
        ),
    )


def _context(item: Mapping[str, Any]) -> dict[str, str]:
    context, referral = child(item, "context"), child(item, "referral")
    return {
        "OriginalRepliedMessageSender": text(context.get("from")),
        "Forwarded": "true" if context.get("forwarded") is True else "",
        "FrequentlyForwarded": "true" if context.get("frequently_forwarded") is True else "",
        "ReferralBody": text(referral.get("body")),
        "ReferralHeadline": text(referral.get("headline")),
        "ReferralSourceId": text(referral.get("source_id")),
        "ReferralSourceType": text(referral.get("source_type")),
        "ReferralSourceUrl": text(referral.get("source_url")),
    }


def _statuses(value: Mapping[str, Any]) -> Iterator[StatusUpdate]:
    for item in children(value, "statuses"):
        status, external_id = RECEIPTS.get(text(item.get("status"))), identifier(item.get("id"))
        if status is None or not external_id:
            continue
        error = next(children(item, "errors"), {})
        code = integer(error.get("code"))
        yield StatusUpdate(
            status=status,
            external_id=external_id,
            error_code=None if code is None else _status_code(code),
            error_message=(text(child(error, "error_data").get("details")) or text(error.get("title")))[:500],
        )


def _status_code(code: int) -> int:
    """In a status even Meta's limits are final: it will not try again by itself."""
    return 63018 if code in THROTTLED else graph.mapped_code(code, 0, CODES)


def _contents(message: OutboundMessage) -> list[dict[str, object]]:
    if message.content_sid:
        return [{"type": "template", "template": _template(message)}]
    caption = message.body
    contents: list[dict[str, object]] = []
    for item in message.media:
        kind = graph.media_kind(item)
        content: dict[str, object] = {"link": item.url}
        if caption and kind in CAPTIONED and len(caption) <= MAX_CAPTION:
            content["caption"], caption = caption, ""
        if kind == "document" and item.filename:
            content["filename"] = item.filename
        contents.append({"type": kind, kind: content})
    if caption:
        contents.insert(0, {"type": "text", "text": {"preview_url": False, "body": caption}})
    return contents


def _template(message: OutboundMessage) -> dict[str, object]:
    """``content_sid`` is the template's name and, after a colon, its language; variables are numbered from 1."""
    name, _, language = message.content_sid.partition(":")
    variables = message.content_variables
    if any(not key.isdecimal() for key in variables):
        raise Rejected(63005, "WhatsApp templates take numbered variables")
    parameters = [{"type": "text", "text": variables[key]} for key in sorted(variables, key=int)]
    template: dict[str, object] = {"name": name, "language": {"code": language or "en_US"}}
    if parameters:
        template["components"] = [{"type": "body", "parameters": parameters}]
    return template
