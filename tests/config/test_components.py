"""What happens when a part of the server ends."""

from __future__ import annotations

import asyncio
import os
import signal
import threading

import pytest

from config.server import components, main, readiness


class Part(components.Component):
    """A component that ends by itself (``fault``), or when it is asked to."""

    def __init__(
        self, name: str, ended: components.Ended, *, fault: str = "", begun: threading.Event | None = None
    ) -> None:
        super().__init__(name, ended)
        self._fault = fault
        self._begun = begun or threading.Event()
        self._asked = threading.Event()

    def work(self) -> None:
        self._begun.set()
        if self._fault:
            raise RuntimeError(self._fault)
        self._asked.wait(60)

    def stop(self) -> None:
        self._asked.set()

    def is_ready(self) -> bool:
        return self.is_alive()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Part]:
    parts: list[Part] = []
    monkeypatch.setattr(main.broadcast, "set_loop", lambda loop: None)
    monkeypatch.setattr(readiness, "_components", [])
    return parts


def test_ends_the_process_and_says_why_when_a_part_fails(
    made: list[Part], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def make(names: object, app: object, queues: object, ended: components.Ended) -> list[Part]:
        made.extend((Part("worker", ended, fault="the broker said no"), Part("beat", ended)))
        return made

    monkeypatch.setattr(components, "make", make)

    code = asyncio.run(main.run_until_told(("worker", "beat"), ("runtime",), None, "started"))

    said = capsys.readouterr()
    assert (code, said.out) == (1, "started\n")
    assert "flowdesk: the worker stopped (RuntimeError: the broker said no)\n" in said.err
    assert not any(part.is_alive() for part in made)


def test_ends_with_code_0_when_asked_to(made: list[Part], monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Event()

    def make(names: object, app: object, queues: object, ended: components.Ended) -> list[Part]:
        made.append(Part("beat", ended, begun=begun))
        return made

    monkeypatch.setattr(components, "make", make)

    async def asked() -> int:
        running = asyncio.create_task(main.run_until_told(("beat",), (), None, "started"))
        await asyncio.to_thread(begun.wait, 30)
        os.kill(os.getpid(), signal.SIGTERM)
        return await running

    assert asyncio.run(asked()) == 0
    assert not made[0].is_alive()
