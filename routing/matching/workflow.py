"""
Workflow configurations: the JSON an admin writes, checked and compiled, and the walk of a task through it.

A task stands on a ``Step``: a target of a filter (or of the default filter). Where
it goes next depends on the plan, the step and the task's attributes only. Target
time-outs count from the task's creation and add up along the way, so with targets
of 10, 10 and 10 seconds the changes fall at the ages 10, 20 and 30.

Source: taskrouter.md §4.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from routing.matching.errors import ExpressionError, WorkflowError
from routing.matching.expressions import Expression, Path, compile_expression, look_up, require_roots

DEFAULT = -1  # the filter number of the default filter's only target
MAX_SIZE = 1_000_000  # characters
_ORDER = re.compile(r"\s*worker\.([A-Za-z_][\w.]*)(?:\s+(ASC|DESC))?\s*", re.IGNORECASE | re.ASCII)
_TASK_PATH = re.compile(r"\s*task\.([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*", re.ASCII)
_MOST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class OrderBy:
    """One sort key on a worker's attribute; workers without a number there come last both ways."""

    path: Path
    descending: bool

    def key(self, worker: Mapping[str, Any]) -> tuple[int, float]:
        value = look_up(worker, self.path)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return (1, 0)
        return (0, -value if self.descending else value)


@dataclass(frozen=True, slots=True)
class KnownWorker:
    """The task attribute that names the only worker to be considered, by SID or by friendly name."""

    path: Path
    by_name: bool

    def read(self, attributes: Mapping[str, Any]) -> str | None:
        value = look_up(attributes, self.path)
        return value if isinstance(value, str) and value else None


@dataclass(frozen=True, slots=True)
class Target:
    """One stop of a task: a queue, and which of its workers may take the task there."""

    queue: str
    priority: int | None = None
    timeout_seconds: int | None = None
    expression: Expression | None = None
    order_by: tuple[OrderBy, ...] = ()
    skip_if: Expression | None = None
    known_worker: KnownWorker | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    friendly_name: str
    expression: Expression
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """
    Where a task stands.

    ``base_seconds`` is the age at which its filter's first target began to count.
    ``timed_out`` tells that an earlier filter was left by its last time-out, which
    closes the default filter.
    """

    filter: int
    target: int = 0
    base_seconds: int = 0
    timed_out: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """
    A compiled configuration. Every walk is a function of the step and the task's attributes.

    ``calendars`` are the names of the opening hours that its expressions ask about.
    """

    filters: tuple[Filter, ...]
    default: Target | None
    calendars: frozenset[str] = frozenset()

    def target(self, step: Step) -> Target | None:
        """Return the target of a step; None where the plan has changed and lost it."""
        if step.filter == DEFAULT:
            return self.default
        if step.filter >= len(self.filters) or step.target >= len(self.filters[step.filter].targets):
            return None
        return self.filters[step.filter].targets[step.target]

    def queues(self) -> frozenset[str]:
        """Return every queue the plan may send a task to."""
        return frozenset(target.queue for target in self.targets())

    def expressions(self) -> Iterator[Expression | None]:
        """Return every expression of the plan, None for those a target does not have."""
        yield from (each.expression for each in self.filters)
        for target in self.targets():
            yield from (target.expression, target.skip_if)

    def first(self, attributes: Mapping[str, Any]) -> Step | None:
        """Return where a task enters: the first matching filter, else the default, else None."""
        return self._filter_from(0, attributes, base=0, timed_out=False)

    def after_timeout(self, step: Step, attributes: Mapping[str, Any]) -> Step | None:
        """Return where a task goes when its target's time is over; None when it falls off the workflow."""
        following = self._next_target(step)
        if following is not None or step.filter == DEFAULT:
            return following
        base = step.base_seconds + self._seconds(step)
        return self._filter_from(step.filter + 1, attributes, base=base, timed_out=True)

    def after_skip(self, step: Step, attributes: Mapping[str, Any]) -> Step | None:
        """Return where a task goes when its target was skipped; None when it was skipped past the end."""
        following = self._next_target(step)
        if following is not None or step.filter == DEFAULT:
            return following
        # As if the filter had not matched: its time-outs do not count and the default stays open.
        return self._filter_from(step.filter + 1, attributes, base=step.base_seconds, timed_out=step.timed_out)

    def due_age(self, step: Step) -> int | None:
        """Return the task's age in seconds at which the step's time is over; None if it never is."""
        target = self.target(step)
        if target is None or target.timeout_seconds is None or step.filter == DEFAULT:
            return None
        return step.base_seconds + self._seconds(step)

    def _next_target(self, step: Step) -> Step | None:
        if step.filter == DEFAULT or step.target + 1 >= len(self.filters[step.filter].targets):
            return None
        return Step(step.filter, step.target + 1, step.base_seconds, step.timed_out)

    def _seconds(self, step: Step) -> int:
        passed = self.filters[step.filter].targets[: step.target + 1]
        return sum(target.timeout_seconds or 0 for target in passed)

    def _filter_from(self, start: int, attributes: Mapping[str, Any], *, base: int, timed_out: bool) -> Step | None:
        for number in range(start, len(self.filters)):
            if self.filters[number].expression.matches(attributes):
                return Step(number, 0, base, timed_out)
        if self.default is None or timed_out:
            return None
        return Step(DEFAULT, 0, base, timed_out)

    def targets(self) -> Iterator[Target]:
        """Return every target, the default filter's last."""
        for each in self.filters:
            yield from each.targets
        if self.default is not None:
            yield self.default


def calendars_in(expression: Expression | None) -> frozenset[str]:
    """Return the names of the opening hours that an expression asks about."""
    references = expression.references if expression is not None else ()
    return frozenset(str(each.path[1]) for each in references if each.path[0] == "calendar" and len(each.path) > 1)


@lru_cache(maxsize=256)
def parse_plan(text: str) -> Plan:
    """
    Compile a configuration.

    :raises WorkflowError: it cannot be used; names the place.
    """
    if len(text) > MAX_SIZE:
        raise WorkflowError(f"a configuration has at most {MAX_SIZE} characters", path="")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WorkflowError(f"the configuration is not valid JSON: {error}", path="") from error
    routing = _object(data, "configuration").get("task_routing")
    root = "task_routing"
    routing = _object(routing, root)
    filters = routing.get("filters", [])
    if not isinstance(filters, list):
        raise WorkflowError("must be a list", path=f"{root}.filters")
    parsed = tuple(_filter(each, f"{root}.filters[{number}]") for number, each in enumerate(filters))
    default = routing.get("default_filter")
    default_target = None
    if default is not None:
        default_target = _target(_object(default, f"{root}.default_filter"), f"{root}.default_filter", "")
    plan = Plan(parsed, default_target)
    return replace(plan, calendars=frozenset().union(*(calendars_in(each) for each in plan.expressions())))


def _filter(data: object, path: str) -> Filter:
    item = _object(data, path)
    text = item.get("expression")
    if not isinstance(text, str) or not text.strip():
        raise WorkflowError("a filter needs an expression", path=f"{path}.expression")
    expression = _expression(text, f"{path}.expression")
    listed = item.get("targets")
    if listed is None:
        listed = [{"queue": item.get("queue")}]
        path_of = [path]
    elif isinstance(listed, list) and listed:
        path_of = [f"{path}.targets[{number}]" for number in range(len(listed))]
    else:
        raise WorkflowError("a filter needs at least one target", path=f"{path}.targets")
    targets: list[Target] = []
    for each, where in zip(listed, path_of, strict=True):
        targets.append(_target(_object(each, where), where, targets[-1].queue if targets else ""))
    name = item.get("filter_friendly_name", item.get("friendly_name", ""))
    return Filter(name if isinstance(name, str) else "", expression, tuple(targets))


def _target(item: Mapping[str, Any], path: str, inherited: str) -> Target:
    queue = item.get("queue") or inherited
    if not isinstance(queue, str) or not queue:
        raise WorkflowError("the first target needs a queue", path=f"{path}.queue")
    expression = _optional_expression(item, "expression", path, ("task", "worker", "calendar"))
    skip_if = _optional_expression(item, "skip_if", path, ("workers", "calendar"))
    return Target(
        queue=queue,
        priority=_whole(item, "priority", path, least=0),
        timeout_seconds=_whole(item, "timeout", path, least=1),
        expression=expression,
        order_by=_order_by(item.get("order_by"), f"{path}.order_by"),
        skip_if=skip_if,
        known_worker=_known_worker(item, path),
    )


def _object(data: object, path: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise WorkflowError("must be an object", path=path)
    return data


def _whole(item: Mapping[str, Any], name: str, path: str, *, least: int) -> int | None:
    value = item.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,10}", value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _MOST:
        raise WorkflowError(f"must be a whole number of at least {least}", path=f"{path}.{name}")
    return value


def _expression(text: str, path: str) -> Expression:
    try:
        return compile_expression(text)
    except ExpressionError as error:
        raise WorkflowError(str(error), path=path) from error


def _optional_expression(item: Mapping[str, Any], name: str, path: str, roots: Sequence[str]) -> Expression | None:
    text = item.get(name)
    if text is None or text == "":
        return None
    if not isinstance(text, str):
        raise WorkflowError("must be text", path=f"{path}.{name}")
    expression = _expression(text, f"{path}.{name}")
    try:
        require_roots(expression, roots)
    except ExpressionError as error:
        raise WorkflowError(str(error), path=f"{path}.{name}") from error
    return expression


def _order_by(text: object, path: str) -> tuple[OrderBy, ...]:
    if text is None or text == "":
        return ()
    if not isinstance(text, str):
        raise WorkflowError("must be text", path=path)
    found = []
    for piece in text.split(","):
        match = _ORDER.fullmatch(piece)
        if match is None:
            raise WorkflowError(f"'{piece.strip()}' is not 'worker.<attribute> ASC' or 'DESC'", path=path)
        found.append(OrderBy(tuple(match[1].split(".")), (match[2] or "ASC").upper() == "DESC"))
    return tuple(found)


def _known_worker(item: Mapping[str, Any], path: str) -> KnownWorker | None:
    for name, by_name in (("known_worker_sid", False), ("known_worker_friendly_name", True)):
        text = item.get(name)
        if text is None or text == "":
            continue
        match = _TASK_PATH.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise WorkflowError("must be a reference to a task's attribute, 'task.<attribute>'", path=f"{path}.{name}")
        return KnownWorker(tuple(match[1].split(".")), by_name)
    return None
