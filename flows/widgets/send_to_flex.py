"""Hand the contact to the agents."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from flows.engine.commands import HandOff
from flows.engine.events import Event, HandOffCompleted, HandOffFailed
from flows.engine.payloads import parse_object
from flows.engine.problems import TASK_NOT_CREATED, UNSUPPORTED_WIDGET
from flows.engine.templates import Template
from flows.engine.values import to_json
from flows.engine.widget import Advance, Result, Visit, Wait, Widget
from flows.widgets.properties import number_or, text

DEFAULT_TIMEOUT_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class SendToFlex(Widget):
    """
    Make a task by the workflow and hold the execution while agents have the contact.

    The completion leaves by ``callComplete``, a failure to create it by ``failedToEnqueue``: Studio's words for
    calls serve every channel.
    """

    type_name: ClassVar[str] = "send-to-flex"

    workflow: Template
    channel: Template
    attributes: Template
    priority: Template
    timeout: Template

    @classmethod
    def build(cls, properties: Mapping[str, Any], transitions: Sequence[Mapping[str, Any]]) -> Self:
        return cls(
            workflow=text(properties, "workflow"),
            channel=text(properties, "channel"),
            attributes=text(properties, "attributes"),
            priority=text(properties, "priority", "0"),
            timeout=text(properties, "timeout", str(DEFAULT_TIMEOUT_SECONDS)),
        )

    def enter(self, visit: Visit) -> Result:
        if not visit.has_contact:
            text = f"{visit.name!r} needs a conversation; this execution, begun by {visit.trigger_kind}, has none."
            visit.warn(UNSUPPORTED_WIDGET, text)
            return Advance("failedToEnqueue", {})
        rendered = visit.render(self.attributes).strip()
        attributes = read_attributes(rendered)
        if attributes is None:
            visit.warn(
                TASK_NOT_CREATED, f"The attributes of {visit.name!r} are not a JSON object; no task was created."
            )
            return Advance("failedToEnqueue", {})
        if len(rendered) > visit.limits.task_attributes_characters:
            most = visit.limits.task_attributes_characters
            text = f"The attributes of {visit.name!r} are longer than {most} characters; no task was created."
            visit.warn(TASK_NOT_CREATED, text)
            return Advance("failedToEnqueue", {})
        ref = visit.new_ref()
        command = HandOff(
            ref,
            visit.render(self.workflow).strip(),
            visit.render(self.channel).strip(),
            {**contact_attributes(visit.context), **attributes},
            number_or(visit.render(self.priority), 0, most=2**31 - 1),
            number_or(
                visit.render(self.timeout), DEFAULT_TIMEOUT_SECONDS, least=1, most=visit.limits.task_timeout_seconds
            ),
        )
        return Wait("handoff", ref, (command,))

    def resume(self, visit: Visit, event: Event) -> Result | None:
        match event:
            case HandOffCompleted():
                outbound = visit.context["flow"]["channel"].get("sid")
                changes = ((("flow", "channel"), "status", "handed off"),) if outbound else ()
                return Advance("callComplete", with_aliases(event.outputs), changes=changes)
            case HandOffFailed():
                text = f"No task was created for {visit.name!r}: {event.reason or 'refused'}"
                visit.warn(TASK_NOT_CREATED, text)
                return Advance("failedToEnqueue", {})
        return None


# What a deployment step should have filled in; published flows are full of it.
PLACEHOLDER = re.compile(r"\$\{[^{}]*\}")


def read_attributes(rendered: str) -> dict[str, Any] | None:
    """
    Return the task attributes of a rendered text, None where it is no JSON object.

    A ``${placeholder}`` that nobody filled is a text like any other, quotes within it included, and alone stands
    for no attributes: an imported flow hands over before all its blanks are filled.
    """
    if not rendered or PLACEHOLDER.fullmatch(rendered):
        return {}
    attributes = parse_object(rendered)
    if attributes is None and "${" in rendered:
        attributes = parse_object(PLACEHOLDER.sub(lambda found: to_json(found[0])[1:-1], rendered))
    return attributes


def contact_attributes(context: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return the attributes that a conversation's task gets without being told: who writes, and on which channel.

    Those given in the widget win.
    """
    trigger = context["trigger"]
    conversation = trigger.get("conversation") or trigger.get("message")
    if not isinstance(conversation, Mapping):
        conversation = {}
    address = context["contact"]["channel"].get("address", "")
    name = _name_of(conversation.get("ChannelAttributes"))
    source = str(conversation.get("Source") or conversation.get("ChannelType") or "").lower()
    attributes = {"from": address, "customerAddress": address, "name": name or address, "customerName": name or address}
    if source:
        attributes["channelType"] = {"sdk": "web", "api": "web", "chat": "web"}.get(source, source)
    return attributes


def _name_of(channel_attributes: object) -> str:
    """Return the name a web-chat customer gave before the chat, "" where there is none."""
    if not isinstance(channel_attributes, Mapping):
        return ""
    form = channel_attributes.get("pre_engagement_data")
    given = form if isinstance(form, Mapping) else {}
    for value in (channel_attributes.get("friendlyName"), given.get("friendlyName"), given.get("name")):
        if isinstance(value, str) and value.strip():
            return value
    return ""


def with_aliases(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Add the names that the documentation page gives to the task's fields (Age, Attributes, TaskSid)."""
    aliases = {"Age": "age", "Attributes": "attributes", "TaskSid": "sid"}
    found = {alias: outputs[name] for alias, name in aliases.items() if name in outputs}
    return {**found, **outputs}
