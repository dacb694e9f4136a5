"""What every socket does, whatever it is for."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from realtime.frames import JsonFrames


class Echo(JsonFrames):
    """Answers what it hears."""

    async def begin(self) -> bool:
        return True

    async def echo(self, data: dict[str, Any]) -> None:
        await self.send_value({"type": "echo", "said": data["said"]})

    commands = {"echo": echo}


async def test_who_has_gone_is_told_nothing_and_nobody_is_alarmed(caplog: pytest.LogCaptureFixture) -> None:
    socket = Echo()
    tried: list[dict[str, Any]] = []

    async def gone(message: dict[str, Any]) -> None:
        tried.append(message)
        raise OSError

    socket.base_send = gone
    with caplog.at_level(logging.WARNING):
        await socket.receive('{"type": "echo", "said": "hello"}')

    assert [each["text"] for each in tried] == ['{"type":"echo","said":"hello"}']
    assert caplog.records == []
