"""The expression language once more, written as plainly as the reference says it: walk the tree, decide each case."""

from __future__ import annotations

from typing import Any

from routing.matching.expressions import AllOf, AnyOf, Comparison, ListOf, Literal, Not, Reference


def evaluate(node: Any, scope: dict[str, Any]) -> bool:
    if isinstance(node, AllOf):
        answers = [evaluate(test, scope) for test in node.tests]
        return False not in answers
    if isinstance(node, AnyOf):
        answers = [evaluate(test, scope) for test in node.tests]
        return True in answers
    if isinstance(node, Not):
        return evaluate(node.test, scope) is False
    assert isinstance(node, Comparison)
    if node.operator in ("==", "=", "!=") and (_is_null_literal(node.left) or _is_null_literal(node.right)):
        other = node.right if _is_null_literal(node.left) else node.left
        is_null = value_of(other, scope) is None
        return is_null if node.operator != "!=" else not is_null
    left, right = value_of(node.left, scope), value_of(node.right, scope)
    null = left is None or right is None
    compound = isinstance(left, list | dict) or isinstance(right, list | dict)
    kind = (_kind(left), _kind(right))
    match node.operator:
        case "==" | "=":
            return not null and not compound and kind[0] == kind[1] and left == right
        case "!=":
            if compound:
                return False
            return null or kind[0] != kind[1] or left != right
        case "<" | "<=" | ">" | ">=":
            if kind not in (("number", "number"), ("text", "text")):
                return False
            return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[node.operator]
        case "CONTAINS":
            return kind == ("text", "text") and left.find(right) >= 0
        case "HAS":
            return isinstance(left, list) and _holds(left, right)
        case "IN":
            return isinstance(right, list) and _holds(right, left)
        case "NOT IN":
            if null:
                return True
            return isinstance(right, list) and not isinstance(left, list | dict) and not _holds(right, left)
    raise AssertionError(node.operator)


def value_of(operand: Any, scope: dict[str, Any]) -> Any:
    if isinstance(operand, Literal):
        return operand.value
    if isinstance(operand, ListOf):
        return [value_of(item, scope) for item in operand.items]
    assert isinstance(operand, Reference)
    value: Any = scope
    for key in operand.path:
        if isinstance(key, int):
            value = value[key] if isinstance(value, list) and key < len(value) else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value


def _holds(items: list[Any], wanted: Any) -> bool:
    if wanted is None or isinstance(wanted, list | dict):
        return False
    return any(_kind(item) == _kind(wanted) and item == wanted for item in items)


def _is_null_literal(operand: Any) -> bool:
    return isinstance(operand, Literal) and operand.value is None


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, int | float):
        return "number"
    return {"str": "text", "list": "list", "dict": "object", "NoneType": "null"}[type(value).__name__]
