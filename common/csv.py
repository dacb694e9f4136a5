"""
CSV for people who open it in a spreadsheet.

A spreadsheet runs a cell that begins like a formula, whoever wrote it: a customer's name of ``=HYPERLINK(…)`` would be
called by the admin who opens an export. Every export is written through ``rows``; nothing else writes CSV.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

import orjson
from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse

from common import clock

# What begins a formula in Excel, LibreOffice and Google Sheets, full-width forms included, or hides one.
_STARTS = tuple("=+-@\t\r\n\v\f|%\uff1d\uff0b\uff0d\uff20")
# Phone numbers and negative figures are what they say, with nothing to run.
_HARMLESS = re.compile(r"[+-]\d+(?:\.\d+)?", re.ASCII)
BOM = "\ufeff"
LINES_A_CHUNK = 500


def cell(value: object) -> str:
    """
    Return a value as the text of a cell that no spreadsheet runs.

    None is empty, times are ISO 8601, truth is ``true`` or ``false``; a text that begins like a formula gets an
    apostrophe in front, which spreadsheets do not show as part of it.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return clock.to_iso(value)
    text = str(value).replace("\x00", "")
    if text.lstrip(" \u00a0\ufeff").startswith(_STARTS) and not _HARMLESS.fullmatch(text):
        return "'" + text
    return text


def as_json(value: object) -> str:
    """Return a JSON value as the text of one cell."""
    return orjson.dumps(value).decode()


def rows(header: Sequence[object], found: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the lines of a file one by one, so that a long export is never held whole; the first begins with a BOM."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write(BOM)
    writer.writerow([cell(value) for value in header])
    yield buffer.getvalue()
    for row in found:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([cell(value) for value in row])
        yield buffer.getvalue()


def download(name: str, header: Sequence[object], found: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """Answer a file of that name; ``found`` is read while it is sent."""
    answer = StreamingHttpResponse(_chunks(rows(header, found)), content_type="text/csv; charset=utf-8")
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "export"
    answer["Content-Disposition"] = f'attachment; filename="{safe}"'
    answer["Cache-Control"] = "no-store"
    return answer


async def _chunks(lines: Iterator[str]) -> AsyncIterator[bytes]:
    """
    Yield the file's bytes, some hundred lines at a time, each read on the request's own thread.

    The server is asynchronous: of a plain iterator Django would read everything before it sends anything.
    """
    take = sync_to_async(lambda: "".join(islice(lines, LINES_A_CHUNK)))
    while chunk := await take():
        yield chunk.encode(errors="replace")
