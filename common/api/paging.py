"""Keyset paging with the ``meta`` envelope of the compatible APIs."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.errors import public_url
from common.errors import BadParameter

DEFAULT_SIZE = 50
MAX_SIZE = 1000


def page(
    request: Request,
    rows: QuerySet[Any],
    *,
    key: str,
    write: Callable[[Any], dict[str, Any]],
    order: str = "-id",
    max_size: int = MAX_SIZE,
) -> Response:
    """
    Answer one page of ``rows`` under ``key``.

    ``order`` is a unique field (``-`` for newest first): the page token names the last row of the page before, so
    rows inserted meanwhile neither repeat nor hide others. The next address keeps every filter of this one.

    :raises BadParameter: PageSize or PageToken is malformed.
    """
    size = _size(request, max_size)
    number = _page_number(request)
    field, descending = order.removeprefix("-"), order.startswith("-")
    rows = rows.order_by(order)
    token = request.query_params.get("PageToken", "")
    if token:
        rows = after_token(rows, token, field=field, descending=descending)
    found = list(rows[: size + 1])
    more = len(found) > size
    found = found[:size]
    next_url = None
    if more:
        next_url = _address(request, size, Page=str(number + 1), PageToken=make_token(found[-1], field))
    return Response({key: [write(row) for row in found], "meta": _meta(request, key, size, number, next_url)})


def after_token(rows: QuerySet[Any], token: str, *, field: str = "id", descending: bool = True) -> QuerySet[Any]:
    """
    Return the rows that come after the one a token names.

    :raises BadParameter: it is no token of this list.
    """
    try:
        return rows.filter(**{f"{field}__{'lt' if descending else 'gt'}": read_token(token)})
    except (TypeError, ValueError, ValidationError) as error:
        raise BadParameter("PageToken is malformed") from error


def make_token(row: Model, field: str) -> str:
    """Return the token of the page that begins after ``row``."""
    value = getattr(row, field)
    if isinstance(value, UUID):
        value = value.hex
    return "PT" + base64.urlsafe_b64encode(orjson.dumps(value)).decode().rstrip("=")


def read_token(token: str) -> Any:
    """
    Return the value a token names.

    :raises BadParameter: it is none of ours.
    """
    try:
        encoded = token.removeprefix("PT")
        value = orjson.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
        return UUID(value) if isinstance(value, str) and len(value) == 32 else value
    except (ValueError, orjson.JSONDecodeError) as error:
        raise BadParameter("PageToken is malformed") from error


def _size(request: Request, most: int) -> int:
    text = request.query_params.get("PageSize", "")
    if not text:
        return min(DEFAULT_SIZE, most)
    if not text.isdigit() or len(text) > 9 or int(text) < 1:
        raise BadParameter("PageSize must be a whole number of at least 1")
    return min(int(text), most)


def _page_number(request: Request) -> int:
    text = request.query_params.get("Page", "0")
    if not text.isdigit() or len(text) > 9:
        raise BadParameter("Page must be a whole number")
    return int(text)


def _address(request: Request, size: int, **more: str) -> str:
    kept = [
        (name, value)
        for name, values in request.query_params.lists()
        for value in values
        if name not in ("PageToken", "Page", "PageSize")
    ]
    kept += [("PageSize", str(size)), *more.items()]
    return public_url(request.path) + "?" + urlencode(kept)


def _meta(request: Request, key: str, size: int, number: int, next_url: str | None) -> dict[str, Any]:
    first = _address(request, size, Page="0")
    # Keyset paging goes forward only: the page before is reached from the first one.
    return {
        "key": key,
        "page": number,
        "page_size": size,
        "first_page_url": first,
        "previous_page_url": None if number == 0 else first,
        "next_page_url": next_url,
        "url": _address(
            request,
            size,
            **{name: request.query_params[name] for name in ("Page", "PageToken") if name in request.query_params}
            or {"Page": "0"},
        ),
    }
