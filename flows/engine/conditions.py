"""
The conditions of "Split Based On…": one small function a type, in one table.

Both sides are trimmed and compared without regard to case. A pattern, date or time
that cannot be read matches nothing and warns. Numbers held as text compare as numbers.

Patterns run on RE2, whose time is linear in the text. One that RE2 does not know, with look-around or back references,
runs on a backtracking engine for at most MATCH_SECONDS; beyond them it matches nothing and warns.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2
import regex as backtracking

from flows.engine.problems import NOT_CONVERTIBLE, TEMPLATE_FAILED
from flows.engine.templates import Scene, Template

MAX_PATTERN = 4096
MATCH_SECONDS = 0.05
NUMBER = re.compile(r"[+-]?(?:[0-9]{1,100}(?:\.[0-9]{0,100})?|\.[0-9]{1,100})(?:[eE][+-]?[0-9]{1,2})?")
TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
DATE = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")


class NotComparable(ValueError):
    """A side of a condition that is not what its type compares; ``code`` is the warning's."""

    def __init__(self, message: str, code: int = NOT_CONVERTIBLE) -> None:
        self.code = code
        super().__init__(message)


def equal_to(subject: str, value: str) -> bool:
    return subject == value


def matches_any_of(subject: str, value: str) -> bool:
    return subject in [entry.strip() for entry in value.split(",")]


def is_blank(subject: str, _value: str) -> bool:
    return not subject


def contains(subject: str, value: str) -> bool:
    return value in subject


def starts_with(subject: str, value: str) -> bool:
    return subject.startswith(value)


def _numbers(subject: str, value: str) -> tuple[float, float] | None:
    """Return both sides as numbers; None where one is not, which is no match and no warning, as in Studio."""
    if NUMBER.fullmatch(subject) and NUMBER.fullmatch(value):
        return float(subject), float(value)
    return None


def less_than(subject: str, value: str) -> bool:
    numbers = _numbers(subject, value)
    return numbers is not None and numbers[0] < numbers[1]


def greater_than(subject: str, value: str) -> bool:
    numbers = _numbers(subject, value)
    return numbers is not None and numbers[0] > numbers[1]


def _shaped(pattern: re.Pattern[str], what: str, *texts: str) -> None:
    for text in texts:
        if not pattern.fullmatch(text):
            raise NotComparable(f"{text[:80]!r} is not a {what}")


def is_before_time(subject: str, value: str) -> bool:
    _shaped(TIME, "time (HH:MM)", subject, value)
    return subject < value


def is_after_time(subject: str, value: str) -> bool:
    _shaped(TIME, "time (HH:MM)", subject, value)
    return subject > value


def is_before_date(subject: str, value: str) -> bool:
    _shaped(DATE, "date (YYYY-MM-DD)", subject, value)
    return subject < value


def is_after_date(subject: str, value: str) -> bool:
    _shaped(DATE, "date (YYYY-MM-DD)", subject, value)
    return subject > value


@lru_cache(maxsize=1024)
def compile_pattern(pattern: str) -> Any:
    """
    Return the pattern, case-insensitive: RE2's, or the backtracking engine's where RE2 cannot read it.

    :raises NotComparable: no pattern, or too long for one.
    """
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = 1 << 22
    if len(pattern) > MAX_PATTERN:
        raise NotComparable(f"the pattern is longer than {MAX_PATTERN} characters", TEMPLATE_FAILED)
    try:
        return re2.compile(pattern, options=options)
    except (re2.error, UnicodeError):
        pass
    try:
        return backtracking.compile(pattern, backtracking.IGNORECASE | backtracking.VERSION0)
    except (backtracking.error, RecursionError, OverflowError, UnicodeError) as error:
        raise NotComparable(f"the pattern {pattern[:80]!r} cannot be read: {error}", TEMPLATE_FAILED) from error


def regex(subject: str, value: str) -> bool:
    pattern = compile_pattern(value)
    if not isinstance(pattern, backtracking.Pattern):
        return pattern.fullmatch(subject) is not None
    try:
        return pattern.fullmatch(subject, timeout=MATCH_SECONDS) is not None
    except TimeoutError as error:
        raise NotComparable(f"the pattern {value[:80]!r} takes too long", TEMPLATE_FAILED) from error


Test = Callable[[str, str], bool]


def _negation(test: Test) -> Test:
    return lambda subject, value: not test(subject, value)


TESTS: Mapping[str, Test] = {
    "equal_to": equal_to,
    "not_equal_to": _negation(equal_to),
    "matches_any_of": matches_any_of,
    "does_not_match_any_of": _negation(matches_any_of),
    "is_blank": is_blank,
    "is_not_blank": _negation(is_blank),
    "regex": regex,
    "contains": contains,
    "does_not_contain": _negation(contains),
    "starts_with": starts_with,
    "does_not_start_with": _negation(starts_with),
    "less_than": less_than,
    "greater_than": greater_than,
    "is_before_time": is_before_time,
    "is_after_time": is_after_time,
    "is_before_date": is_before_date,
    "is_after_date": is_after_date,
}
# Types whose value keeps its case: in a pattern, \D and \d are opposites.
KEEPS_CASE = frozenset({"regex"})


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a transition; ``test`` is None for a type nobody knows, which never holds."""

    kind: str
    subject: Template
    value: Template
    test: Test | None

    def holds(self, subject: str, context: Mapping[str, Any], scene: Scene) -> bool:
        """Say whether the rendered, trimmed, case-folded ``subject`` satisfies the condition."""
        if self.test is None:
            scene.warn(NOT_CONVERTIBLE, f"There is no condition of the type {self.kind!r}.")
            return False
        value = self.value.render(context, scene).strip()
        try:
            return self.test(subject, value if self.kind in KEEPS_CASE else value.casefold())
        except NotComparable as error:
            scene.warn(error.code, f"The condition {self.kind} could not be tested: {error}")
            return False
