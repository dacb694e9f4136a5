"""What browsers are told of messages without words."""

from __future__ import annotations

from typing import Any

import pytest

from realtime.payloads import beside_words

PLACE = {"latitude": 52.52, "longitude": 13.405, "name": "Depot", "address": "Main St 1"}


@pytest.mark.parametrize(
    ("source", "body", "fields", "told"),
    [
        (
            "customer",
            "",
            {"Latitude": "52.52", "Longitude": "13.405", "Label": "Depot", "Address": "Main St 1"},
            {"place": PLACE},
        ),
        ("customer", "", {"Latitude": "nowhere", "Longitude": "0"}, {"unshown": "unknown"}),
        ("customer", "", {"Latitude": "91", "Longitude": "0", "MessageType": "location"}, {"unshown": "location"}),
        ("customer", "", {"Latitude": "nan", "Longitude": "0"}, {"unshown": "unknown"}),
        ("customer", "Yes", {"ButtonPayload": "y", "ButtonText": "Yes"}, {"button": True}),
        ("customer", "", {"MessageType": "order"}, {"unshown": "order"}),
        ("customer", "Hi", {"MessageType": "text"}, {}),
        ("flow", "", {"content_sid": "HX1"}, {}),
    ],
)
def test_tells_what_was_said_without_words(
    source: str, body: str, fields: dict[str, str], told: dict[str, Any]
) -> None:
    assert beside_words(source, body, [], fields) == told
