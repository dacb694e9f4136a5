"""Keyset paging with the ``meta`` envelope of the compatible APIs."""

from __future__ import annotations

import base64
from collections.abc import Callable
from itertools import islice
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
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
    order: str | tuple[str, ...] = "-id",
    max_size: int = MAX_SIZE,
    keep: Callable[[Any], bool] | None = None,
) -> Response:
    """
    Answer one page of ``rows`` under ``key``.

    ``order`` is a unique field (``-`` for newest first), or several of which the last is: the page token names the
    last row of the page before, so rows inserted meanwhile neither repeat nor hide others. The next address keeps
    every filter of this one. ``keep`` leaves rows out that no query can tell from the others.

    :raises BadParameter: PageSize or PageToken is malformed.
    """
    size = _size(request, max_size)
    number = _page_number(request)
    fields = (order,) if isinstance(order, str) else order
    rows = rows.order_by(*fields)
    token = request.query_params.get("PageToken", "")
    if token:
        rows = _after(rows, token, fields)
    found = list(rows[: size + 1]) if keep is None else list(islice(filter(keep, rows.iterator(500)), size + 1))
    more = len(found) > size
    found = found[:size]
    next_url = None
    if more:
        next_token = make_token(found[-1], *(field.removeprefix("-") for field in fields))
        next_url = _address(request, size, Page=str(number + 1), PageToken=next_token)
    return Response({key: [write(row) for row in found], "meta": _meta(request, key, size, number, next_url)})


def _after(rows: QuerySet[Any], token: str, fields: tuple[str, ...]) -> QuerySet[Any]:
    if len(fields) == 1:
        return after_token(rows, token, field=fields[0].removeprefix("-"), descending=fields[0].startswith("-"))
    values = read_token(token)
    if not isinstance(values, list) or len(values) != len(fields):
        raise BadParameter("PageToken is malformed")
    later = Q()
    for position, field in enumerate(fields):
        # Equal in all fields before this one, and beyond the token in this one.
        same = {earlier.removeprefix("-"): values[at] for at, earlier in enumerate(fields[:position])}
        beyond = f"{field.removeprefix('-')}__{'lt' if field.startswith('-') else 'gt'}"
        later |= Q(**same, **{beyond: values[position]})
    try:
        return rows.filter(later)
    except (TypeError, ValueError, ValidationError) as error:
        raise BadParameter("PageToken is malformed") from error


def after_token(rows: QuerySet[Any], token: str, *, field: str = "id", descending: bool = True) -> QuerySet[Any]:
    """
    Return the rows that come after the one a token names.

    :raises BadParameter: it is no token of this list.
    """
    try:
        return rows.filter(**{f"{field}__{'lt' if descending else 'gt'}": read_token(token)})
    except (TypeError, ValueError, ValidationError) as error:
        raise BadParameter("PageToken is malformed") from error


def make_token(row: Model, *fields: str) -> str:
    """Return the token of the page that begins after ``row`` in the order of ``fields``."""
    values = [getattr(row, field) for field in fields]
    values = [value.hex if isinstance(value, UUID) else value for value in values]
    value = values[0] if len(values) == 1 else values
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
