"""What is known of an HTTP call of a flow, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from common import http, ids
from conversations.services import NewMessage
from flows.engine import commands, events


@dataclass(frozen=True, slots=True)
class Origin:
    """The execution that asked for a redirect. ``fields`` are what the target is told; ``flow_sids`` name the flow."""

    account_id: UUID
    account_sid: str
    auth_token: str
    flow_sids: frozenset[str]
    contact: str
    channel: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Call:
    """
    One leased call.

    ``credentials`` are account SID and auth token where the request is to carry them; a redirect has an ``origin``,
    unless its execution is gone.
    """

    entry_id: int
    execution_id: UUID
    conversation_id: UUID
    step_seq: int | None
    command: commands.CallHttp | commands.Redirect
    credentials: tuple[str, str] | None = None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """
    A call with what came of it; ``event`` goes back to the execution, where there is one.

    ``exchanges`` are values of HttpExchange, one per request made; ``messages`` are said in the execution's
    conversation, ``elsewhere`` to somebody else.
    """

    call: Call
    event: events.Event | None = None
    exchanges: tuple[dict[str, Any], ...] = ()
    messages: tuple[NewMessage, ...] = ()
    elsewhere: tuple[tuple[str, str, NewMessage], ...] = ()


def asked(method: str, url: str, body: str = "") -> dict[str, Any]:
    """Return what an exchange tells of the request."""
    return {"method": method[:8], "url": url.replace("\x00", ""), "request_body": body.replace("\x00", "")}


def heard(answer: http.HttpAnswer, began: float) -> dict[str, Any]:
    """Return what an exchange tells of the answer; ``began`` is of ``time.monotonic``."""
    content_type = answer.headers.get("content-type", "")
    return {
        "status_code": answer.status,
        "content_type": content_type[:200],
        "response_body": answer.body.decode(charset(content_type) or "utf-8", errors="replace").replace("\x00", ""),
        "duration_ms": since(began),
    }


def charset(content_type: str) -> str:
    """Return the encoding that a Content-Type names; empty where it names none that is known."""
    name = content_type.partition("charset=")[2].partition(";")[0].strip(" \"'").lower()
    try:
        "".encode(name or "utf-8")
    except LookupError:
        return ""
    return name


def token(call: Call, hop: int = 0) -> str:
    """Return the idempotency token of a request: the same at every try."""
    base = f"{ids.sid('FN', call.execution_id)}/{call.command.ref}"
    return f"{base}/{hop}" if hop else base


def since(began: float) -> int:
    """Return the milliseconds that passed."""
    return round((time.monotonic() - began) * 1000)
