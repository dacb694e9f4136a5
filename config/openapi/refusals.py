"""Which statuses a view may refuse with: those of the errors raised in what it calls."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from typing import Any

from common.errors import ApiError
from config.openapi.sources import is_ours, names_of, tree_of


def refusals(function: Any, owner: type | None) -> frozenset[int]:
    """Return the statuses of all errors that a function, or what it calls by name, raises."""
    statuses: set[int] = set()
    seen: set[tuple[Any, type | None]] = set()
    waiting = [(inspect.unwrap(function), owner)]
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        raised, called = _look(*current)
        statuses |= raised
        waiting.extend(called)
    return frozenset(statuses)


@cache
def _look(function: Any, owner: type | None) -> tuple[frozenset[int], tuple[tuple[Any, type | None], ...]]:
    tree = tree_of(function)
    if tree is None:
        return frozenset(), ()
    names = names_of(function.__module__)
    statuses: set[int] = set()
    called: list[tuple[Any, type | None]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and node.exc is not None:
            call = node.exc if isinstance(node.exc, ast.Call) else None
            raised = _resolve(call.func if call else node.exc, names, owner)
            if isinstance(raised, type) and issubclass(raised, ApiError):
                given = {keyword.arg: keyword.value for keyword in call.keywords} if call else {}
                status = given.get("status")
                statuses.add(status.value if isinstance(status, ast.Constant) else raised.status)
        # What is only named, such as a function handed over, may be called as well.
        if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
            found = _resolve(node, names, owner)
            is_of_self = isinstance(node, ast.Attribute) and _is_self(node.value)
            if isinstance(found, property):
                found = found.fget
            if inspect.isfunction(found) and is_ours(found):
                called.append((inspect.unwrap(found), owner if is_of_self else None))
            elif isinstance(found, type) and is_ours(found) and issubclass(found, ApiError):
                statuses.add(found.status)
    return frozenset(statuses), tuple(called)


def _is_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _resolve(node: ast.AST, names: dict[str, Any], owner: type | None) -> Any:
    if isinstance(node, ast.Name):
        return owner if node.id == "self" else names.get(node.id)
    if isinstance(node, ast.Attribute):
        inner = _resolve(node.value, names, owner)
        if inner is None:
            return None
        try:
            return inspect.getattr_static(inner, node.attr) if inner is owner else getattr(inner, node.attr, None)
        except AttributeError:
            return None
    return None
