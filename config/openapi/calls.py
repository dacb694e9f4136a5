"""What is known of calls that are not followed: reading a parameter, writing an answer, and a few of Python's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rest_framework.response import Response

from common import clock, csv, ids
from common.api import errors, paging
from config.openapi.reading import QUERY
from config.openapi.shapes import (
    MOMENT,
    OBJECT,
    STRING,
    UNKNOWN,
    Instance,
    Known,
    Many,
    Maybe,
    Reply,
    Schema,
    Shape,
    schema_of,
)

if TYPE_CHECKING:
    from config.openapi.reader import Reader


def parameter_of(name: str, named: dict[str, Any]) -> tuple[Schema, Any]:
    """Return the schema of what a reader of ``Params`` takes, and what it returns."""

    def given(key: str) -> Any:
        found = named.get(key, UNKNOWN)
        return found.value if isinstance(found, Known) else None

    match name:
        case "text" | "required":
            schema = dict(STRING)
            if isinstance(given("max_length"), int):
                schema["maxLength"] = given("max_length")
            choices = given("choices")
            if isinstance(choices, (tuple, list)) and all(isinstance(choice, str) for choice in choices):
                schema["enum"] = list(choices)
            return schema, Shape(STRING) if name == "required" else Maybe(Shape(STRING))
        case "texts":
            return {"type": "array", "items": STRING}, Maybe(Many(Shape(STRING)))
        case "integer":
            bounds = {"minimum": given("least"), "maximum": given("most")}
            schema = {"type": "integer", **{k: v for k, v in bounds.items() if isinstance(v, int)}}
            return schema, Maybe(Shape({"type": "integer"}))
        case "boolean":
            return {"type": "boolean"}, Maybe(Shape({"type": "boolean"}))
        case "json_object":
            return {"type": "object"}, Maybe(Shape(OBJECT))
        case "moment":
            return MOMENT, Maybe(Instance(datetime))
    return {}, UNKNOWN


def plain_answer(kind: type, positional: list[Any], named: dict[str, Any]) -> Reply:
    name = kind.__name__
    if "Redirect" in name:
        return Reply(302, None)
    status = named.get("status")
    number = status.value if isinstance(status, Known) and isinstance(status.value, int) else 200
    told = named.get("content_type")
    content_type = told.value if isinstance(told, Known) and isinstance(told.value, str) else ""
    if name == "JsonResponse":
        return Reply(number, schema_of(positional[0]) if positional else {})
    content_type = content_type.partition(";")[0]
    return Reply(
        number,
        {} if content_type == "application/json" else {"type": "string", "format": "binary"},
        content_type or "*/*",
    )


def _response(reader: Reader, positional: list[Any], named: dict[str, Any]) -> Any:
    data = positional[0] if positional else named.get("data", Known(None))
    status = named.get("status", positional[1] if len(positional) > 1 else Known(200))
    numbers = [status.value] if isinstance(status, Known) and isinstance(status.value, int) else [200, 201]
    body = None if data == Known(None) else schema_of(data)
    for number in numbers:
        reader.keep_reply(Reply(number, None if number == 204 else body))
    return Reply(numbers[-1], None if numbers[-1] == 204 else body)


META: Schema = {
    "type": "object",
    "properties": {
        "key": STRING,
        "page": {"type": "integer"},
        "page_size": {"type": "integer"},
        "first_page_url": STRING,
        "previous_page_url": {**STRING, "nullable": True},
        "next_page_url": {**STRING, "nullable": True},
        "url": STRING,
    },
}
PAGING: dict[str, Schema] = {
    "PageSize": {"type": "integer", "minimum": 1, "maximum": 1000},
    "Page": {"type": "integer", "minimum": 0},
    "PageToken": STRING,
}


def _page(reader: Reader, positional: list[Any], named: dict[str, Any]) -> Any:
    for name, schema in PAGING.items():
        reader.keep(name, QUERY, schema)
    key, write = named.get("key"), named.get("write", UNKNOWN)
    rows = positional[1] if len(positional) > 1 else UNKNOWN
    each = reader.apply(write, [rows.each if isinstance(rows, Many) else UNKNOWN], {})
    name = key.value if isinstance(key, Known) else "items"
    listed = {"type": "array", "items": schema_of(each)}
    reply = Reply(200, {"type": "object", "properties": {name: listed, "meta": META}})
    reader.keep_reply(reply)
    return reply


def _sid(reader: Reader, positional: list[Any], named: dict[str, Any]) -> Any:
    prefix = positional[0] if positional else UNKNOWN
    known = isinstance(prefix, Known) and isinstance(prefix.value, str)
    return Shape({**STRING, "pattern": f"^{prefix.value}[0-9a-f]{{32}}$"} if known else STRING)


def _always(schema: Schema) -> Callable[..., Any]:
    return lambda *_: Shape(schema)


def _list(reader: Reader, positional: list[Any], named: dict[str, Any]) -> Any:
    return positional[0] if positional and isinstance(positional[0], Many) else Many(UNKNOWN)


def _download(reader: Reader, positional: list[Any], named: dict[str, Any]) -> Any:
    return Reply(200, {"type": "string", "format": "binary"}, "text/csv")


KNOWN_CALLS: dict[Any, Callable[[Reader, list[Any], dict[str, Any]], Any]] = {
    Response: _response,
    paging.page: _page,
    ids.sid: _sid,
    clock.to_iso: _always(MOMENT),
    clock.iso_or_none: _always({**MOMENT, "nullable": True}),
    errors.public_url: _always({**STRING, "format": "uri"}),
    csv.download: _download,
    str: _always(STRING),
    int: _always({"type": "integer"}),
    len: _always({"type": "integer"}),
    float: _always({"type": "number"}),
    round: _always({"type": "number"}),
    bool: _always({"type": "boolean"}),
    list: _list,
    sorted: _list,
    tuple: _list,
    set: _list,
    dict: _always(OBJECT),
}
