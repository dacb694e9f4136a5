"""Source code as trees, and the names a function sees."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
import textwrap
import typing
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from django.conf import settings


@cache
def _ours() -> frozenset[str]:
    root = Path(settings.BASE_DIR)
    return frozenset(name for name in settings.INSTALLED_APPS if (root / name).is_dir())


def is_ours(found: Any) -> bool:
    """Tell whether a function or class is of this code base."""
    return (getattr(found, "__module__", None) or "").partition(".")[0] in _ours()


@cache
def tree_of(function: Any) -> ast.FunctionDef | None:
    """Return a function's definition; None where there is no source of it."""
    try:
        (found,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    return found if isinstance(found, ast.FunctionDef) else None


@cache
def names_of(module: str) -> dict[str, Any]:
    """Return a module's names, those that are imported for annotations alone included."""
    loaded = sys.modules.get(module)
    if loaded is None:
        return {}
    names: dict[str, Any] = dict(vars(loaded))
    for node in ast.walk(_module_tree(loaded)):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            for wanted in node.body:
                if isinstance(wanted, ast.ImportFrom) and wanted.module:
                    source = importlib.import_module(wanted.module)
                    for alias in wanted.names:
                        names.setdefault(alias.asname or alias.name, getattr(source, alias.name, None))
    return names


@cache
def hints_of(function: Any) -> dict[str, Any]:
    """Return the types that a function's annotations name, as far as each can be read; ``return`` among them."""
    names = names_of(getattr(function, "__module__", "") or "")
    found = {}
    for name, annotation in getattr(function, "__annotations__", {}).items():
        found[name] = evaluated(annotation, names)
    return found


def evaluated(annotation: Any, names: dict[str, Any]) -> Any:
    """Return the type that an annotation of our own source names; Any for one that cannot be read."""
    if not isinstance(annotation, str):
        return annotation
    try:
        return eval(annotation, names)  # noqa: S307 (our own source, as typing.get_type_hints does)
    except Exception:
        return typing.Any


def _module_tree(module: ModuleType) -> ast.Module:
    try:
        return ast.parse(inspect.getsource(module))
    except (OSError, TypeError, SyntaxError):
        return ast.Module(body=[], type_ignores=[])
