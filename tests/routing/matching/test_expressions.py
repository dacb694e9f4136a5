"""The expression language."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.matching.errors import ExpressionError
from routing.matching.expressions import compile_expression, prune, require_roots
from tests.routing.matching.naive import evaluate

WORKER = {
    "skills": ["sales", "support"],
    "level": 3,
    "ratio": 1.0,
    "name": "Ann",
    "vip": True,
    "object": {"array": ["a", "b", "c"], "in": "keyword"},
    "nothing": None,
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1==1", True),
        ("level = 3", True),
        ("ratio == 1", True),
        ("level == '3'", False),
        ("level != '3'", True),
        ("vip == true", True),
        ("vip == TRUE", True),
        ("vip == 1", False),
        ("name == 'ann'", False),
        ("name CONTAINS 'nn'", True),
        ('name contains "A"', True),
        ("skills CONTAINS 'sales'", False),
        ("skills HAS 'sales'", True),
        ("skills has 'chess'", False),
        ("level HAS 'x'", False),
        ("'sales' IN skills", True),
        ("name in ['Ann', 'Bob']", True),
        ("name NOT IN ['Bob']", True),
        ("name NOT IN 'Bob'", False),
        ("level IN [1, 2, 3.0]", True),
        ("level IN [level]", True),
        ("object.array[2] == 'c'", True),
        ("object.array[9] == null", True),
        ("object.in == 'keyword'", True),
        ("missing == null", True),
        ("missing != null", False),
        ("nothing == null", True),
        ("missing == other", False),
        ("missing != 'x'", True),
        ("missing > 1", False),
        ("missing NOT IN ['x']", True),
        ("missing IN ['x']", False),
        ("skills == skills", False),
        ("skills != skills", False),
        ("level > 2 AND level <= 3", True),
        ("level > 5 OR name == 'Ann' AND vip == false", False),
        ("(level > 5 OR name == 'Ann') AND vip == true", True),
        ("NOT (level > 5)", True),
        ("name == 'it\\'s'", False),
        ("level > -1", True),
        ("'b' > 'a'", True),
        ("'b' > 1", False),
    ],
)
def test_answers(text: str, expected: bool) -> None:
    assert compile_expression(text).matches(WORKER) is expected


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("my-skill == 1", 1, 3, "extraneous input '-' expecting OPERATOR or a value"),
        ("a -5 == 1", 1, 3, "extraneous input '-5' expecting OPERATOR"),
        ("", 1, 1, "the expression ends, expecting a value"),
        ("a ==", 1, 5, "the expression ends, expecting a value"),
        ("a == 1 b", 1, 8, "extraneous input 'b' expecting AND, OR or the end"),
        ("a == 1 AND\n  (b == 2", 2, 10, "the expression ends, expecting ')'"),
        ("a == 'open", 1, 6, "a string is not closed"),
        ("a NOT HAS 'x'", 1, 3, "extraneous input 'NOT' expecting OPERATOR"),
        ("NOT a == 1", 1, 5, "extraneous input 'a' expecting '(' after NOT"),
        ("a[x] == 1", 1, 3, "extraneous input 'x' expecting an index"),
        ("true", 1, 5, "the expression ends, expecting OPERATOR"),
        ("a. == 1", 1, 4, "extraneous input '==' expecting a name after '.'"),
        ("a IN [1 2]", 1, 9, "extraneous input '2' expecting ',' or ']'"),
        ("a + b == 1", 1, 3, "extraneous input '+' expecting OPERATOR or a value"),
        ("(" * 101 + "a == 1" + ")" * 101, 1, 101, "brackets are nested deeper than 100"),
        ("a == 1 AND " * 4000 + "a == 1", 1, 1, "an expression has at most 20000 characters"),
    ],
)
def test_says_where_it_does_not_parse(text: str, line: int, column: int, words: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        compile_expression(text)

    assert (refused.value.line, refused.value.column, refused.value.detail) == (line, column, words)


def test_refuses_names_of_the_wrong_side() -> None:
    expression = compile_expression("task.language IN worker.languages AND level > 1")

    with pytest.raises(ExpressionError, match=r"line 1:39 'level' must start with 'task\.' or 'worker\.'"):
        require_roots(expression, ("task", "worker"))


names = st.sampled_from(["a", "b", "list", "deep.a", "deep.list[0]", "missing", "deep.missing.x", "list[1]"])
scalars = st.one_of(
    st.integers(-3, 3), st.sampled_from([0.5, 1.0, 2.5]), st.sampled_from(["", "a", "ab", "b"]), st.booleans()
)


def literal(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) else json.dumps(value)


operands = st.one_of(
    names,
    scalars.map(literal),
    st.just("null"),
    st.lists(st.one_of(scalars.map(literal), names), max_size=3).map(lambda items: f"[{', '.join(items)}]"),
)
operators = st.sampled_from(["==", "=", "!=", "<", "<=", ">", ">=", "CONTAINS", "has", "In", "NOT IN", "not  in"])
comparisons = st.tuples(operands, operators, operands).map(" ".join)
expressions = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" AND ", " or "]), inner).map("".join),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"NOT ({text})"),
    ),
    max_leaves=8,
)
values = st.recursive(
    st.one_of(st.none(), scalars),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=5,
)
scopes = st.fixed_dictionaries(
    {},
    optional={
        "a": values,
        "b": values,
        "list": st.lists(scalars, max_size=3),
        "deep": st.fixed_dictionaries({}, optional={"a": values, "list": st.lists(scalars, max_size=2)}),
    },
)


@given(text=expressions, scope=scopes)
def test_agrees_with_the_naive_evaluator(text: str, scope: dict[str, Any]) -> None:
    expression = compile_expression(text)

    assert expression.matches(scope) is evaluate(expression.tree, scope)


@given(text=expressions, scope=scopes)
def test_sees_no_difference_in_a_pruned_scope(text: str, scope: dict[str, Any]) -> None:
    expression = compile_expression(text)

    pruned = prune(scope, [reference.path for reference in expression.references])

    assert expression.matches(pruned) is expression.matches(scope)


@given(text=st.text(alphabet="ab.[]()'\"=!<>, 01-\nANDORIT~\\", max_size=40))
def test_either_parses_or_says_where_not(text: str) -> None:
    place = None
    try:
        compile_expression(text).matches({"a": 1})
    except ExpressionError as error:
        place = (error.line, error.column)

    lines = text.split("\n")
    assert place is None or 1 <= place[1] <= len(lines[place[0] - 1]) + 1
