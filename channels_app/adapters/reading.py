"""Reading what others wrote: JSON of unknown shape, texts with characters no database stores, times as numbers."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import orjson

from channels_app.adapters.errors import MalformedWebhook, Rejected, TemporaryFailure, Throttled
from channels_app.adapters.values import InboundMessage, Media, ProviderResponse

MAX_TEXT = 100_000  # characters kept of one field; far over every channel's limit
MAX_ID = 160  # characters of an external id; the longest known, Messenger's, have about 120
MAX_ERROR = 500  # characters kept of a provider's error text


def json_object(body: bytes) -> Mapping[str, Any]:
    """:raises MalformedWebhook: not JSON, or not an object."""
    try:
        value = orjson.loads(body)
    except ValueError as error:
        raise MalformedWebhook("the body is not JSON") from error
    if not isinstance(value, dict):
        raise MalformedWebhook("the body is not a JSON object")
    return value


def child(value: object, *names: str) -> Mapping[str, Any]:
    """Return the object under a path of names; an empty one where anything on the way is not an object."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def children(value: object, name: str) -> Iterator[Mapping[str, Any]]:
    """Iterate the objects in a list under ``name``; anything else in it is passed over."""
    items = value.get(name) if isinstance(value, dict) else None
    if isinstance(items, list):
        yield from (item for item in items if isinstance(item, dict))


def text(value: object) -> str:
    """Return a text or number as text without NUL, which no database stores; "" for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    cleaned = str(value)[:MAX_TEXT].replace("\x00", "")
    return cleaned.encode("utf-8", "replace").decode("utf-8")


def identifier(value: object) -> str:
    """Return a provider's id of a message; one longer than any provider's becomes its digest, so none are confused."""
    found = text(value)
    if len(found) > MAX_ID:
        return "sha256:" + hashlib.sha256(found.encode()).hexdigest()
    return found


def integer(value: object) -> int | None:
    """Return a whole number that fits a database column, from a number or a text."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    try:
        number = int(value)
    except ValueError:
        return None
    return number if abs(number) < 2**31 else None


def moment(value: object, *, per_second: int = 1) -> datetime | None:
    """Read epoch seconds (or milliseconds: ``per_second=1000``); None where it is no moment."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return datetime.fromtimestamp(float(value) / per_second, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def iso_moment(value: object) -> datetime | None:
    """Read an ISO 8601 time with its zone; None where it is none."""
    if not isinstance(value, str):
        return None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else None


def derived_sid(external_id: str) -> str:
    """Return an ``SM…`` made from a provider's own id, for flows that read ``MessageSid`` on every channel."""
    return "SM" + hashlib.sha256(external_id.encode("utf-8", "replace")).hexdigest()[:32]


def twilio_fields(message: InboundMessage, *, account_sid: str, extra: Mapping[str, str]) -> dict[str, str]:
    """Describe a message of any provider in the fields of Twilio's message webhook."""
    sid = derived_sid(message.external_id)
    fields = {
        "MessageSid": sid,
        "SmsSid": sid,
        "SmsMessageSid": sid,
        "AccountSid": account_sid,
        "From": message.sender,
        "To": message.recipient,
        "Body": message.body,
        "NumMedia": str(len(message.media)),
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
    }
    if message.profile_name:
        fields["ProfileName"] = message.profile_name
    fields.update(media_fields(message.media))
    fields.update({name: value for name, value in extra.items() if value})
    return fields


def is_host_of(url: str, base: str, *suffixes: str) -> bool:
    """Tell whether an address is on the base's own site, or by https on a host that ends in one of ``suffixes``."""
    try:
        target, own = urlsplit(url), urlsplit(base)
        same = (target.scheme, target.hostname, target.port) == (own.scheme, own.hostname, own.port)
    except ValueError:
        return False
    return same or (target.scheme == "https" and f".{target.hostname or ''}".endswith(suffixes))


def media_fields(media: tuple[Media, ...]) -> dict[str, str]:
    fields = {}
    for number, item in enumerate(media):
        fields[f"MediaUrl{number}"] = item.url
        fields[f"MediaContentType{number}"] = item.content_type
    return fields


def answer_object(response: ProviderResponse) -> Mapping[str, Any]:
    """Return a provider's JSON answer; an empty object where it is something else."""
    try:
        return json_object(response.body)
    except MalformedWebhook:
        return {}


def raise_for_transport(response: ProviderResponse) -> None:
    """
    Judge what every HTTP interface says alike.

    :raises Throttled: 429, with the pause of Retry-After.
    :raises TemporaryFailure: 408, 5xx, or a redirect, which no provider's send call answers.
    """
    if response.status == 429:
        raise Throttled(retry_after(response))
    if response.status == 408 or response.status >= 500 or 300 <= response.status < 400 or response.status < 200:
        raise TemporaryFailure(f"the provider answered HTTP {response.status}")


def retry_after(response: ProviderResponse) -> float | None:
    """Return Retry-After in seconds, at most an hour; None where it is absent or a date."""
    try:
        seconds = float(response.headers.get("retry-after", ""))
    except ValueError:
        return None
    return min(seconds, 3600.0) if seconds >= 0 else None


def refused(response: ProviderResponse, *, code: int, message: str, provider_code: str = "") -> Rejected:
    return Rejected(code, message[:MAX_ERROR] or f"HTTP {response.status}", provider_code=provider_code)
