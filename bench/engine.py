"""
The flow engine beside the bare rendering of the same templates.

Three flows of growing size (4, 50 and 500 widgets) are walked by a conversation each; the floor is python-liquid
rendering, template by template and with the same contexts, every text the engine had to render on the way. Both sides
run in turns in one process, so that a noisy machine disturbs them alike; the best of several rounds counts.

``python -m bench.engine`` prints the table; ``run()`` returns it.
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from liquid import BoundTemplate, Environment

from flows.engine import Program, advance, compile_definition, events, new_session
from flows.engine.session import Session
from flows.engine.templates import Template

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
REPLIES = ("Ada", "sales", "yes please", "42")
MESSAGE = {
    "Body": "hello",
    "From": "+15550001111",
    "To": "+15550002222",
    "MessageSid": "SM" + "0" * 32,
    "AccountSid": "AC" + "0" * 32,
    "NumMedia": "0",
    "ConversationSid": "CH" + "0" * 32,
    "ChannelAttributes": '{"pre_engagement_data": {"name": "Ada", "language": "en"}}',
}
GREETING = (
    "Hello {{ widgets.ask_INDEX.inbound.Body | default: 'there' | capitalize }}, you wrote {{ trigger.message.Body }} "
    "to {{ flow.channel.address }} from {{ contact.channel.address }}. {% if flow.variables.count == '1' %}Welcome!"
    "{% else %}Good to see you again ({{ flow.variables.count }}).{% endif %} Choose sales or support."
)


def build(blocks: int) -> dict[str, Any]:
    """
    Return a flow of ``blocks`` rounds of question, variable, split and answer, and 2 more widgets.

    A conversation walks the first rounds only, as customers do: what lies behind must not cost anything.
    """
    states: list[dict[str, Any]] = [_state("Trigger", "trigger", {}, incomingConversationMessage="hello_0")]
    for index in range(blocks):
        following = f"hello_{index + 1}" if index + 1 < blocks else "end"
        states += [
            _state(
                f"hello_{index}",
                "send-message",
                _message(GREETING.replace("INDEX", str(index))),
                sent=f"ask_{index}",
                failed=None,
            ),
            _state(
                f"ask_{index}",
                "send-and-wait-for-reply",
                {**_message("Question {{ flow.variables.count }}?"), "timeout": "3600"},
                incomingMessage=f"count_{index}",
                timeout="end",
                deliveryFailure=None,
            ),
            _state(
                f"count_{index}",
                "set-variables",
                {
                    "variables": [
                        {"key": "count", "value": "{{ flow.variables.count | plus: 1 }}"},
                        {"key": f"answer_{index}", "value": f"{{{{ widgets.ask_{index}.inbound.Body | downcase }}}}"},
                    ]
                },
                next=f"split_{index}",
            ),
            _split(f"split_{index}", f"{{{{ flow.variables.answer_{index} }}}}", following),
        ]
    states.append(
        _state("end", "send-message", _message("Bye {{ widgets.ask_0.inbound.Body }}"), sent=None, failed=None)
    )
    return {"states": states, "initial_state": "Trigger", "flags": {"allow_concurrent_calls": True}}


def _message(body: str) -> dict[str, Any]:
    return {
        "body": body,
        "from": "{{flow.channel.address}}",
        "to": "{{contact.channel.address}}",
        "service": "{{trigger.message.InstanceSid}}",
        "channel": "{{trigger.message.ChannelSid}}",
    }


def _state(name: str, kind: str, properties: dict[str, Any], **exits: str | None) -> dict[str, Any]:
    transitions = [{"event": event, **({"next": target} if target else {})} for event, target in exits.items()]
    return {"name": name, "type": kind, "properties": properties, "transitions": transitions}


def _split(name: str, subject: str, target: str) -> dict[str, Any]:
    state = _state(name, "split-based-on", {"input": subject}, noMatch=target)
    for kind, value in (("equal_to", "stop"), ("contains", "agent"), ("regex", "(sales|support).*")):
        condition = {"friendly_name": value, "type": kind, "arguments": [subject], "value": value}
        next_ = target if kind == "regex" else "end"
        state["transitions"].append({"event": "match", "next": next_, "conditions": [condition]})
    return state


def walk(program: Program) -> tuple[int, int]:
    """Lead one conversation through the program; answers steps and messages."""
    outcome = advance(program, _session(), events.TriggerFired("incomingConversationMessage", MESSAGE), NOW)
    steps = len(outcome.steps)
    for reply in REPLIES:
        if outcome.session["status"] == "ended":
            break
        outcome = advance(program, outcome.session, events.ReplyReceived({**MESSAGE, "Body": reply}), NOW)
        steps += len(outcome.steps)
    return steps, 1 + len(REPLIES)


def _session() -> Session:
    return new_session(
        execution_sid="FN" + "0" * 32,
        flow_sid="FW" + "0" * 32,
        account_sid="AC" + "0" * 32,
        channel_address="+15550002222",
        contact_address="+15550001111",
    )


def recorded(program: Program) -> list[tuple[str, dict[str, Any]]]:
    """Return the template texts (constants left out) and contexts of one walk, as the engine rendered them."""
    calls: list[tuple[str, dict[str, Any]]] = []
    original = Template.render

    def render(self: Template, context: Any, scene: Any) -> str:
        calls.append((self.source, dict(context)))
        return original(self, context, scene)

    Template.render = render  # type: ignore[method-assign]
    try:
        walk(program)
    finally:
        Template.render = original  # type: ignore[method-assign]
    return [(source, context) for source, context in calls if "{{" in source or "{%" in source]


def bare(calls: list[tuple[str, dict[str, Any]]]) -> Callable[[], None]:
    """Return a function that renders the recorded texts with python-liquid alone, parsed beforehand."""
    environment = Environment()
    parsed: dict[str, BoundTemplate] = {source: environment.from_string(source) for source, _ in calls}
    work = [(parsed[source], context) for source, context in calls]

    def render() -> None:
        for template, context in work:
            template.render(context)

    return render


def _seconds(action: Callable[[], Any], times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        action()
    return (time.perf_counter() - started) / times


def run(rounds: int = 15, times: int = 40) -> dict[str, dict[str, float]]:
    """
    Measure; per flow: widgets, templates rendered, steps/s, µs a message, and the ratio to the bare rendering.
    """
    flows = {"small": build(1), "50 widgets": build(12), "500 widgets": build(125)}
    results: dict[str, dict[str, float]] = {}
    for name, definition in flows.items():
        program = compile_definition(definition)
        calls = recorded(program)
        render = bare(calls)
        steps, messages = walk(program)
        if len(definition["states"]) < 10:
            messages = 2  # the small flow ends after one reply
        pairs = [(_seconds(lambda p=program: walk(p), times), _seconds(render, times)) for _ in range(rounds)]
        engine, floor = min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)
        results[name] = {
            "widgets": len(definition["states"]),
            "templates": len(calls),
            "steps_per_second": steps / engine,
            "us_per_step": engine / steps * 1e6,
            "us_per_message": engine / messages * 1e6,
            "bare_us_per_message": floor / messages * 1e6,
            "ratio": engine / floor,
            "median_ratio": statistics.median(mine / theirs for mine, theirs in pairs),
        }
    results["growth"] = {"ratio": results["500 widgets"]["us_per_step"] / results["50 widgets"]["us_per_step"]}
    return results


def main() -> None:
    results = run()
    print("flow         widgets  texts   steps/s  µs/step  µs/message  bare µs/message  ratio")
    for name in ("small", "50 widgets", "500 widgets"):
        row = results[name]
        print(
            f"{name:12} {row['widgets']:7.0f} {row['templates']:6.0f} {row['steps_per_second']:9.0f} "
            f"{row['us_per_step']:8.1f} {row['us_per_message']:11.1f} {row['bare_us_per_message']:16.1f} "
            f"{row['ratio']:6.2f}"
        )
    print("bar: ratio at most 2")
    print(f"a step with 500 widgets costs {results['growth']['ratio']:.2f} × one with 50")


if __name__ == "__main__":
    main()
