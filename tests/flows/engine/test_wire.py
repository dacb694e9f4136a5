"""Events and commands travel as JSON and come back equal."""

import json
from datetime import UTC, datetime

import pytest

from flows.engine import commands, events
from flows.engine.wire import MalformedMessage

EVENTS = [
    events.TriggerFired("incomingMessage", {"Body": "hi"}),
    events.ReplyReceived({"Body": "hi", "NumMedia": "0"}),
    events.TimerFired(3),
    events.HttpAnswered(3, 200, "application/json", "{}", {"server": "x"}),
    events.HttpFailed(3, "timed out"),
    events.HandOffCompleted(3, {"sid": "WT1"}),
    events.HandOffFailed(3, "no workflow"),
    events.SubflowLoaded(3, 7),
    events.SubflowMissing(3, "gone"),
    events.DeliveryFailed(3, 30003, "unreachable"),
    events.ConversationStarted(3, {"conversation": {"sid": "CH1"}}),
    events.ConversationFailed(3, "no"),
    events.RedirectReturned(3, {"x": "1"}),
    events.Stopped(),
]
COMMANDS = [
    commands.SendMessage(1, "IM1", "hi", None, "us", "+1", "us", "{}", "HX1", {"1": "x"}, "CH1", True),
    commands.CallHttp(1, "POST", "https://e.com", {"a": "b"}, "x", 10, 65536, True),
    commands.HandOff(1, "WW1", "TC1", {"a": 1}, 5, 60),
    commands.StartSubflow(1, "FW1", "LatestPublished", {"a": "b"}),
    commands.SetTimer(1, datetime(2026, 1, 1, 12, 0, 0, 250000, tzinfo=UTC)),
    commands.CancelTimer(1),
    commands.StartConversation(1, [{"type": "chat", "identity": "x"}], "IS1"),
    commands.ResumeConversation(1, "CH1"),
    commands.Redirect(1, "https://e.com", "POST"),
    commands.Finish("completed"),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_an_event_comes_back_equal(event: events.Event) -> None:
    assert events.from_json(json.loads(json.dumps(event.to_json()))) == event


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.type)
def test_a_command_comes_back_equal(command: commands.Command) -> None:
    assert commands.from_json(json.loads(json.dumps(command.to_json()))) == command


def test_every_kind_is_tried() -> None:
    assert {event.type for event in EVENTS} == set(events.EVENTS)
    assert {command.type for command in COMMANDS} == set(commands.COMMANDS)


def test_fields_of_a_newer_version_are_ignored() -> None:
    assert events.from_json({"type": "timer_fired", "ref": 3, "shiny": True}) == events.TimerFired(3)


@pytest.mark.parametrize(
    "data", [None, [], "timer_fired", {}, {"type": "teleported"}, {"type": 3}, {"type": "timer_fired"}]
)
def test_what_is_no_event_is_refused(data: object) -> None:
    with pytest.raises(MalformedMessage):
        events.from_json(data)
