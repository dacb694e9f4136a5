"""The message that both sending widgets write."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import orjson

from flows.engine.commands import SendMessage
from flows.engine.problems import MESSAGE_NOT_SENT
from flows.engine.templates import Template
from flows.engine.widget import Visit
from flows.widgets.properties import Pairs, pairs, text


@dataclass(frozen=True, slots=True)
class MessageText:
    """The properties of a message; all but ``shorten_urls`` are templates."""

    body: Template
    sender: Template
    to: Template
    media_url: Template
    channel: Template
    attributes: Template
    message_type: Template
    content_sid: Template
    content_variables: Pairs
    shorten_urls: bool

    @classmethod
    def read(cls, properties: Mapping[str, Any]) -> Self:
        # Content variables are keyed "1" by some editors and "{{1}}" by others.
        variables = tuple((key.strip("{} "), value) for key, value in pairs(properties, "content_variables"))
        return cls(
            body=text(properties, "body"),
            sender=text(properties, "from", "{{flow.channel.address}}"),
            to=text(properties, "to", "{{contact.channel.address}}"),
            media_url=text(properties, "media_url"),
            channel=text(properties, "channel"),
            attributes=text(properties, "attributes"),
            message_type=text(properties, "message_type", "custom"),
            content_sid=text(properties, "content_sid"),
            content_variables=variables,
            shorten_urls=properties.get("shorten_urls") is True,
        )

    def compose(self, visit: Visit) -> tuple[SendMessage, dict[str, Any]] | None:
        """
        Return the command and what becomes ``outbound``; None, with warning 81011, where there is nothing to send.
        """
        body, content_sid = "", ""
        variables: dict[str, str] = {}
        media_url = visit.render(self.media_url).strip()
        if visit.render(self.message_type).strip() == "content_template":
            content_sid = visit.render(self.content_sid).strip()
            variables = {key: visit.render(value) for key, value in self.content_variables}
        else:
            body = visit.render(self.body)
        if not body.strip() and not media_url and not content_sid:
            visit.warn(MESSAGE_NOT_SENT, f"The message of {visit.name!r} is empty, so it was not sent.")
            return None
        attributes = visit.render(self.attributes).strip()
        if attributes and not _is_json(attributes):
            visit.warn(MESSAGE_NOT_SENT, f"The attributes of {visit.name!r} are not valid JSON; it was not sent.")
            return None
        ref = visit.new_ref()
        sender, channel = visit.render(self.sender), visit.render(self.channel).strip()
        command = SendMessage(
            ref=ref,
            sid=visit.message_sid(ref),
            body=body,
            media_url=media_url or None,
            author=sender,
            to=visit.render(self.to),
            from_=sender,
            attributes=attributes,
            content_sid=content_sid or None,
            content_variables=variables,
            conversation_sid=channel if channel.startswith("CH") else None,
            shorten_urls=self.shorten_urls,
        )
        return command, _outbound(command, visit)


def _outbound(command: SendMessage, visit: Visit) -> dict[str, Any]:
    """Return what the context shows of a message that the messaging side has taken."""
    trigger = visit.context["trigger"].get("conversation")
    conversation = trigger.get("ConversationSid") if isinstance(trigger, dict) else None
    conversation = conversation or visit.context["flow"]["channel"].get("sid")
    outbound: dict[str, Any] = {
        "Sid": command.sid,
        "Status": "queued",
        "Body": command.body,
        "From": command.from_,
        "To": command.to,
        "Direction": "outbound-api",
        "NumMedia": "1" if command.media_url else "0",
        # Only the provider knows these, and not yet.
        "NumSegments": None,
        "Price": None,
        "PriceUnit": None,
        "AccountSid": visit.account_sid,
        "MessagingServiceSid": command.from_ if command.from_.startswith("MG") else None,
        "ErrorCode": None,
        "ErrorMessage": None,
    }
    if conversation:
        outbound["ConversationSid"] = conversation
        outbound["Author"] = command.author
        outbound["Attributes"] = command.attributes or "{}"
        # A flow is nobody who takes part.
        outbound["ParticipantSid"] = None
    return outbound


def _is_json(value: str) -> bool:
    try:
        orjson.loads(value)
    except ValueError:
        return False
    return True
