"""
A full desk: 200 agents' sockets and 2,000 customers' sockets on one machine, 50 messages a second in total.

Every customer begins a web chat, is handed to an agent, who accepts by HTTP; then customers write for three minutes.
Measured: what was lost, and the time from a customer's send to the agent's screen, beside the bare round trip through
the channel layer in the same run. ``python -m bench.sockets [--agents 200 --customers 2000 --seconds 180]``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bench.message_path import ROOT, product

CSRF = "b" * 32


@dataclass(slots=True)
class Run:
    """What is under way: when each message was sent, and the seconds until an agent saw it."""

    base: str
    sent: dict[str, float] = field(default_factory=dict)
    seen: dict[str, float] = field(default_factory=dict)
    twice: int = 0
    unsent: int = 0
    # Close codes of customers' sockets that the server ended, and how many.
    ended: Counter[int | None] = field(default_factory=Counter)
    accepted: set[str] = field(default_factory=set)


async def agent(run: Run, session: aiohttp.ClientSession, cookie: str) -> None:
    """Accept what is offered, and note when messages arrive."""
    headers = {"Cookie": f"sessionid={cookie}; csrftoken={CSRF}", "X-CSRFToken": CSRF}

    async def accept(sid: str) -> None:
        if sid in run.accepted:
            return
        url = f"{run.base}/app/v1/console/reservations/{sid}"
        async with session.post(url, json={"status": "accepted"}, headers=headers) as answer:
            if answer.status == 200:
                run.accepted.add(sid)

    async with session.ws_connect(f"{run.base}/ws/console/", headers=headers, max_msg_size=0) as socket:
        async with session.get(f"{run.base}/app/v1/console", headers=headers) as answer:
            found = await answer.json()
        for reservation in found["reservations"]:
            await accept(reservation["sid"])
        async for frame in socket:
            now = time.perf_counter()
            event = json.loads(frame.data)
            if event["type"] == "reservation" and event["reservation"]["status"] == "pending":
                await accept(event["reservation"]["sid"])
            elif event["type"] == "message" and event["message"]["body"] in run.sent:
                body = event["message"]["body"]
                run.twice += body in run.seen
                run.seen[body] = now - run.sent[body]


async def customer(run: Run, session: aiohttp.ClientSession, key: str) -> aiohttp.ClientWebSocketResponse:
    """Begin a chat with a first message; returns the open socket."""
    async with session.post(f"{run.base}/webchat/v1/sessions", json={"deployment_key": key}) as answer:
        made = await answer.json()
        assert answer.status == 201, made
    socket = await session.ws_connect(f"{run.base}/ws/webchat/?token={made['token']}", max_msg_size=0)
    await socket.send_json({"type": "message", "body": "hello", "ref": "first"})
    return socket


async def drive(env: dict[str, str], agents: int, customers: int, rate: float, seconds: float) -> dict[str, Any]:
    """Play the whole; returns the figures."""
    each = -(-customers // agents)
    command = [sys.executable, "-m", "bench.desk_seed", str(agents), str(each)]
    done = await asyncio.to_thread(subprocess.run, command, check=True, env=env, cwd=ROOT, stdout=subprocess.PIPE)
    made = json.loads(done.stdout.splitlines()[-1])
    run = Run(base=f"http://127.0.0.1:{env['FLOWDESK_PORT']}")
    tasks: list[asyncio.Task[None]] = []
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout) as session:
        tasks += [asyncio.create_task(agent(run, session, cookie)) for cookie in made["sessions"]]
        await asyncio.sleep(3)
        began = time.perf_counter()
        sockets: list[aiohttp.ClientWebSocketResponse] = []
        for start in range(0, customers, 25):
            group = range(start, min(start + 25, customers))
            begun = await asyncio.gather(*(customer(run, session, made["deployment_key"]) for _ in group))
            # At once: who reads nothing answers no ping, and is hung up on.
            tasks += [asyncio.create_task(_read(run, socket)) for socket in begun]
            sockets += begun
        deadline = time.perf_counter() + 120
        while len(run.accepted) < customers and time.perf_counter() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        set_up = time.perf_counter() - began
        layer = asyncio.create_task(_layer(env["REDIS_URL"], rate, seconds))
        await _write(run, sockets, rate, seconds)
        await asyncio.sleep(5)
        bare = await layer
        ended = dict(run.ended)
    # Nobody waits for thousands of farewells: the session's end has cut every socket.
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=15)
    return {
        "agents": agents,
        "customers": customers,
        "accepted": len(run.accepted),
        "handed over a second": round(len(run.accepted) / set_up, 1),
        "messages": len(run.sent),
        "lost": len(run.sent) - len(run.seen),
        "twice": run.twice,
        "on a socket that the server had ended": run.unsent,
        "sockets that the server ended, by close code": ended,
        "send to screen, ms": percentiles(list(run.seen.values())),
        "channel layer alone, ms": percentiles(bare),
    }


async def _read(run: Run, socket: aiohttp.ClientWebSocketResponse) -> None:
    async for _ in socket:
        pass
    run.ended[socket.close_code] += 1


async def _write(run: Run, sockets: list[aiohttp.ClientWebSocketResponse], rate: float, seconds: float) -> None:
    """Let customers drawn at random write at an even pace; a late one does not slow the next down."""
    began, number = time.perf_counter(), 0
    while (due := number / rate) < seconds:
        await asyncio.sleep(max(0.0, began + due - time.perf_counter()))
        body = f"message {number}"
        run.sent[body] = time.perf_counter()
        try:
            await random.choice(sockets).send_json({"type": "message", "body": body, "ref": f"r{number}"})
        except aiohttp.ClientError:
            # The server hung up on this customer; a browser would connect again and send it then.
            run.unsent += 1
            del run.sent[body]
        number += 1


async def _layer(redis_url: str, rate: float, seconds: float) -> list[float]:
    """Return the times through the bare channel layer, at the same pace and in the same moments."""
    from channels_redis.pubsub import RedisPubSubChannelLayer

    layer = RedisPubSubChannelLayer(hosts=[redis_url], prefix="bench")
    channel = await layer.new_channel()
    await layer.group_add("bench", channel)
    found: list[float] = []
    began, number = time.perf_counter(), 0
    while (due := number / rate) < seconds:
        await asyncio.sleep(max(0.0, began + due - time.perf_counter()))
        sent = time.perf_counter()
        await layer.group_send("bench", {"type": "bench", "text": "x" * 300})
        await layer.receive(channel)
        found.append(time.perf_counter() - sent)
        number += 1
    await layer.flush()
    return found


def percentiles(seconds: list[float]) -> dict[str, float]:
    """Return p50 and p99 in milliseconds."""
    if len(seconds) < 2:
        return {"p50": 0.0, "p99": 0.0}
    cut = statistics.quantiles(seconds, n=100)
    return {"p50": round(cut[49] * 1000, 1), "p99": round(cut[98] * 1000, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--customers", type=int, default=2_000)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=180)
    options = parser.parse_args()
    wanted = 3 * (options.agents + options.customers) + 500
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    os.environ["FLOWDESK_WEBCHAT_SESSIONS_PER_MINUTE"] = "100000"
    with product(postgres=True) as env:
        # Not asyncio.run: it would wait for thousands of farewells to a server that may be gone.
        loop = asyncio.new_event_loop()
        figures = loop.run_until_complete(drive(env, options.agents, options.customers, options.rate, options.seconds))
    print(json.dumps(figures, indent=1), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
