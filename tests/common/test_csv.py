"""Exports: what a customer wrote is text in every spreadsheet, and comes back as it was."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from hypothesis import given
from hypothesis import strategies as st

from common.csv import BOM, cell, download, rows

STARTS = "=+-@\t\r"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Ada", "Ada"),
        ("=1+1", "'=1+1"),
        ('=HYPERLINK("http://evil.example","x")', '\'=HYPERLINK("http://evil.example","x")'),
        ("+1+1", "'+1+1"),
        ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
        ("@SUM(1)", "'@SUM(1)"),
        ("  =1+1", "'  =1+1"),
        ("\t=1", "'\t=1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("+15550100001", "+15550100001"),
        ("-3.5", "-3.5"),
        (-3, "-3"),
        (None, ""),
        (True, "true"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05Z"),
        ("a\x00b", "ab"),
    ],
)
def test_writes_a_cell_that_no_spreadsheet_runs(value: object, expected: str) -> None:
    assert cell(value) == expected


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30), min_size=1))
def test_gives_back_what_was_written_with_at_most_an_apostrophe_in_front(values: list[str]) -> None:
    text = "".join(rows(["x"] * len(values), [values]))

    read = list(csv.reader(io.StringIO(text.removeprefix(BOM), newline="")))[1]

    assert [found in (value, "'" + value) for found, value in zip(read, values, strict=True)] == [True] * len(values)
    assert not any(found[:1] in STARTS and found[1:2] and not found[1:].replace(".", "").isdigit() for found in read)


async def _all(chunks: Any) -> list[bytes]:
    return [chunk async for chunk in chunks]


def test_answers_a_file_whose_name_is_a_name_only() -> None:
    answer = download('a"\r\nX: y/../.csv', ["Name"], iter([["=1"], ["Bob, Jr."]]))

    body = b"".join(async_to_sync(_all)(answer.streaming_content)).decode()

    assert answer["Content-Disposition"] == 'attachment; filename="a-X-y-..-.csv"'
    assert body == f'{BOM}Name\r\n\'=1\r\n"Bob, Jr."\r\n'
