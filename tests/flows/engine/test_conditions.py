"""The table of split conditions; the first eight rows of it are the documentation's own examples."""

import pytest

from flows.engine.conditions import TESTS, Condition
from flows.engine.registry import widget_types
from flows.engine.templates import template
from tests.flows.engine.scenes import Scene

CASES = [
    ("equal_to", "Yes ", "yes", True),
    ("equal_to", "", "", True),
    ("equal_to", "STRASSE", "straße", True),
    ("equal_to", "yes!", "yes", False),
    ("not_equal_to", "no", "yes", True),
    ("not_equal_to", "YES", "yes", False),
    ("matches_any_of", "b", "a, B ,c", True),
    ("matches_any_of", "a, b", "a, b", False),
    ("does_not_match_any_of", "d", "a,b", True),
    ("does_not_match_any_of", "A", "a,b", False),
    ("is_blank", "  ", "Is Blank", True),
    ("is_blank", "x", "", False),
    ("is_not_blank", "x", "Is Not Blank", True),
    ("is_not_blank", "\n", "", False),
    ("regex", "yes please", "yes.*", True),
    ("regex", "oh yes", "yes.*", False),
    ("regex", "10", "^(?:[1-9]|0[1-9]|10)$", True),
    ("regex", "11", "^(?:[1-9]|0[1-9]|10)$", False),
    ("regex", "ABC", "[a-c]+", True),
    ("regex", "12", r"\d+", True),
    ("regex", "ab", r"\D+", True),
    ("regex", "order 12", r"(?=.*\d)order.*", True),
    ("regex", "order", r"(?=.*\d)order.*", False),
    ("regex", "cancel", r"(?!stop).*", True),
    ("regex", "STOP now", r"(?!stop).*", False),
    ("regex", "abab", r"(ab)\1", True),
    ("contains", "I want SALES", "sales", True),
    ("contains", "support", "sales", False),
    ("does_not_contain", "support", "sales", True),
    ("does_not_contain", "Sales", "sales", False),
    ("starts_with", " Hello", "he", True),
    ("starts_with", "oh hello", "he", False),
    ("does_not_start_with", "oh", "he", True),
    ("does_not_start_with", "He", "he", False),
    ("less_than", "9", "10", True),
    ("less_than", "10", "10", False),
    ("less_than", "\n 2 \n", "3", True),
    ("less_than", "1_0", "20", False),
    ("less_than", "nan", "20", False),
    ("less_than", "", "20", False),
    ("greater_than", "10.5", "10", True),
    ("greater_than", "-1", "-2", True),
    ("greater_than", "inf", "1", False),
    ("is_before_time", "09:00", "17:30", True),
    ("is_before_time", "17:30", "17:30", False),
    ("is_after_time", "18:00", "17:30", True),
    ("is_after_time", "17:30", "17:30", False),
    ("is_before_date", "2026-01-31", "2026-02-01", True),
    ("is_before_date", "2026-02-01", "2026-02-01", False),
    ("is_after_date", "2026-02-02", "2026-02-01", True),
    ("is_after_date", "2025-12-31", "2026-02-01", False),
]


def holds(kind: str, subject: str, value: str, scene: Scene) -> bool:
    condition = Condition(kind, template(subject), template(value), TESTS.get(kind))
    return condition.holds(subject.strip().casefold(), {}, scene)


@pytest.mark.parametrize(("kind", "subject", "value", "expected"), CASES)
def test_holds_as_documented(kind: str, subject: str, value: str, expected: bool) -> None:
    scene = Scene()

    assert (holds(kind, subject, value, scene), scene.warnings) == (expected, [])


@pytest.mark.parametrize(
    ("kind", "subject", "value", "code"),
    [
        ("is_before_time", "9:00", "17:30", 81027),
        ("is_after_time", "noon", "17:30", 81027),
        ("is_before_date", "1.2.2026", "2026-02-01", 81027),
        ("is_after_date", "2026-13-01", "2026-02-01", 81027),
        ("regex", "x", "(", 81018),
        ("regex", "a" * 5000 + "!", "(?=a)(a+)+", 81018),
        ("regex", "x", "x" * 5000, 81018),
        ("sounds_like", "x", "x", 81027),
    ],
)
def test_what_cannot_be_compared_does_not_hold_and_warns(kind: str, subject: str, value: str, code: int) -> None:
    scene = Scene()

    assert (holds(kind, subject, value, scene), [warned for warned, _ in scene.warnings]) == (False, [code])


def test_the_schema_and_the_table_know_the_same_types() -> None:
    schema = widget_types()["split-based-on"].schema
    condition = schema["properties"]["transitions"]["items"]["properties"]["conditions"]["items"]

    assert set(condition["properties"]["type"]["enum"]) == set(TESTS)


def test_a_nested_quantifier_does_not_take_long_to_fail() -> None:
    # Backtracking engines take longer than the universe has existed for this one.
    assert not holds("regex", "a" * 5000 + "!", "(a+)+", Scene())
