"""Texts from outside, made fit to be stored: JSON columns take no NUL and UTF-8 has no lone surrogates."""

from typing import Any

# orjson, which stores contexts, writes some 250 levels; a context adds a few of its own.
MAX_DEPTH = 100


def clean(text: str) -> str:
    """Return ``text`` without NUL characters, lone surrogates replaced by U+FFFD."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


class TooDeep(ValueError):
    """A JSON value nested more deeply than anything stored may be."""


def clean_json(value: Any, depth: int = 0) -> Any:
    """
    Return a JSON value with every text in it, keys too, cleaned; copies containers.

    :raises TooDeep: nested more than MAX_DEPTH levels.
    """
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict | list | tuple):
        if depth >= MAX_DEPTH:
            raise TooDeep(f"it is nested more than {MAX_DEPTH} levels deep")
        if isinstance(value, dict):
            return {clean(str(key)): clean_json(item, depth + 1) for key, item in value.items()}
        return [clean_json(item, depth + 1) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return clean(str(value))
