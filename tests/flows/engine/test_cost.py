"""What a step costs, counted in calls: machines differ, the number of things done does not."""

import sys
from typing import Any

from bench.engine import build, recorded, walk
from flows.engine import Program, compile_definition


def calls_of(program: Program) -> int:
    """Return how many Python functions one conversation calls."""
    count = 0

    def note(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event == "call"

    walk(program)  # whatever is cached is cached by now
    sys.setprofile(note)
    try:
        walk(program)
    finally:
        sys.setprofile(None)
    return count


def test_a_conversation_does_not_cost_more_in_a_larger_flow() -> None:
    small, large = compile_definition(build(12)), compile_definition(build(125))

    assert (len(small.nodes), len(large.nodes)) == (50, 502)
    assert walk(small) == walk(large)
    assert calls_of(large) == calls_of(small)


def test_the_benchmark_compares_the_same_texts() -> None:
    program = compile_definition(build(12))

    texts = [source for source, _ in recorded(program)]

    assert walk(program) == (18, 5)
    assert len(texts) == 52
    assert any("capitalize" in source for source in texts)
