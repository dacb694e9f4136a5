"""Values of a context as templates see them: how a path is walked and how a value becomes text."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final


class _Missing:
    """The value of a path that leads nowhere."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = _Missing()


class IndexPastEnd(LookupError):
    """A list was asked for an element it does not have; Studio warns about that (81018)."""


def item(value: Any, key: Any) -> Any:
    """
    Return ``value[key]`` or MISSING: keys of objects, indexes of lists, and ``size``, ``first``, ``last``.

    Python attributes are never looked at, so a template reaches data and nothing else.

    :raises IndexPastEnd: an index past the end of a list.
    """
    kind = type(value)
    if kind is dict or isinstance(value, Mapping):
        try:
            return value[key]
        except (KeyError, TypeError):
            if key == "size":
                return len(value)
            return MISSING
    if kind is list or kind is tuple:
        if type(key) is int:
            try:
                return value[key]
            except IndexError:
                raise IndexPastEnd(f"index {key} is past the end of a list of {len(value)}") from None
        if key == "size":
            return len(value)
        if key == "first":
            return value[0] if value else MISSING
        if key == "last":
            return value[-1] if value else MISSING
        return MISSING
    if key == "size" and kind is str:
        return len(value)
    return MISSING


def walk(root: Mapping[str, Any], path: Sequence[Any]) -> Any:
    """
    Return what ``path`` leads to from ``root``, or MISSING.

    :raises IndexPastEnd: an index past the end of a list.
    """
    value: Any = root
    for key in path:
        if type(value) is dict:
            try:
                value = value[key]
                continue
            except (KeyError, TypeError):
                pass
        value = item(value, key)
        if value is MISSING:
            return MISSING
    return value


def to_text(value: Any) -> str:
    """
    Return a value as Liquid writes it: nothing for nil, true/false, lists joined.

    An object is written as JSON: Python's own spelling would tell customers what we are written in.

    :raises ValueError: an object that is not JSON.
    """
    kind = type(value)
    if kind is str:
        return value  # type: ignore[no-any-return]
    if value is MISSING or value is None:
        return ""
    if kind is bool:
        return "true" if value else "false"
    if kind is int or kind is float:
        return str(value)
    if kind is dict:
        return to_json(value)
    if isinstance(value, list | tuple):
        return "".join([to_text(entry) for entry in value])
    if isinstance(value, range):
        return f"{value.start}..{value.stop - 1}"
    return str(value)


def to_json(value: Any) -> str:
    """
    Return compact JSON, not escaped beyond what JSON asks for; what is undefined is null.

    :raises ValueError: something in it is not JSON, or it is nested too deeply.
    """
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)
    except (TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def _plain(value: Any) -> Any:
    """Turn the few non-JSON values that templates can make into JSON ones."""
    if value is MISSING or type(value).__name__.endswith("Undefined"):
        return None
    if isinstance(value, range | tuple):
        return list(value)[:1000]
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)
