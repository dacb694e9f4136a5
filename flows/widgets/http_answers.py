"""What the context shows of an HTTP answer, for the two widgets that call."""

from collections.abc import Mapping
from typing import Any

from flows.engine.events import HttpAnswered
from flows.engine.payloads import parse_object
from flows.engine.texts import clean
from flows.engine.widget import Visit


def outputs_of(event: HttpAnswered, visit: Visit) -> dict[str, Any]:
    """
    Return ``status_code``, ``content_type``, ``body`` and, for a JSON object, ``parsed``.

    ``parsed`` is merged into that of an earlier run of the widget, which stays where the answer is no JSON object.
    """
    outputs: dict[str, Any] = {
        "status_code": event.status_code,
        "content_type": clean(event.content_type),
        "body": clean(event.body),
    }
    earlier = visit.context["widgets"].get(visit.name)
    parsed = earlier.get("parsed") if isinstance(earlier, Mapping) else None
    media_type = event.content_type.partition(";")[0].strip().lower()
    if media_type == "application/json":
        found = parse_object(event.body)
        if found is not None:
            parsed = {**parsed, **found} if isinstance(parsed, dict) else found
    if parsed is not None:
        outputs["parsed"] = parsed
    return outputs


def is_oversize(event: HttpAnswered, visit: Visit) -> bool:
    """Say whether the body is larger than a widget takes; a character has at most four bytes."""
    most = visit.limits.http_response_bytes
    return len(event.body) * 4 > most and len(event.body.encode(errors="replace")) > most
