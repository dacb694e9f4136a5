"""
What a message costs without HTTP: processor time by stage, statements, and whether history makes it dearer.

The reference job is led through the same functions that web and worker call (group commit's transaction, a batch of the
runtime, the record of what the provider took) in one thread, with groups of a fixed size, so nothing waits and a busy
machine disturbs little. ``python -m bench.path [--postgres] [--group 20] [--history]``; ``--history``, on PostgreSQL,
does it again after a million old messages and a thousand flows were added.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import django

T = TypeVar("T")
STAGES = ("ingest", "runtime", "record")
SAYS = ("hi", "ada", "sales")


class Holding:
    """Stands for the sender: takes jobs and calls nobody."""

    def __init__(self) -> None:
        self.jobs: list[Any] = []

    def room(self) -> int:
        return 400

    def has_room_for(self, job: Any, *, beside: Counter[object]) -> bool:
        return True

    def submit(self, jobs: Sequence[Any]) -> None:
        self.jobs += jobs


class Path:
    """The reference job, group by group."""

    def __init__(self, made: dict[str, str]) -> None:
        from channels_app import queries
        from channels_app.delivery import drain
        from common import ids, outbox

        self._ours = made["ours"]
        receiver = queries.receiver(ids.parse("CN", made["connection_sid"]))
        assert receiver is not None
        self._receiver = receiver
        self._sender = Holding()
        drain.use(self._sender)
        outbox.serve(["deliver"], lambda name: None)
        self.seconds = dict.fromkeys(STAGES, 0.0)
        self.messages = 0

    def lead(self, group: int) -> None:
        """Lead ``group`` conversations from their first message to their last."""
        from channels_app.delivery.drain import record_and_go_on
        from common import clock
        from conversations.services import receive_messages
        from flows.runtime import batch

        customers = [f"+1{secrets.randbelow(10**10):010}" for _ in range(group)]
        for text in SAYS:
            items = [self._message(customer, text) for customer in customers]
            self._timed("ingest", lambda items=items: receive_messages(items, now=clock.now()))
            self._timed("runtime", lambda: batch.drain(clock.now()))
            jobs, self._sender.jobs = self._sender.jobs, []
            if len(jobs) != group:
                raise RuntimeError(f"{group} messages had {len(jobs)} replies")
            outcomes = [self._taken(job) for job in jobs]
            self._timed("record", lambda outcomes=outcomes: record_and_go_on(outcomes))
            self.messages += group

    def _timed(self, stage: str, work: Callable[[], object]) -> None:
        began = time.thread_time()
        work()
        self.seconds[stage] += time.thread_time() - began

    def _message(self, customer: str, text: str) -> Any:
        from channels_app.adapters.values import InboundMessage
        from channels_app.ingress import _inbound

        sid = "SM" + secrets.token_hex(16)
        fields = {"MessageSid": sid, "From": customer, "To": self._ours, "Body": text, "NumMedia": "0"}
        message = InboundMessage(external_id=sid, sender=customer, recipient=self._ours, body=text, fields=fields)
        return _inbound(self._receiver, message)

    def _taken(self, job: Any) -> Any:
        from channels_app.delivery.jobs import Exchange, Outcome, Part, Sent, Taken
        from common import clock

        sent, exchanges = [], []
        for recipient in job.recipients:
            sid = "SM" + secrets.token_hex(16)
            sent.append(Sent(recipient, Taken(sid), (Part(0, 1, sid, clock.now()),)))
            exchanges.append(
                Exchange(recipient.sender.connection_id, "POST", "http://127.0.0.1:9/", "Body=x", 201, "{}", "", 3)
            )
        return Outcome(job, tuple(sent), tuple(exchanges))


def measure(path: Path, *, group: int, messages: int) -> dict[str, Any]:
    """Return microseconds a message by stage, of the database's process too where it can be told, and statements."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for _ in range(3):
        path.lead(group)
    path.seconds, path.messages = dict.fromkeys(STAGES, 0.0), 0
    before = _server_seconds()
    while path.messages < messages:
        path.lead(group)
    spent = _server_seconds() - before
    with CaptureQueriesContext(connection) as captured:
        path.lead(group)
    figures: dict[str, Any] = {stage: round(path.seconds[stage] / messages * 1e6) for stage in STAGES}
    figures["together"] = sum(figures[stage] for stage in STAGES)
    figures["postgres"] = round(spent / messages * 1e6)
    figures["statements_a_group"] = round(len(captured.captured_queries) / len(SAYS), 1)
    return figures


def _server_seconds() -> float:
    """Return the processor time of this connection's server process; 0 where there is none on this machine."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    connection.ensure_connection()
    try:
        with open(f"/proc/{connection.connection.info.backend_pid}/schedstat") as file:
            return int(file.read().split()[0]) / 1e9
    except OSError:
        return 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--group", type=int, default=20)
    parser.add_argument("--messages", type=int, default=1_800)
    parser.add_argument("--history", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data_dir:
        name = f"flowdesk_path_{os.getpid()}"
        url = f"postgresql://postgres@127.0.0.1/{name}" if options.postgres else ""
        os.environ.update(FLOWDESK_DATA_DIR=data_dir, DATABASE_URL=url, REDIS_URL="", FLOWDESK_HTTP_ALLOW="127.0.0.0/8")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        if options.postgres:
            subprocess.run(["createdb", "-h", "127.0.0.1", "-U", "postgres", name], check=True)
        try:
            print(json.dumps(run(options), indent=1))
        finally:
            if options.postgres:
                subprocess.run(["dropdb", "-h", "127.0.0.1", "-U", "postgres", "--force", name], check=True)
    sys.stdout.flush()
    # Broadcasts have a thread that never ends.
    os._exit(0)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Make the tables, measure, and where it is asked for measure again with history."""
    django.setup()
    from django.core.management import call_command

    from bench.history import fill
    from bench.seed import seed
    from common import statements

    call_command("migrate", verbosity=0)
    made = seed("http://127.0.0.1:9")
    statements.keep_connection()
    path = Path(made)
    figures = {"empty": measure(path, group=options.group, messages=options.messages)}
    if options.history:
        fill(os.environ["DATABASE_URL"], 1_000_000)
        figures["a million old messages"] = measure(path, group=options.group, messages=options.messages)
        empty, full = (row["together"] + row["postgres"] for row in figures.values())
        figures["ratio (bar: at most 1.2)"] = round(full / empty, 2)
    return figures


if __name__ == "__main__":
    main()
