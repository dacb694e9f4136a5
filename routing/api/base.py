"""What the views of this API share: the workspace in the path, links, and who is asked for by SID."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model
from rest_framework.request import Request
from rest_framework.response import Response

from common import clock, ids
from common.api import CompatView
from common.api.errors import public_url
from common.api.parsers import Params
from common.errors import BadParameter, NotFound
from routing.matching.errors import ExpressionError
from routing.matching.expressions import Expression, compile_expression
from routing.models import Workspace

PREFIX = "/taskrouter/v1"
SOURCE = "api"
_URL = re.compile(r"https?://[^\s/]+\S*")
M = TypeVar("M", bound=Model)


class WorkspaceView(CompatView):
    """A view below ``/Workspaces/{sid}``; ``workspace`` is the caller's own or the answer is 404."""

    workspace: Workspace

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.now = clock.now()
        key = self.key("WS", kwargs["workspace_sid"])
        found = Workspace.objects.filter(id=key, account_id=self.account_id).first()
        if found is None:
            raise NotFound(f"resource {request.path}")
        self.workspace = found

    def own(self, model: type[M], prefix: str, sid: str, **more: Any) -> M:
        """
        Return a row of this workspace by the SID in the path.

        :raises NotFound: malformed, unknown, or another workspace's.
        """
        key = self.key(prefix, sid)
        row = model._default_manager.filter(id=key, workspace_id=self.workspace.id, **more).first()
        if row is None:
            raise NotFound(f"resource {self.request.path}")
        return row


def key_param(params: Params, name: str, prefix: str) -> UUID | None:
    """
    Return the key in a SID given as a parameter; None where it is not given or empty.

    :raises BadParameter: it is no SID of that kind.
    """
    text = params.text(name)
    if not text:
        return None
    found = ids.parse_or_none(prefix, text)
    if found is None:
        raise BadParameter(f"{name} must be a SID that begins with {prefix}")
    return found


def filter_key(params: Params, name: str, prefix: str) -> UUID | None:
    """Return the key in a SID to filter by; one that is malformed fits nothing rather than everything."""
    text = params.text(name)
    if not text:
        return None
    return ids.parse_or_none(prefix, text) or UUID(int=0)


def url_param(params: Params, name: str) -> str | None:
    """
    Return an address to call; empty switches it off.

    :raises BadParameter: neither http nor https, or longer than 2000 characters.
    """
    text = params.text(name, max_length=2000)
    if text and not _URL.fullmatch(text):
        raise BadParameter(f"{name} must be an http or https URL")
    return text


def time_param(params: Params, name: str) -> datetime | None:
    """
    Return a moment given in ISO 8601; without a zone it is UTC.

    :raises BadParameter: it is none.
    """
    text = params.text(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadParameter(f"{name} must be a date and time in ISO 8601") from error


def truth(params: Params, name: str) -> bool | None:
    """Return a filter's truth as TaskRouter reads it: ``true``, ``1`` and ``yes``; all else is false."""
    text = params.text(name)
    return None if text is None or text == "" else text.lower() in ("true", "1", "yes")


def expression_param(params: Params, name: str) -> Expression | None:
    """
    Return an expression given as a parameter.

    :raises BadParameter: it does not parse; says where.
    """
    text = params.text(name)
    if text is None or not text.strip():
        return None
    try:
        return compile_expression(text)
    except ExpressionError as error:
        raise BadParameter(f"{name} is not a valid expression: {error}") from error


class Ordering:
    """``Ordering`` of lists: ``Priority:desc,DateCreated:asc`` to fields, the last of them unique."""

    def __init__(self, default: str, **fields: str) -> None:
        self.default = default
        self.fields = fields

    def read(self, params: Params) -> tuple[str, ...]:
        """
        Return the fields to order by.

        :raises BadParameter: an attribute or direction that is none.
        """
        text = params.text("Ordering") or self.default
        order: list[str] = []
        for pair in text.split(","):
            name, _, direction = pair.strip().partition(":")
            if name not in self.fields or direction.lower() not in ("asc", "desc", ""):
                allowed = ", ".join(self.fields)
                raise BadParameter(f"Ordering must be pairs of {allowed} and asc or desc, as in {self.default}")
            order.append(("-" if direction.lower() == "desc" else "") + self.fields[name])
            if self.fields[name] == "id":
                break
        if order[-1].removeprefix("-") != "id":
            order.append("-id" if order[-1].startswith("-") else "id")
        return tuple(order)


def url(workspace: Workspace | UUID, *parts: str) -> str:
    """Return the absolute address of something in a workspace."""
    key = workspace if isinstance(workspace, UUID) else workspace.id
    return public_url("/".join((PREFIX, "Workspaces", ids.sid("WS", key), *parts)))


def with_etag(body: dict[str, Any], version: int, *, status: int = 200) -> Response:
    """Answer a row with the version that ``If-Match`` may name."""
    return Response(body, status=status, headers={"ETag": f'"{version}"'})


def if_match(request: Request) -> str | None:
    return request.headers.get("If-Match")


def sid_or_none(prefix: str, key: UUID | None) -> str | None:
    return None if key is None else ids.sid(prefix, key)
