"""Request bodies of the compatible APIs: forms with literal dotted keys, or JSON objects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from django.conf import settings
from django.http import QueryDict
from rest_framework import parsers

from common.errors import ApiError, BadParameter


class JsonBody(parsers.JSONParser):
    """A JSON body, bounded; values that could not be stored again (NaN, lone surrogates) are refused here."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return orjson.loads(_read_bounded(stream))
        except orjson.JSONDecodeError as error:
            raise BadParameter(f"The request body is not valid JSON: {error}") from error


class FormBody(parsers.FormParser):
    """A form body, bounded."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> QueryDict:
        return QueryDict(_read_bounded(stream), encoding="utf-8")


def _read_bounded(stream: Any) -> bytes:
    body: bytes = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise body_too_large()
    return body


def body_too_large() -> ApiError:
    """Return the refusal of a body past the bound."""
    megabytes = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // (1024 * 1024)
    return ApiError(f"The request body may have {megabytes} MB", status=413)


class Params:
    """
    A request's parameters by their CamelCase names, from a form, a query string or a JSON object.

    Readers raise ``BadParameter`` with the parameter's name; None means that the caller did not give it.
    """

    def __init__(self, data: Any) -> None:
        if not isinstance(data, Mapping):
            raise BadParameter("The request body must be a form or a JSON object")
        self._data = data

    def __contains__(self, name: str) -> bool:
        return name in self._data

    def text(self, name: str, *, max_length: int | None = None, choices: tuple[str, ...] | None = None) -> str | None:
        """Return a text parameter."""
        value = self._data.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            value = json.dumps(value) if isinstance(value, (dict, list, bool)) else str(value)
        if "\x00" in value:
            raise BadParameter(f"{name} must not contain NUL characters")
        if max_length is not None and len(value) > max_length:
            raise BadParameter(f"{name} must have at most {max_length} characters")
        if choices is not None and value not in choices:
            raise BadParameter(f"{name} must be one of {', '.join(choices)}")
        return value

    def required(self, name: str, *, max_length: int | None = None, choices: tuple[str, ...] | None = None) -> str:
        """Return a text parameter that must be there and not be empty."""
        value = self.text(name, max_length=max_length, choices=choices)
        if not value:
            raise BadParameter(f"Missing required parameter {name} in the post body")
        return value

    def texts(self, name: str) -> list[str] | None:
        """Return a repeated parameter as a list; a single JSON list is taken too."""
        if name not in self._data:
            return None
        getlist = getattr(self._data, "getlist", None)
        values = getlist(name) if getlist else self._data[name]
        if isinstance(values, str):
            values = [values]
        if not isinstance(values, list):
            raise BadParameter(f"{name} must be a list")
        return [str(value) for value in values]

    def integer(self, name: str, *, least: int | None = None, most: int | None = None) -> int | None:
        """Return a whole number."""
        value = self.text(name)
        if value is None or value == "":
            return None
        try:
            number = int(value)
        except ValueError as error:
            raise BadParameter(f"{name} must be a whole number") from error
        if (least is not None and number < least) or (most is not None and number > most):
            raise BadParameter(f"{name} must be between {least} and {most}")
        return number

    def boolean(self, name: str) -> bool | None:
        """Return ``true`` or ``false`` (any case)."""
        value = self.text(name)
        if value is None or value == "":
            return None
        if value.lower() not in ("true", "false"):
            raise BadParameter(f"{name} must be true or false")
        return value.lower() == "true"

    def json(self, name: str) -> Any:
        """Return the value of a parameter that holds JSON text."""
        value = self._data.get(name)
        if value is None or isinstance(value, (dict, list)):
            return value
        text = self.text(name)
        try:
            return orjson.loads(text or "")
        except orjson.JSONDecodeError as error:
            raise BadParameter(f"{name} must be valid JSON: {error}") from error

    def json_object(self, name: str) -> dict[str, Any] | None:
        """Return a JSON object."""
        value = self.json(name)
        if value is not None and not isinstance(value, dict):
            raise BadParameter(f"{name} must be a JSON object")
        return value

    def moment(self, name: str) -> datetime | None:
        """Return an ISO 8601 time; one without a zone is UTC."""
        value = self.text(name)
        if not value:
            return None
        try:
            moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError as error:
            raise BadParameter(f"{name} must be an ISO 8601 date and time") from error
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
