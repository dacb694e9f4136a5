"""The signed addresses that files are read at, each until a moment."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.conf import settings

from common import ids
from common.errors import ApiError, NotFound
from conversations.models import MediaFile
from conversations.services.media.keeping import clean_name

# How long a provider, and whoever a flow hands it on to, may take to fetch a file.
OUTSIDE = timedelta(days=7)
# How long the address holds that somebody is redirected to, who has just shown that they may read the file.
SHORTLY = timedelta(minutes=15)


def url_of(item: Mapping[str, Any], *, until: datetime) -> str:
    """Return where a medium can be read by whoever has the address: until then, or, elsewhere, as it was given."""
    sid = item.get("sid")
    if not sid:
        return str(item.get("url") or "")
    return signed_url(str(sid), filename=str(item.get("filename") or ""), until=until)


def outside_until(now: datetime) -> datetime:
    """Return until when a provider may fetch a file: the same all day, so that a repeated request is the same."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1) + OUTSIDE


def signed_url(sid: str, *, until: datetime, filename: str = "") -> str:
    """Return the address of a file that can be read without logging in, until a moment."""
    return settings.PUBLIC_URL + signed_path(sid, until=until, filename=filename)


def signed_path(sid: str, *, until: datetime, filename: str = "") -> str:
    """Return ``signed_url`` without the site: for a browser that is here already."""
    expires = int(until.timestamp())
    name = f"/{quote(clean_name(filename), safe='')}" if filename else ""
    return f"/media/v1/{sid}/{expires}-{_sign(sid, expires)}{name}"


def check_signature(sid: str, ticket: str, *, now: datetime) -> MediaFile:
    """
    Return the file that a signed address names.

    :raises NotFound: the address was not made here, has ended, or the file is gone.
    """
    expires, _, given = ticket.partition("-")
    key = ids.parse_or_none("ME", sid)
    if key is None or not expires.isascii() or not expires.isdigit() or len(expires) > 12:
        raise NotFound("medium")
    if not hmac.compare_digest(_sign(sid, int(expires)).encode(), given.encode()):
        raise NotFound("medium")
    if datetime.fromtimestamp(int(expires), UTC) <= now:
        raise ApiError("The address of this medium has ended", code=20410, status=410)
    row = MediaFile.objects.filter(id=key).first()
    if row is None:
        raise NotFound("medium")
    return row


def _sign(sid: str, expires: int) -> str:
    key = hashlib.sha256(b"flowdesk.media:" + settings.SECRET_KEY.encode()).digest()
    digest = hmac.new(key, f"{sid}:{expires}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
