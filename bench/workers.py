"""
One worker process and two on the runtime queue alone: customers' messages that wait are walked through the flow.

Nobody writes and nothing is delivered meanwhile, so two cores hold two workers and the database's share of each:
as much as two machines would have. ``python -m bench.workers [--messages 6000]`` makes databases of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from typing import Any

from bench.message_path import ROOT

HELD = 200  # messages of one transaction while the queue is filled


def measure(workers: int, messages: int) -> float:
    """Return messages a second with so many workers."""
    name = f"flowdesk_bench_workers_{os.getpid()}"
    server = ["-h", "127.0.0.1", "-U", "postgres"]
    subprocess.run(["createdb", *server, name], check=True)
    env = {
        **os.environ,
        "DATABASE_URL": f"postgresql://postgres@127.0.0.1/{name}",
        "CELERY_BROKER_URL": "memory://localhost",
        "FLOWDESK_DEMO": "false",
    }
    try:
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], check=True, env=env, cwd=ROOT)
        this = [sys.executable, "-m", "bench.workers"]
        subprocess.run([*this, "--fill", str(messages)], check=True, env=env, cwd=ROOT, stdout=subprocess.DEVNULL)
        running = [
            subprocess.Popen([*this, "--drain"], env=env, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            for _ in range(workers)
        ]
        for process in running:
            assert process.stdout is not None
            process.stdout.readline()  # it has warmed up
        began = time.perf_counter()
        done = 0
        for process in running:
            assert process.stdin is not None
            process.stdin.write(b"go\n")
            process.stdin.flush()
        for process in running:
            out, _ = process.communicate(timeout=600)
            done += json.loads(out)["handled"]
        seconds = time.perf_counter() - began
        assert done >= messages, f"{done} of {messages} messages were handled"
        return messages / seconds
    finally:
        subprocess.run(["dropdb", *server, "--force", name], check=True)


def run(messages: int, rounds: int = 3) -> dict[str, Any]:
    """Return the rates of one worker and of two, taken in turns, and the best pair's ratio of medians."""
    pairs = [(measure(1, messages), measure(2, messages)) for _ in range(rounds)]
    ratios = sorted(two / one for one, two in pairs)
    return {
        "one worker, messages/s": [round(one) for one, _ in pairs],
        "two workers, messages/s": [round(two) for _, two in pairs],
        "ratio, median": round(ratios[len(ratios) // 2], 2),
    }


def fill(messages: int) -> None:
    """Let as many customers write, and nobody answer."""
    from bench.seed import OURS, seed
    from channels_app import queries
    from common import clock, ids
    from conversations.services import InboundMessage, receive_messages

    made = seed("http://127.0.0.1:9")
    connection_id = ids.parse("CN", made["connection_sid"])
    account_id = queries.receiver(connection_id).account_id
    for start in range(0, messages, HELD):
        group = [
            InboundMessage(
                account_id=account_id,
                connection_id=connection_id,
                channel_type="sms",
                source_key=f"{made['connection_sid']}:{number}",
                sender=f"+1{4_000_000_000 + number}",
                recipient=OURS,
                body="hi",
            )
            for number in range(start, min(start + HELD, messages))
        ]
        receive_messages(group, now=clock.now())


def drain() -> None:
    """Say that everything is loaded, wait for the word, work until nothing is due, say how much was done."""
    from common import clock
    from flows.runtime import batch

    batch.drain(clock.now().replace(year=2000))  # nothing was due then: loads and compiles what it needs
    print("ready", flush=True)
    sys.stdin.readline()
    handled = idle = 0
    while idle < 3:
        now = batch.drain(clock.now())
        handled += now
        idle = 0 if now else idle + 1
        if not now:
            time.sleep(0.01)
    print(json.dumps({"handled": handled}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=6_000)
    parser.add_argument("--fill", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--drain", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fill or options.drain:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        import django

        django.setup()
        drain() if options.drain else fill(options.fill)
    else:
        print(json.dumps(run(options.messages), indent=1))


if __name__ == "__main__":
    main()
