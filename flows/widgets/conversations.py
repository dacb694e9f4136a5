"""What starting and resuming a conversation have in common."""

from collections.abc import Mapping

from flows.engine.events import ConversationStarted
from flows.engine.problems import CHAT_CHANNEL_FAILED
from flows.engine.widget import Advance, Visit


def refusal(visit: Visit) -> str:
    """Return why this execution may not take a conversation, "" if it may."""
    if visit.trigger_kind != "incomingRequest":
        return "it can only be used in flows triggered by the REST API"
    if visit.context["flow"]["channel"].get("sid"):
        return "the execution already has a conversation"
    return ""


def attached(event_name: str, event: ConversationStarted) -> Advance:
    """Leave with the conversation in the widget's outputs and as the execution's channel."""
    found = event.outputs.get("conversation")
    conversation = found if isinstance(found, Mapping) else {}
    channel = {
        "sid": conversation.get("sid"),
        "type": "conversation",
        "status": conversation.get("state", "active"),
        "details": dict(conversation),
    }
    changes = tuple((("flow", "channel"), key, value) for key, value in channel.items())
    return Advance(event_name, event.outputs, changes=changes)


def failed(visit: Visit, reason: str) -> Advance:
    visit.warn(CHAT_CHANNEL_FAILED, f"{visit.name!r} got no conversation: {reason or 'refused'}")
    return Advance("failed", {})
