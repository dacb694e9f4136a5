"""The stand-in's bare ASGI application: all providers on one port, told apart by path."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs

from tests.standins import files, google, meta, twilio
from tests.standins.ledger import Answer, Keys, Ledger, Request


class Standin:
    """
    Takes what providers take. ``ledger`` has it all; under ``/_control/`` the same for another process:
    ``GET messages``, ``POST script`` ``{"steps": [...], "recipient"?}``, ``POST reset``.
    """

    def __init__(self, keys: Keys | None = None) -> None:
        self.keys = keys or Keys()
        self.ledger = Ledger()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        request = Request(
            method=scope["method"],
            path=scope["raw_path"].decode().partition("?")[0],
            query=parse_qs(scope["query_string"].decode()),
            headers={name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]},
            body=await read_body(receive),
        )
        if request.path.startswith("/_control/"):
            await reply(send, self._control(request))
            return
        await self._answer(request, send)

    async def _answer(self, request: Request, send: Any) -> None:
        judged = self._judge(request)
        name = judged.sent.recipient if judged.sent else "files" if judged.raw is not None else ""
        if judged.shown is not None:
            self.ledger.shown.append(judged.shown)
            name = "shown"
        step = self.ledger.next_step(name) if name else "ok"
        kind, _, argument = step.partition(":")
        if kind == "hang":
            await self._hang(float(argument))
            raise ConnectionAbortedError("scripted: hang, then nothing")
        if kind == "drop":
            raise ConnectionAbortedError("scripted: drop")
        if kind == "slow":
            await asyncio.sleep(float(argument))
        if kind.isdigit():
            headers = {"retry-after": argument} if argument else {}
            judged = Answer(int(kind), {"message": f"scripted {kind}"}, headers)
        else:
            judged = self.ledger.take(judged)
        if kind == "lost":
            judged = Answer(500, {"message": "scripted: taken, but the answer is lost"})
        self.ledger.statuses_answered.append(judged.status)
        if kind == "garbage":
            await _raw(send, 200, b"<html>not what you expect", "text/html", {})
        else:
            await reply(send, judged)

    async def _hang(self, seconds: float) -> None:
        """Wait, in small steps, so that a test can let go of what hangs."""
        ledger, end = self.ledger, asyncio.get_running_loop().time() + seconds
        ledger.hanging += 1
        # Polled, because a test lets go on another thread.
        while not ledger.is_released and asyncio.get_running_loop().time() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        ledger.hanging -= 1

    def _judge(self, request: Request) -> Answer:
        if request.method == "GET":
            found = files.judge(request, self.keys, self.ledger) or google.judge_get(request, self.keys)
            if found is not None:
                return found
        for judge in (twilio.judge, meta.judge, google.judge):
            answer = judge(request, self.keys, self.ledger)
            if answer is not None:
                if request.method != "POST":
                    return Answer(405, {"message": "Method not allowed"})
                return answer
        return Answer(404, {"message": f"No such resource: {request.path}"})

    def _control(self, request: Request) -> Answer:
        match request.method, request.path.removeprefix("/_control/"):
            case "GET", "messages":
                return Answer(
                    200,
                    {
                        "messages": [sent.to_json() for sent in list(self.ledger.messages)],
                        "duplicates": self.ledger.duplicates,
                        "without_key": self.ledger.without_key,
                    },
                )
            case "POST", "script":
                asked = json.loads(request.body)
                self.ledger.script(*asked["steps"], recipient=asked.get("recipient", "*"))
                return Answer(200, {})
            case "POST", "reset":
                self.ledger = Ledger()
                return Answer(200, {})
        return Answer(404, {"message": "unknown control"})


async def read_body(receive: Any) -> bytes:
    parts = []
    while True:
        event = await receive()
        parts.append(event.get("body", b""))
        if not event.get("more_body"):
            return b"".join(parts)


async def reply(send: Any, answer: Answer) -> None:
    body = json.dumps(answer.body).encode() if answer.raw is None else answer.raw
    await _raw(send, answer.status, body, answer.content_type, answer.headers)


async def _raw(send: Any, status: int, body: bytes, content_type: str, headers: dict[str, str]) -> None:
    pairs = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    pairs += [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        event = await receive()
        await send({"type": f"{event['type']}.complete"})
        if event["type"] == "lifespan.shutdown":
            return
