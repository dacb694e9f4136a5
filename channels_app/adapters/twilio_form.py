"""Twilio's webhook form: shared by the Twilio adapter and by the sandbox, which speaks the same form."""

import re

from channels_app.adapters.errors import MalformedWebhook, SignatureMismatch
from channels_app.adapters.reading import identifier, integer, text
from channels_app.adapters.values import (
    Config,
    InboundMessage,
    Media,
    Parsed,
    ReceiptStatus,
    StatusUpdate,
    WebhookRequest,
)
from common import signatures

REPLY_BODY = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
REPLY_CONTENT_TYPE = "text/xml; charset=utf-8"
MAX_MEDIA = 10
# A group MMS tells who else has it, beside From and To: OtherRecipients0, OtherRecipients1 and so on.
OTHER_RECIPIENTS = "OtherRecipients"
MOST_OTHERS = 50
_PHONE = re.compile(r"\+[1-9]\d{4,14}")

# Statuses before `sent` say nothing about the receipt.
RECEIPTS: dict[str, ReceiptStatus] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "undelivered": "undelivered",
    "failed": "failed",
    "canceled": "failed",
}


def verify(request: WebhookRequest, config: Config, *, adapter: str) -> None:
    """:raises SignatureMismatch: unsigned, or signed with another token or for another address."""
    token = config.require("auth_token")
    # Behind a proxy the address we see is not the one the sender signed, so the public one counts too.
    public = config.webhook_url + (f"?{request.query}" if request.query else "")
    is_valid = signatures.is_valid(
        urls=(public, request.url),
        parameters=request.form_pairs if request.method == "POST" else (),
        token=token,
        signature=request.header(signatures.HEADER),
    )
    if not is_valid:
        raise SignatureMismatch(adapter)


def parse(request: WebhookRequest, config: Config) -> Parsed:
    """
    Read an inbound message or a status callback.

    :raises MalformedWebhook: neither; a message without a SID or a sender.
    """
    pairs = request.form_pairs if request.method == "POST" else request.query_pairs
    fields = {text(name): text(value) for name, value in pairs}
    sid = identifier(fields.get("MessageSid") or fields.get("SmsMessageSid") or fields.get("SmsSid"))
    if not sid:
        raise MalformedWebhook("the form has no MessageSid")
    if "MessageStatus" in fields:
        return Parsed(statuses=_status(sid, fields))
    return Parsed(messages=(_message(sid, fields, config),))


def _message(sid: str, fields: dict[str, str], config: Config) -> InboundMessage:
    sender = fields.get("From", "")
    if not sender or len(sender) > 256:
        raise MalformedWebhook("the form has no usable From")
    count = min(max(integer(fields.get("NumMedia", "")) or 0, 0), MAX_MEDIA)
    media = tuple(
        Media(url=fields[f"MediaUrl{number}"], content_type=fields.get(f"MediaContentType{number}", ""))
        for number in range(count)
        if fields.get(f"MediaUrl{number}")
    )
    return InboundMessage(
        external_id=sid,
        sender=sender,
        recipient=fields.get("To") or config.address,
        body=fields.get("Body", ""),
        media=media,
        profile_name=fields.get("ProfileName", "")[:256],
        fields={
            **fields,
            "MessageSid": sid,
            "Body": fields.get("Body", ""),
            "To": fields.get("To") or config.address,
            "NumMedia": str(len(media)),
        },
        group=_group(fields, {sender, fields.get("To") or config.address}),
    )


def _group(fields: dict[str, str], known: set[str]) -> tuple[str, ...]:
    named = (fields.get(f"{OTHER_RECIPIENTS}{number}", "") for number in range(MOST_OTHERS))
    return tuple(dict.fromkeys(other for other in named if other not in known and _PHONE.fullmatch(other)))


def _status(sid: str, fields: dict[str, str]) -> tuple[StatusUpdate, ...]:
    status = RECEIPTS.get(fields["MessageStatus"].lower())
    if status is None:
        return ()
    return (
        StatusUpdate(
            status=status,
            external_id=sid,
            error_code=integer(fields.get("ErrorCode", "")),
            error_message=(fields.get("ErrorMessage") or fields.get("ChannelStatusMessage") or "")[:500],
        ),
    )
