"""What the texts of a request must be like before they are stored."""

from __future__ import annotations

import ipaddress

import orjson
from django.conf import settings

from common import http
from common.errors import BadParameter
from conversations.durations import read_duration
from conversations.errors import InvalidWebhookUrl, WebhookUrlTooLong

CONVERSATION_ATTRIBUTES = 16 * 1024
OTHER_ATTRIBUTES = 4 * 1024
MAX_TIMER = 10 * 365 * 86_400
LEAST_INACTIVE, LEAST_CLOSED = 60, 600
MAX_URL = 512


def check_attributes(text: str, *, most: int = OTHER_ATTRIBUTES) -> str:
    """
    Return attributes as they are stored; empty means none.

    :raises BadParameter: no JSON object, or more than ``most`` bytes.
    """
    if not text:
        return "{}"
    if len(text.encode()) > most:
        raise BadParameter(f"Attributes must have at most {most // 1024} KB")
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadParameter(f"Attributes must be valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise BadParameter("Attributes must be a JSON object")
    return text


def check_timer(text: str, *, name: str, least: int) -> int | None:
    """
    Return a timer's seconds; None for one that is taken away (empty or ``P0D``).

    :raises BadParameter: no ISO 8601 duration, or shorter than ``least`` seconds.
    """
    if not text:
        return None
    try:
        seconds = read_duration(text)
    except ValueError as error:
        raise BadParameter(f"{name}: {error}") from error
    if seconds == 0:
        return None
    if not least <= seconds <= MAX_TIMER:
        raise BadParameter(f"{name} must be at least {least // 60} minutes and at most 10 years")
    return seconds


def check_webhook_url(url: str) -> str:
    """
    Return an address that webhooks may go to, as far as its text tells.

    :raises WebhookUrlTooLong: more than 512 characters.
    :raises InvalidWebhookUrl: not absolute, not http(s), or plainly not public.
    """
    if len(url) > MAX_URL:
        raise WebhookUrlTooLong(f"The webhook's URL has more than {MAX_URL} characters")
    try:
        host = http.parse_url(url).host
    except http.InvalidRequest as error:
        raise InvalidWebhookUrl(f"The webhook's URL is invalid: {error}") from error
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        # A name is looked up, and judged, at every request.
        return url
    networks = [ipaddress.ip_network(text, strict=False) for text in settings.HTTP_ALLOW]
    if not http.is_allowed(address, networks):
        raise InvalidWebhookUrl("The webhook's URL is invalid: it is not a public address")
    return url
