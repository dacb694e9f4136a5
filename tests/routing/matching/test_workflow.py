"""The walk of a task through a workflow."""

from __future__ import annotations

import json
from typing import Any

import pytest

from routing.matching.errors import WorkflowError
from routing.matching.workflow import DEFAULT, KnownWorker, OrderBy, Plan, Step, parse_plan


def plan(*filters: dict[str, Any], default: dict[str, Any] | None = None) -> Plan:
    routing: dict[str, Any] = {"filters": list(filters)}
    if default is not None:
        routing["default_filter"] = default
    return parse_plan(json.dumps({"task_routing": routing}))


GOLD = {
    "filter_friendly_name": "Gold",
    "expression": "customer == 'Gold'",
    "targets": [
        {"queue": "WQ1", "timeout": 10, "priority": "5"},
        {"timeout": 10},
        {"queue": "WQ2", "timeout": 10},
    ],
}
EVERY = {"expression": "1 == 1", "queue": "WQ3"}


def test_reads_targets_that_inherit_their_queue() -> None:
    found = plan(GOLD).filters[0].targets

    assert [(target.queue, target.priority, target.timeout_seconds) for target in found] == [
        ("WQ1", 5, 10),
        ("WQ1", None, 10),
        ("WQ2", None, 10),
    ]


def test_adds_time_outs_up_from_the_tasks_age() -> None:
    walked = plan(GOLD, EVERY)
    step = walked.first({"customer": "Gold"})
    ages = []
    while step is not None:
        ages.append((step.filter, step.target, walked.due_age(step)))
        step = walked.after_timeout(step, {"customer": "Gold"})

    assert ages == [(0, 0, 10), (0, 1, 20), (0, 2, 30), (1, 0, None)]


def test_goes_on_counting_in_the_next_matching_filter() -> None:
    later = {"expression": "1 == 1", "targets": [{"queue": "WQ3", "timeout": 5}]}
    walked = plan(GOLD, {"expression": "customer == 'Tin'", "queue": "WQ9"}, later)

    step = walked.after_timeout(Step(0, 2), {"customer": "Gold"})

    assert step == Step(2, 0, base_seconds=30, timed_out=True)
    assert walked.due_age(step) == 35


def test_keeps_the_default_for_tasks_that_no_filter_takes() -> None:
    walked = plan(GOLD, default={"queue": "WQ4"})

    assert walked.first({"customer": "Tin"}) == Step(DEFAULT)
    assert walked.after_timeout(Step(0, 2), {"customer": "Gold"}) is None


def test_opens_the_default_when_every_matching_filter_was_skipped() -> None:
    walked = plan(GOLD, default={"queue": "WQ4"})

    assert walked.after_skip(Step(0, 2), {"customer": "Gold"}) == Step(DEFAULT)


def test_does_not_count_the_time_of_a_skipped_filter() -> None:
    later = {"expression": "1 == 1", "targets": [{"queue": "WQ3", "timeout": 5}]}
    walked = plan(GOLD, later)

    step = walked.after_skip(Step(0, 2), {"customer": "Gold"})

    assert step is not None
    assert walked.due_age(step) == 5


def test_keeps_the_default_shut_after_a_time_out_and_a_skip() -> None:
    skipped = {"expression": "1 == 1", "targets": [{"queue": "WQ3", "skip_if": "1 == 1"}]}
    walked = plan(GOLD, skipped, default={"queue": "WQ4"})
    step = walked.after_timeout(Step(0, 2), {"customer": "Gold"})
    assert step is not None

    assert walked.after_skip(step, {"customer": "Gold"}) is None


def test_has_nowhere_to_go_without_a_default() -> None:
    assert plan(GOLD).first({"customer": "Tin"}) is None


def test_reads_what_a_target_asks_of_its_workers() -> None:
    asked = {
        "queue": "WQ1",
        "expression": "task.language IN worker.languages",
        "order_by": "worker.level DESC, worker.skill.chess",
        "known_worker_sid": "task.agent.sid",
        "skip_if": "workers.available == 0",
    }
    target = plan({"expression": "1 == 1", "targets": [asked]}).filters[0].targets[0]

    assert target.order_by == (OrderBy(("level",), True), OrderBy(("skill", "chess"), False))
    assert target.known_worker == KnownWorker(("agent", "sid"), by_name=False)
    assert target.known_worker.read({"agent": {"sid": "WK1"}}) == "WK1"


def test_sorts_workers_without_the_attribute_last_in_both_directions() -> None:
    workers: list[dict[str, Any]] = [{"level": 2}, {}, {"level": "9"}, {"level": 5}, {"level": True}]

    down = sorted(workers, key=OrderBy(("level",), True).key)
    up = sorted(workers, key=OrderBy(("level",), False).key)

    assert (down[:2], up[:2]) == ([{"level": 5}, {"level": 2}], [{"level": 2}, {"level": 5}])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "the configuration is not valid JSON"),
        ("[" * 100_000, "the configuration is not valid JSON"),
        ("[]", "configuration: must be an object"),
        ("{}", "task_routing: must be an object"),
        ('{"task_routing": {"filters": {}}}', "task_routing.filters: must be a list"),
        ('{"task_routing": {"filters": [7]}}', "task_routing.filters[0]: must be an object"),
        ('{"task_routing": {"filters": [{"queue": "WQ1"}]}}', "filters[0].expression: a filter needs an expression"),
        (
            '{"task_routing": {"filters": [{"expression": "a b", "queue": "WQ1"}]}}',
            "filters[0].expression: line 1:3 extraneous input 'b' expecting OPERATOR",
        ),
        ('{"task_routing": {"filters": [{"expression": "1==1", "targets": []}]}}', "at least one target"),
        ('{"task_routing": {"filters": [{"expression": "1==1", "targets": [{}]}]}}', "targets[0].queue"),
        ('{"task_routing": {"default_filter": {"queue": "WQ1", "timeout": 0}}}', "default_filter.timeout"),
        ('{"task_routing": {"default_filter": {"queue": "WQ1", "priority": 1.5}}}', "default_filter.priority"),
        (
            '{"task_routing": {"default_filter": {"queue": "WQ1", "expression": "level > 1"}}}',
            "'level' must start with 'calendar.' or 'task.' or 'worker.'",
        ),
        ('{"task_routing": {"default_filter": {"queue": "WQ1", "skip_if": "task.a == 1"}}}', "'workers.'"),
        ('{"task_routing": {"default_filter": {"queue": "WQ1", "order_by": "level DESC"}}}', "order_by"),
        ('{"task_routing": {"default_filter": {"queue": "WQ1", "known_worker_sid": "WK1"}}}', "known_worker_sid"),
    ],
)
def test_names_the_place_that_is_wrong(text: str, words: str) -> None:
    with pytest.raises(WorkflowError) as refused:
        parse_plan(text)

    assert words in str(refused.value)
