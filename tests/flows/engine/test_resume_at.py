"""Beginning in the middle, as a retry does, and the log that it leaves."""

from typing import Any

import pytest

from flows.engine import Outcome, advance, compile_definition, events, resume_at
from flows.engine.commands import CallHttp, Finish, Redirect, SendMessage
from flows.engine.session import apply_changes
from tests.flows.engine.build import NOW, ask, begun, flow, http, send, session, set_variables, state, trigger

PROGRAM = compile_definition(
    flow(
        trigger(incomingMessage="set"),
        set_variables("set", "ask", mood="good"),
        ask("ask", "Name?", "call"),
        http("call", "tell", "tell"),
        send("tell", "{{widgets.ask.inbound.Body}} is {{flow.variables.mood}}: {{trigger.message.Body}}"),
    )
)


def gathered() -> dict[str, Any]:
    """Return the context that an execution has when it calls."""
    waiting = advance(PROGRAM, begun(PROGRAM).session, events.ReplyReceived({"Body": "Ada"}), NOW)
    context: dict[str, Any] = waiting.session["context"]
    return context


def resumed(widget: str) -> Outcome:
    new = session(execution_sid="FN" + "9" * 32)
    return resume_at(PROGRAM, new, widget, gathered(), "incomingMessage", NOW)


def rebuilt(*outcomes: Outcome) -> dict[str, Any]:
    context: dict[str, Any] = session(execution_sid="FN" + "9" * 32)["context"]
    for outcome in outcomes:
        for step in outcome.steps:
            context = apply_changes(context, step.changes.items())
    return context


def test_goes_on_at_the_widget_with_what_was_known_before_it() -> None:
    outcome = resumed("tell")

    assert [command.body for command in outcome.commands if isinstance(command, SendMessage)] == ["Ada is good: hi"]
    assert isinstance(outcome.commands[-1], Finish)
    assert [(step.seq, step.name, step.transitioned_to) for step in outcome.steps] == [(1, "tell", "Ended")]
    assert rebuilt(outcome) == outcome.session["context"]


def test_is_an_execution_of_its_own() -> None:
    outcome = resumed("call")

    assert outcome.session["context"]["flow"]["sid"] == "FN" + "9" * 32
    assert (outcome.session["began"], outcome.session["step_count"]) == ("incomingMessage", 1)
    assert outcome.session["wait"]["kind"] == "http"
    assert advance(PROGRAM, outcome.session, events.TriggerFired("incomingMessage", {}), NOW).commands == ()


def test_keeps_what_it_was_given_in_the_log_though_its_first_widget_waits() -> None:
    first = resumed("ask")
    second = advance(PROGRAM, first.session, events.ReplyReceived({"Body": "Eve"}), NOW)

    assert first.steps == ()
    assert second.session["context"]["widgets"]["ask"]["inbound"] == {"Body": "Eve"}
    assert rebuilt(first, second) == second.session["context"]


def test_leaves_the_given_context_alone() -> None:
    before = gathered()

    advance(PROGRAM, resume_at(PROGRAM, session(), "ask", before, "incomingMessage", NOW).session, REPLY, NOW)

    assert before == gathered()


REPLY = events.ReplyReceived({"Body": "Eve"})


def test_refuses_a_widget_that_is_not_there() -> None:
    with pytest.raises(LookupError):
        resume_at(PROGRAM, session(), "nowhere", {}, "incomingMessage", NOW)


@pytest.mark.parametrize("context", [{}, {"flow": 5, "widgets": []}])
def test_goes_on_though_the_context_is_poor(context: dict[str, Any]) -> None:
    outcome = resume_at(PROGRAM, session(), "tell", context, "incomingMessage", NOW)

    assert [command.body for command in outcome.commands if isinstance(command, SendMessage)] == [" is : "]


def test_names_the_step_that_asked_for_each_command() -> None:
    redirect = state("go", "add-twiml-redirect", {"url": "https://x.test/", "timeout": "0"}, timeout="call")
    program = compile_definition(flow(trigger(incomingMessage="go"), redirect, http("call")))

    outcome = begun(program)

    asked = {type(command): outcome.asked_by[command.ref] for command in outcome.commands if hasattr(command, "ref")}
    assert (asked[Redirect], asked[CallHttp]) == (2, 3)
