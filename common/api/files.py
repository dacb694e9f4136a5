"""Giving files that strangers sent to browsers: never executed, in parts where asked, without filling the memory."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import IO, Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.utils.http import content_disposition_header
from rest_framework import parsers
from rest_framework.request import Request

from common.errors import BadParameter, FileTooLarge

# What a browser may show by itself. The rest is only ever saved.
SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "video/mp4", "video/webm", "video/3gpp"})
SHOWN_KINDS = ("audio/",)
# Said as they are, though only saved; whatever else could be run becomes mere bytes.
SAVED = frozenset({"application/pdf", "text/plain", "text/csv", "text/vcard", "text/calendar", "application/zip"})
# Parsed by Django before anybody can look at their size.
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_CHUNK = 256 * 1024
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def file_response(
    request: HttpRequest, file: IO[bytes], *, size: int, content_type: str, filename: str, kept: timedelta
) -> HttpResponseBase:
    """
    Return a file, or the part of it that is asked for. ``kept``: how long the reader's browser may keep it.

    Whatever the file is, the browser runs nothing of it: its type is not guessed, markup and scripts are saved as
    bytes, and the page it would make is sandboxed without any right.
    """
    is_shown = content_type in SHOWN or content_type.startswith(SHOWN_KINDS)
    start, end = _asked(request.headers.get("Range", ""), size)
    response: HttpResponseBase
    if start is None:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
    else:
        file.seek(start)
        response = StreamingHttpResponse(_chunks(file, end - start), status=200 if (start, end) == (0, size) else 206)
        response["Content-Length"] = str(end - start)
        if response.status_code == 206:
            response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    response["Content-Type"] = content_type if is_shown or content_type in SAVED else "application/octet-stream"
    if disposition := content_disposition_header(not is_shown, filename or "file"):
        response["Content-Disposition"] = disposition
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    # A page of the web chat may keep it with the transcript; no cookie is looked at on the way here.
    response["Access-Control-Allow-Origin"] = "*"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = f"private, max-age={int(kept.total_seconds())}, immutable"
    return response


class FileBody(parsers.BaseParser):
    """Leaves a body of any type unread: the check of the CSRF token asks for form fields, of which a file has none."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> QueryDict:
        return QueryDict()


def upload_of(request: Request, *, most: int) -> tuple[IO[bytes], str, str]:
    """
    Return the body of an upload as a stream, its name (``filename`` or ``Filename``) and its declared type.

    :raises FileTooLarge: it says that it is larger than ``most``.
    :raises BadParameter: a form; a file is sent as it is.
    """
    plain = request._request
    kind = plain.content_type or ""
    if kind in _FORMS:
        raise BadParameter("Send the file itself as the body, with its own Content-Type")
    if int(plain.META.get("CONTENT_LENGTH") or 0) > most:
        raise FileTooLarge(most)
    name = request.query_params.get("Filename") or request.query_params.get("filename") or ""
    # The end of a name says what it is.
    return plain, name[-255:], kind[:128]


def _asked(header: str, size: int) -> tuple[int | None, int]:
    """Return the part asked for; all of it without a (sensible) Range, None where there is no such part."""
    match = _RANGE.fullmatch(header.strip())
    if match is None or match.group() == "bytes=-":
        return 0, size
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    start, end = int(first), min(int(last) + 1 if last else size, size)
    return (None, 0) if start >= size or end <= start else (start, end)


async def _chunks(file: IO[bytes], left: int) -> AsyncIterator[bytes]:
    try:
        while left > 0:
            chunk = await sync_to_async(file.read)(min(_CHUNK, left))
            if not chunk:
                break
            left -= len(chunk)
            yield chunk
    finally:
        await sync_to_async(file.close)()
