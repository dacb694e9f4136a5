"""The machine's own rules: what events do, what is ignored, how an execution ends."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest

from flows.engine import Outcome, advance, compile_definition, events
from flows.engine.commands import CallHttp, CancelTimer, Finish, SendMessage, SetTimer
from flows.engine.limits import Limits
from flows.engine.session import apply_changes, needed_subflow
from tests.flows.engine.build import NOW, ask, begun, flow, http, send, session, set_variables, split, state, trigger

ASKING = compile_definition(
    flow(
        trigger(incomingMessage="ask"), ask("ask", "Name?", "hello", "late"), send("hello", "Hi"), send("late", "Late")
    )
)


def kinds(outcome: Outcome) -> list[type]:
    return [type(command) for command in outcome.commands]


def test_a_wait_sends_and_sets_a_timer_with_the_messages_ref() -> None:
    outcome = begun(ASKING)

    message, timer = outcome.commands
    assert isinstance(message, SendMessage)
    assert timer == SetTimer(message.ref, NOW + timedelta(hours=1))
    assert outcome.session["wait"] == {"kind": "reply", "ref": message.ref, "due_at": "2026-01-15T13:00:00Z"}
    assert [(step.name, step.event, step.transitioned_to) for step in outcome.steps] == [
        ("Trigger", "incomingMessage", "ask")
    ]


def test_a_reply_cancels_the_timer() -> None:
    outcome = advance(ASKING, begun(ASKING).session, events.ReplyReceived({"Body": "Ada"}), NOW)

    assert kinds(outcome) == [CancelTimer, SendMessage, Finish]


def test_a_timer_that_fired_is_not_cancelled() -> None:
    outcome = advance(ASKING, begun(ASKING).session, events.TimerFired(1), NOW + timedelta(hours=1))

    assert kinds(outcome) == [SendMessage, Finish]
    assert outcome.steps[0].event == "timeout"


@pytest.mark.parametrize(
    "event",
    [
        events.TimerFired(99),
        events.HttpAnswered(99, 200),
        events.HttpAnswered(1, 200),
        events.HandOffCompleted(1),
        events.SubflowMissing(1),
        events.DeliveryFailed(99, 30003),
        events.RedirectReturned(7),
        events.ConversationStarted(1),
    ],
    ids=repr,
)
def test_an_event_for_another_wait_changes_nothing(event: events.Event) -> None:
    before = begun(ASKING).session

    outcome = advance(ASKING, before, event, NOW)

    assert (outcome.session, outcome.commands, outcome.steps, outcome.warnings) == (before, (), (), ())


def test_a_trigger_cannot_fire_twice() -> None:
    outcome = advance(ASKING, begun(ASKING).session, events.TriggerFired("incomingMessage", {"Body": "x"}), NOW)

    assert [warning.code for warning in outcome.warnings] == [81002]
    assert outcome.session["current"] == "ask"


def test_nothing_happens_after_the_end() -> None:
    ended = advance(ASKING, begun(ASKING).session, events.Stopped(), NOW)

    outcome = advance(ASKING, ended.session, events.ReplyReceived({"Body": "x"}), NOW)

    assert kinds(ended) == [CancelTimer, Finish]
    assert outcome == Outcome(ended.session)


def test_a_message_while_an_http_call_runs_is_ignored_and_logged_on_the_step() -> None:
    program = compile_definition(flow(trigger(incomingMessage="h"), http("h", "end"), send("end", "done")))
    waiting = begun(program)

    ignored = advance(program, waiting.session, events.ReplyReceived({"Body": "x"}), NOW)
    answered = advance(program, ignored.session, events.HttpAnswered(1, 200, "text/plain", "ok"), NOW)

    assert isinstance(waiting.commands[0], CallHttp)
    assert [warning.code for warning in ignored.warnings] == [81002]
    assert ignored.steps == ()
    assert [warning.code for warning in answered.steps[0].warnings] == [81002]
    assert answered.warnings == ()


def test_an_execution_ends_after_thirty_days() -> None:
    later = NOW + timedelta(days=30, seconds=1)

    outcome = advance(ASKING, begun(ASKING).session, events.ReplyReceived({"Body": "x"}), later)

    assert outcome.session["ended"]["reason"] == "expired"


@pytest.mark.parametrize("exits", [{}, {"incomingMessage": None}])
def test_a_trigger_without_a_way_on_ends_at_once(exits: dict[str, str | None]) -> None:
    outcome = begun(flow(trigger(**exits)))

    assert (kinds(outcome), outcome.session["status"]) == ([Finish], "ended")
    assert [step.transitioned_to for step in outcome.steps] == ["Ended"]


def test_an_exit_that_a_waiting_widget_lacks_leaves_it_waiting() -> None:
    definition = flow(
        trigger(incomingMessage="ask"), state("ask", "send-and-wait-for-reply", {"from": "us", "body": "?"})
    )
    program = compile_definition(definition)

    outcome = advance(program, begun(program).session, events.TimerFired(1), NOW)

    assert [warning.code for warning in outcome.warnings] == [81002]
    assert (outcome.session["status"], outcome.session["wait"]["due_at"]) == ("active", None)


def test_a_step_tells_what_it_changed_and_the_changes_rebuild_the_context() -> None:
    definition = flow(
        trigger(incomingRequest="v"),
        set_variables("v", "s", **{"a.b": "{{flow.data.x}}", "c": "2"}),
        send("s", "{{flow.variables.c}}"),
    )
    start = session()

    outcome = advance(
        compile_definition(definition), start, events.TriggerFired("incomingRequest", {"parameters": {"x": "1"}}), NOW
    )

    first, second, third = outcome.steps
    assert sorted(first.changes) == ["flow.data", "trigger.request"]
    assert second.changes == {
        "flow.variables.a.b": "1",
        "flow.variables.c": "2",
        "widgets.v": {"a.b": "1", "c": "2"},
    }
    context = start["context"]
    for step in (first, second, third):
        context = apply_changes(context, step.changes.items())
    assert context == outcome.session["context"]


def test_the_given_session_stays_as_it_was() -> None:
    before = begun(ASKING).session
    frozen = json.dumps(before)

    advance(ASKING, before, events.ReplyReceived({"Body": "Ada"}), NOW)

    assert json.dumps(before) == frozen


def test_the_same_call_gives_the_same_answer_message_sids_included() -> None:
    before = begun(ASKING)
    again = begun(ASKING)

    assert before == again
    message = before.commands[0]
    assert isinstance(message, SendMessage)
    assert message.sid[:2] == "IM"
    assert (len(message.sid), message.sid[14], message.sid[18] in "89ab") == (34, "7", True)


@pytest.mark.parametrize("levels", [99, 101, 300, 900, 5000])
def test_an_answer_nested_too_deeply_to_be_stored_is_text_only(levels: int) -> None:
    program = compile_definition(flow(trigger(incomingMessage="h"), http("h", "end"), send("end", "done")))
    body = '{"a":' * levels + "1" + "}" * levels

    outcome = advance(program, begun(program).session, events.HttpAnswered(1, 200, "application/json", body), NOW)

    outputs = outcome.session["context"]["widgets"]["h"]
    assert (outputs["body"], "parsed" in outputs) == (body, levels <= 100)
    assert orjson.loads(orjson.dumps(outcome.session)) == outcome.session


def test_limits_can_be_set() -> None:
    round_trip = flow(trigger(incomingMessage="a"), set_variables("a", "b", x="1"), set_variables("b", "a", x="2"))
    program = compile_definition(round_trip)
    fired = events.TriggerFired("incomingMessage", {})

    outcome = advance(program, session(), fired, NOW, limits=replace(Limits(), steps=5))

    assert (len(outcome.steps), outcome.session["ended"]["code"]) == (5, 81000)
    assert outcome.steps[-1].transitioned_to == "Ended"
    assert [warning.code for warning in outcome.steps[-1].warnings] == [81000]


def subflow_program() -> Any:
    properties = {"flow_sid": "FW" + "2" * 32, "flow_revision": "LatestPublished"}
    return compile_definition(
        flow(
            trigger(incomingMessage="sub"),
            state("sub", "run-subflow", properties, completed="ok", failed="bad"),
            send("ok", "{{widgets.sub.x}}"),
            send("bad", "bad"),
        )
    )


CHILD = compile_definition(
    flow(
        trigger(incomingParent="ask"),
        ask("ask", "child", "set"),
        set_variables("set", None, x="{{widgets.ask.inbound.Body}}"),
    )
)


def test_a_subflows_steps_are_told_with_their_parent() -> None:
    program, children = subflow_program(), {"FW" + "2" * 32: CHILD}
    waiting = begun(program)

    inside = advance(program, waiting.session, events.SubflowLoaded(1, 7), NOW, children)
    done = advance(program, inside.session, events.ReplyReceived({"Body": "in"}), NOW, children)

    assert needed_subflow(inside.session) == ("FW" + "2" * 32, 7)
    assert [(step.seq, step.name, step.parent_seq) for step in (*inside.steps, *done.steps)] == [
        (3, "Trigger", 2),
        (4, "ask", 2),
        (5, "set", 2),
        (2, "sub", None),
        (6, "ok", None),
    ]
    assert needed_subflow(done.session) is None
    assert "in" in [command.body for command in done.commands if isinstance(command, SendMessage)]


def test_a_subflow_that_is_gone_fails_its_widget() -> None:
    program = subflow_program()
    inside = advance(program, begun(program).session, events.SubflowLoaded(1, 7), NOW, {"FW" + "2" * 32: CHILD})

    outcome = advance(program, inside.session, events.ReplyReceived({"Body": "in"}), NOW)

    assert [step.name for step in outcome.steps] == ["sub", "bad"]
    assert [warning.code for warning in outcome.warnings] == [81024]


def test_a_call_widget_in_a_subflow_fails_the_subflow() -> None:
    voice = compile_definition(flow(trigger(incomingParent="v"), state("v", "say-play", {"say": "x"})))
    program = subflow_program()

    outcome = advance(program, begun(program).session, events.SubflowLoaded(1, 1), NOW, {"FW" + "2" * 32: voice})

    assert [step.name for step in outcome.steps] == ["Trigger", "v", "sub", "bad"]
    assert [warning.code for warning in outcome.warnings] == [81020, 81024]


def test_an_unknown_widget_ends_the_execution_with_a_reason() -> None:
    outcome = begun(flow(trigger(incomingMessage="x"), state("x", "teleport")))

    assert outcome.session["ended"]["reason"] == "unsupported_widget"
    assert "'teleport'" in outcome.session["ended"]["message"]


def test_a_broken_session_ends_with_an_error_instead_of_an_exception() -> None:
    outcome = advance(ASKING, {"status": "active", "v": 1}, events.ReplyReceived({"Body": "x"}), NOW)

    assert outcome.session["ended"]["reason"] == "error"
    assert kinds(outcome) == [Finish]


def test_older_matches_come_first_whatever_comes_later() -> None:
    definition = flow(
        trigger(incomingMessage="s"),
        split("s", "{{trigger.message.Body}}", ("contains", "a", "first"), ("equal_to", "abc", "second"), no="none"),
        send("first", "1"),
        send("second", "2"),
        send("none", "0"),
    )

    outcome = begun(definition, body="abc")

    assert [(step.name, step.transition) for step in outcome.steps][1:] == [("s", 1), ("first", 0)]


def test_more_widgets_than_may_run_end_the_execution_at_its_start() -> None:
    outcome = advance(
        ASKING, session(), events.TriggerFired("incomingMessage", {"Body": "hi"}), NOW, limits=Limits(widgets=3)
    )

    (finish,) = outcome.commands
    assert finish == Finish("error", 81026, "The flow and its subflow have 4 widgets; at most 3 may run.")
    assert outcome.session["status"] == "ended"


def test_more_widgets_than_may_run_with_the_subflow_end_the_execution_there() -> None:
    child_sid = "FW" + "2" * 32
    properties = {"flow_sid": child_sid, "flow_revision": "LatestPublished", "parameters": []}
    parent = compile_definition(
        flow(trigger(incomingMessage="call"), state("call", "run-subflow", properties, completed=None, failed=None))
    )
    limits = Limits(widgets=5)
    asked = advance(parent, session(), events.TriggerFired("incomingMessage", {"Body": "hi"}), NOW, limits=limits)
    (load,) = asked.commands

    outcome = advance(parent, asked.session, events.SubflowLoaded(load.ref, 1), NOW, {child_sid: ASKING}, limits=limits)

    assert outcome.commands[-1] == Finish("error", 81026, "The flow and its subflow have 6 widgets; at most 5 may run.")
