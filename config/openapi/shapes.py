"""What the reader knows of a value, and how that reads as a JSON schema (OpenAPI 3.0)."""

from __future__ import annotations

import types
import typing
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Union
from uuid import UUID

from django.db import models

from common.fields import JsonTextField

Schema = dict[str, Any]

STRING: Schema = {"type": "string"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
OBJECT: Schema = {"type": "object"}
_PLAIN: dict[type, Schema] = {
    str: STRING,
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
}
_FIELDS: tuple[tuple[type, Schema], ...] = (
    (models.BooleanField, {"type": "boolean"}),
    (models.IntegerField, {"type": "integer"}),
    (models.FloatField, {"type": "number"}),
    (models.CharField, STRING),
    (models.TextField, STRING),
)


@dataclass(frozen=True)
class Unknown:
    """Nothing is known; as a schema it is any value."""


@dataclass(frozen=True)
class Known:
    """A Python object that is known: a constant, a function, a class, a module."""

    value: Any


@dataclass(frozen=True)
class Instance:
    """An object of a class; ``attributes`` are known beside what the class says."""

    of: type
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Bound:
    """A method and the object it was asked of."""

    function: Any
    of: Any


@dataclass(frozen=True)
class Closure:
    """A function inside a function, with the names around it."""

    node: Any
    scope: Any


@dataclass(frozen=True)
class Shape:
    """A JSON value of a schema."""

    schema: Schema


@dataclass(frozen=True)
class Many:
    """Some values of a kind."""

    each: Any


@dataclass(frozen=True)
class Maybe:
    """A value, or None."""

    value: Any


@dataclass(frozen=True)
class Parameters:
    """The parameters of the request (``common.api.parsers.Params``), or the plain mapping they are made of."""

    place: str = ""
    is_plain: bool = False


@dataclass(frozen=True)
class Reply:
    """An answer: its status, and the schema of its body, None for one without."""

    status: int
    body: Schema | None
    content_type: str = "application/json"


UNKNOWN = Unknown()


def of_type(annotation: Any) -> Any:
    """Return what a type says of its values."""
    if isinstance(annotation, typing.TypeVar) or annotation is Any:
        return UNKNOWN
    if annotation in _PLAIN:
        return Shape(_PLAIN[annotation])
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (Union, types.UnionType):
        rest = [argument for argument in arguments if argument is not type(None)]
        found = of_type(rest[0]) if len(rest) == 1 else UNKNOWN
        return Maybe(found) if len(rest) < len(arguments) else found
    if origin is not None:
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return Shape(OBJECT)
        if origin is tuple:
            return Many(of_type(arguments[0])) if len(arguments) == 2 and arguments[1] is Ellipsis else UNKNOWN
        is_many = isinstance(origin, type) and issubclass(origin, (Collection, Iterable))
        return Many(of_type(arguments[0])) if is_many and arguments else UNKNOWN
    return Instance(annotation) if isinstance(annotation, type) else UNKNOWN


def of_field(found: models.Field[Any, Any]) -> Any:
    """Return what a model's field says of its values."""
    if found.is_relation:
        related = found.related_model
        value: Any = Instance(related) if isinstance(related, type) else UNKNOWN
    elif isinstance(found, models.DateTimeField):
        value = Instance(datetime)
    elif isinstance(found, (models.JSONField, JsonTextField)):
        value = UNKNOWN
    elif isinstance(found, models.UUIDField):
        value = Instance(UUID)
    else:
        value = next((Shape(schema) for kind, schema in _FIELDS if isinstance(found, kind)), UNKNOWN)
        if isinstance(value, Shape) and found.choices:
            value = Shape({**value.schema, "enum": [choice for choice, _ in found.flatchoices]})
    return Maybe(value) if found.null else value


def schema_of(value: Any) -> Schema:
    """Return the schema of a value in an answer."""
    match value:
        case Shape(schema):
            return schema
        case Many(each):
            return {"type": "array", "items": schema_of(each)}
        case Maybe(inner):
            return nullable(schema_of(inner))
        case Known(None):
            return {"nullable": True}
        case Known(Enum() as member):
            return schema_of(Known(member.value))
        case Known(plain) if type(plain) in _PLAIN:
            return _PLAIN[type(plain)]
        case Known(list() | tuple() | set() | frozenset()):
            return {"type": "array", "items": {}}
        case Known(dict()):
            return OBJECT
    return {}


def nullable(schema: Schema) -> Schema:
    """Return a schema that allows null, too."""
    if not schema:
        return {}
    more = {"enum": [*schema["enum"], None]} if "enum" in schema and None not in schema["enum"] else {}
    return {**schema, "nullable": True, **more}


def either(one: Any, other: Any) -> Any:
    """Return what is known of a value that is one or the other."""
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return UNKNOWN
    if one == other:
        return one
    for first, second in ((one, other), (other, one)):
        if first == Known(None):
            return second if isinstance(second, Maybe) else Maybe(second)
    if isinstance(one, Maybe) or isinstance(other, Maybe):
        bare = [value.value if isinstance(value, Maybe) else value for value in (one, other)]
        inner = either(*bare)
        return inner if isinstance(inner, (Unknown, Maybe)) else Maybe(inner)
    if isinstance(one, Instance) and isinstance(other, Instance):
        return one if one.of is other.of else UNKNOWN
    if isinstance(one, (Shape, Many, Known)) and isinstance(other, (Shape, Many, Known)):
        merged = _merged(schema_of(one), schema_of(other))
        return UNKNOWN if merged is None else Shape(merged)
    return UNKNOWN


def _merged(one: Schema, other: Schema) -> Schema | None:
    if one.get("type") != other.get("type"):
        return None
    merged: Schema = {"type": one["type"]} if "type" in one else {}
    if one.get("nullable") or other.get("nullable"):
        merged["nullable"] = True
    if one.get("type") == "object" and "properties" in one and "properties" in other:
        names = {**one["properties"], **other["properties"]}
        merged["properties"] = {
            name: schema_of(
                either(
                    Shape(one["properties"].get(name, schema)),
                    Shape(other["properties"].get(name, schema)),
                )
            )
            for name, schema in names.items()
        }
    if one.get("type") == "array":
        same = one.get("items") == other.get("items")
        merged["items"] = one.get("items", {}) if same else {}
    return merged
