"""The demo's flow: a question, a branch, a call to a web address, and the hand-over to an agent."""

from __future__ import annotations

import json
from typing import Any

NAME = "Welcome"
COLUMN, ROW = 340, 260

TOPICS = (
    ("sales", "Sales", ("sales", "buy", "price", "order", "1")),
    ("support", "Support", ("support", "help", "problem", "broken", "2")),
)


def definition(*, workflow_sid: str, task_channel_sid: str, echo_url: str) -> dict[str, Any]:
    """Return the flow's definition for an account's workflow and task channel."""
    return {
        "description": "Asks what it is about, looks it up, and hands over to an agent",
        "initial_state": "Trigger",
        "flags": {"allow_concurrent_calls": True},
        "states": [
            _trigger(),
            _question(),
            _branch(),
            *(_topic(topic, column) for column, topic in enumerate(("sales", "support", "general"))),
            _look_up(echo_url),
            _say(
                "say_found",
                "Thank you! Our {{widgets.look_up.parsed.parameters.topic}} team has read: "
                "“{{widgets.look_up.parsed.parameters.question | strip}}”. An agent will be with you in a moment.",
                next_widget="to_agent",
                place=(0, 5),
            ),
            _say(
                "say_passed_on",
                "Thank you! I pass you on to an agent right away.",
                next_widget="to_agent",
                place=(1, 5),
            ),
            _hand_over(workflow_sid, task_channel_sid),
            _say(
                "say_sorry",
                "Sorry, nobody can be reached at the moment. Please write again later.",
                next_widget=None,
                place=(1, 7),
            ),
            _say(
                "say_bye",
                "I have not heard from you for an hour, so I close this for now. Write again at any time!",
                next_widget=None,
                place=(2, 2),
            ),
        ],
    }


def echo_url_of(content: dict[str, Any]) -> str:
    """Return the address that a definition made by ``definition`` calls; empty where there is none."""
    for state in content.get("states", ()):
        if state.get("name") == "look_up":
            return str(state.get("properties", {}).get("url", ""))
    return ""


def _at(column: float, row: float) -> dict[str, float]:
    return {"x": column * COLUMN, "y": row * ROW}


def _trigger() -> dict[str, Any]:
    starts = ("incomingMessage", "incomingConversationMessage", "incomingRequest", "incomingParent")
    return {
        "name": "Trigger",
        "type": "trigger",
        "transitions": [*({"event": event, "next": "ask_topic"} for event in starts), {"event": "incomingCall"}],
        "properties": {"offset": _at(1, 0)},
    }


def _question() -> dict[str, Any]:
    return {
        "name": "ask_topic",
        "type": "send-and-wait-for-reply",
        "transitions": [
            {"event": "incomingMessage", "next": "branch_topic"},
            {"event": "timeout", "next": "say_bye"},
            {"event": "deliveryFailure"},
        ],
        "properties": {
            "body": "Hello, and welcome to Flowdesk! Is it about sales or support? "
            "Tell me in a few words what you need.",
            "from": "{{flow.channel.address}}",
            "attributes": json.dumps({"quick_replies": ["Sales", "Support", "Something else"]}),
            "timeout": "3600",
            "offset": _at(1, 1),
        },
    }


def _branch() -> dict[str, Any]:
    subject = "{{widgets.ask_topic.inbound.Body}}"
    matches = [
        {
            "event": "match",
            "next": f"topic_{topic}",
            "conditions": [
                {
                    "friendly_name": f"{label}: one of {', '.join(words)}",
                    "arguments": [subject],
                    "type": "regex",
                    "value": rf"(?s).*\b({'|'.join(words)})\b.*",
                }
            ],
        }
        for topic, label, words in TOPICS
    ]
    return {
        "name": "branch_topic",
        "type": "split-based-on",
        "transitions": [{"event": "noMatch", "next": "topic_general"}, *matches],
        "properties": {"input": subject, "offset": _at(1, 2)},
    }


def _topic(topic: str, column: int) -> dict[str, Any]:
    return {
        "name": f"topic_{topic}",
        "type": "set-variables",
        "transitions": [{"event": "next", "next": "look_up"}],
        "properties": {"variables": [{"key": "topic", "value": topic}], "offset": _at(column, 3)},
    }


def _look_up(echo_url: str) -> dict[str, Any]:
    return {
        "name": "look_up",
        "type": "make-http-request",
        "transitions": [{"event": "success", "next": "say_found"}, {"event": "failed", "next": "say_passed_on"}],
        "properties": {
            "method": "POST",
            "url": echo_url,
            "content_type": "application/x-www-form-urlencoded;charset=utf-8",
            "parameters": [
                {"key": "topic", "value": "{{flow.variables.topic}}"},
                {"key": "question", "value": "{{widgets.ask_topic.inbound.Body}}"},
            ],
            "offset": _at(1, 4),
        },
    }


def _say(name: str, body: str, *, next_widget: str | None, place: tuple[float, float]) -> dict[str, Any]:
    sent = {"event": "sent"} if next_widget is None else {"event": "sent", "next": next_widget}
    failed = {"event": "failed"} if next_widget is None else {"event": "failed", "next": next_widget}
    return {
        "name": name,
        "type": "send-message",
        "transitions": [sent, failed],
        "properties": {"body": body, "from": "{{flow.channel.address}}", "offset": _at(*place)},
    }


def _hand_over(workflow_sid: str, task_channel_sid: str) -> dict[str, Any]:
    attributes = json.dumps({"topic": "TOPIC", "question": "QUESTION"})
    return {
        "name": "to_agent",
        "type": "send-to-flex",
        "transitions": [
            {"event": "callComplete"},
            {"event": "failedToEnqueue", "next": "say_sorry"},
            {"event": "callFailure", "next": "say_sorry"},
        ],
        "properties": {
            "workflow": workflow_sid,
            "channel": task_channel_sid,
            "attributes": attributes.replace('"TOPIC"', "{{flow.variables.topic | to_json}}").replace(
                '"QUESTION"', "{{widgets.ask_topic.inbound.Body | to_json}}"
            ),
            "priority": "0",
            "timeout": "3600",
            "offset": _at(0, 6),
        },
    }
