"""What arrives from outside, as the context shows it."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import orjson

from flows.engine.texts import TooDeep, clean, clean_json

# Fields that carry JSON as text and appear parsed; a message's own Attributes stay text.
PARSED_FIELDS = ("ChannelAttributes", "AddOns")
MESSAGE_FIELDS = ("Body", "From", "To", "MessageSid", "NumMedia")
KINDS = {
    "incomingMessage": "message",
    "incomingConversationMessage": "conversation",
    "incomingRequest": "request",
    "incomingParent": "parent",
    "incomingCall": "call",
}
Change = tuple[tuple[str, ...], str, Any]


def message_fields(payload: object) -> dict[str, Any]:
    """Return a webhook's fields, cleaned, with the JSON ones parsed."""
    fields: dict[str, Any] = {}
    for key, value in payload.items() if isinstance(payload, Mapping) else ():
        with suppress(TooDeep):  # no webhook has such a field; whoever made it up does without
            fields[clean(str(key))] = clean_json(value)
    for name in PARSED_FIELDS:
        if isinstance(fields.get(name), str):
            parsed = parse_object(fields[name])
            if parsed is not None:
                fields[name] = parsed
    return fields


def parse_object(text: str) -> dict[str, Any] | None:
    """Return the JSON object that ``text`` holds, cleaned; None for anything else, and for one nested too deeply."""
    try:
        value = orjson.loads(text)
        return clean_json(value) if isinstance(value, dict) else None
    except ValueError:
        return None


def trigger_changes(kind: str, payload: object) -> list[Change]:
    """
    Return what a trigger puts into the context.

    A message of a conversation is found under ``trigger.conversation`` and under ``trigger.message``,
    so flows of either age read it. A request's parameters are at ``flow.data`` too.
    """
    fields = message_fields(payload)
    if kind == "incomingRequest":
        return _request_changes(fields)
    if kind == "incomingConversationMessage":
        message = {name: value for name, value in fields.items() if name in MESSAGE_FIELDS or name.startswith("Media")}
        for name in ("ChannelSid", "InstanceSid", "ChannelAttributes", "AccountSid", "MessagingServiceSid"):
            if name in fields:
                message[name] = fields[name]
        return [(("trigger",), "conversation", fields), (("trigger",), "message", message)]
    if kind == "incomingMessage" and "ConversationSid" in fields:
        return [(("trigger",), "message", fields), (("trigger",), "conversation", dict(fields))]
    if kind == "incomingParent":
        return [(("trigger",), "parent", fields)]
    return [(("trigger",), KINDS.get(kind, kind), fields)]


def _request_changes(fields: dict[str, Any]) -> list[Change]:
    parameters = fields.pop("Parameters", None) if "parameters" not in fields else fields["parameters"]
    if isinstance(parameters, str):
        parameters = parse_object(parameters)
    parameters = parameters if isinstance(parameters, dict) else {}
    request = {
        **{name: value for name, value in fields.items() if name not in ("From", "To")},
        "from": fields.get("from", fields.get("From", "")),
        "to": fields.get("to", fields.get("To", "")),
        "parameters": parameters,
    }
    return [(("trigger",), "request", request), (("flow",), "data", dict(parameters))]
