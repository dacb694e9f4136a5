"""
The operators of the expression language: one small function each, one row in the table each.

A value is ``None``, a bool, a number, a string, a list, or a mapping (an object
of attributes, which no operator matches). There is no coercion: values of
different kinds are unequal and have no order. ``None`` (NULL, a missing name)
makes every operator false except ``!=`` and ``NOT IN``; comparison with the
literal ``null`` is decided by the parser, which then calls ``is_null``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

Value = Any
Operator = Callable[[Value, Value], bool]


def is_same(left: Value, right: Value) -> bool:
    """Tell whether two scalars are the same; ``1`` is ``1.0`` but neither is ``true`` nor ``"1"``."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, str) or isinstance(right, str):
        return isinstance(left, str) and isinstance(right, str) and left == right
    return _is_number(left) and _is_number(right) and bool(left == right)


def equals(left: Value, right: Value) -> bool:
    return is_same(left, right)


def differs(left: Value, right: Value) -> bool:
    if _is_compound(left) or _is_compound(right):
        return False
    return not is_same(left, right)


def less(left: Value, right: Value) -> bool:
    return _is_ordered(left, right) and bool(left < right)


def less_or_equal(left: Value, right: Value) -> bool:
    return _is_ordered(left, right) and bool(left <= right)


def greater(left: Value, right: Value) -> bool:
    return _is_ordered(left, right) and bool(left > right)


def greater_or_equal(left: Value, right: Value) -> bool:
    return _is_ordered(left, right) and bool(left >= right)


def contains(left: Value, right: Value) -> bool:
    """Tell whether the text on the left has the text on the right in it."""
    return isinstance(left, str) and isinstance(right, str) and right in left


def has(left: Value, right: Value) -> bool:
    """Tell whether the list on the left holds the scalar on the right."""
    return isinstance(left, list) and any(is_same(item, right) for item in left)


def is_in(left: Value, right: Value) -> bool:
    return has(right, left)


def is_not_in(left: Value, right: Value) -> bool:
    if left is None or right is None:
        return True
    if _is_compound(left) or not isinstance(right, list):
        return False
    return not has(right, left)


def is_null(value: Value) -> bool:
    return value is None


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_compound(value: Value) -> bool:
    return isinstance(value, list | Mapping)


def _is_ordered(left: Value, right: Value) -> bool:
    return (_is_number(left) and _is_number(right)) or (isinstance(left, str) and isinstance(right, str))


OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        "==": equals,
        "=": equals,
        "!=": differs,
        "<": less,
        "<=": less_or_equal,
        ">": greater,
        ">=": greater_or_equal,
        "CONTAINS": contains,
        "HAS": has,
        "IN": is_in,
        "NOT IN": is_not_in,
    }
)
