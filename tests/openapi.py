"""Checks answers against the official OpenAPI documents, read from ``../shared`` when a test asks for them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema
from jsonschema.validators import extend

from tests.sdk import Call
from tests.shared_files import shared_file


class OpenApi:
    """
    One document: finds the operation of a call, and compares answers with its schemas.

    ``prefix`` is what stands before the document's paths here: ``/studio``.
    """

    def __init__(self, file: str, prefix: str) -> None:
        self.document = json.loads(shared_file(f"reference/openapi/{file}").read_text())
        self.prefix = prefix
        self._paths = sorted(
            ((_pattern(prefix + path), path) for path in self.document["paths"]),
            # A literal part wins over a parameter: /Flows/Validate over /Flows/{Sid}.
            key=lambda pair: pair[1].count("{"),
        )
        self.seen: set[tuple[str, str]] = set()

    def operations(self) -> Iterator[tuple[str, str]]:
        """Yield method and path of every operation."""
        for path, item in self.document["paths"].items():
            for method in ("get", "post", "put", "delete"):
                if method in item:
                    yield method.upper(), path

    def check(self, call: Call) -> None:
        """
        Compare a call's answer with the document, and note its operation in ``seen``.

        Every documented field must be there; null is allowed where the document allows it. Errors are checked for
        their form.
        """
        path = next((path for pattern, path in self._paths if pattern.fullmatch(call.path)), None)
        assert path is not None, f"{call.method} {call.path} is not in the document"
        operation = self.document["paths"][path].get(call.method.lower())
        assert operation is not None, f"the document has no {call.method} {path}"
        if call.status >= 400:
            assert set(call.body) - {"details"} == {"code", "message", "more_info", "status"}, call
            assert call.body["status"] == call.status
            return
        answer = operation["responses"].get(str(call.status))
        assert answer is not None, f"{call.method} {path} answered {call.status}, not {list(operation['responses'])}"
        self.seen.add((call.method, path))
        content = answer.get("content", {}).get("application/json")
        if content is None:
            assert call.body is None, call
            return
        self.validate(call.body, content["schema"])

    def validate(self, value: Any, schema: dict[str, Any]) -> None:
        """Check a value against a schema of the document."""
        root = {"components": self.document["components"], **schema}
        errors = [
            f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
            for error in _Validator(root).iter_errors(value)
        ]
        assert not errors, "\n".join(errors)


@cache
def open_api(file: str, prefix: str) -> OpenApi:
    """Return the checker of a document, shared by all tests of a run."""
    return OpenApi(file, prefix)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("[^/]+".join(re.escape(part) for part in re.split(r"\{[^}]+\}", path)))


def _type(validator: Any, types: Any, instance: Any, schema: dict[str, Any]) -> Iterator[Any]:
    if instance is None and schema.get("nullable"):
        return
    yield from _BASE.VALIDATORS["type"](validator, types, instance, schema)


def _enum(validator: Any, values: Any, instance: Any, schema: dict[str, Any]) -> Iterator[Any]:
    if instance is None and schema.get("nullable"):
        return
    yield from _BASE.VALIDATORS["enum"](validator, values, instance, schema)


def _properties(validator: Any, properties: Any, instance: Any, schema: dict[str, Any]) -> Iterator[Any]:
    # The documents require nothing; clients rely on every documented field all the same.
    if isinstance(instance, dict):
        for name in properties:
            if name not in instance:
                yield jsonschema.ValidationError(f"{name} is missing")
    yield from _BASE.VALIDATORS["properties"](validator, properties, instance, schema)


def _format(validator: Any, name: Any, instance: Any, schema: dict[str, Any]) -> Iterator[Any]:
    pattern = _FORMATS.get(name)
    if isinstance(instance, str) and pattern is not None and not pattern.fullmatch(instance):
        yield jsonschema.ValidationError(f"{instance!r} is not of the format {name}")


_BASE = jsonschema.Draft4Validator
_Validator = extend(_BASE, {"type": _type, "enum": _enum, "properties": _properties, "format": _format})
_FORMATS = {
    # The 2010 API's addresses are relative, and called so all the same.
    "uri": re.compile(r"(?:https?://|/2010-04-01/)\S+"),
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
}
