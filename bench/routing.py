"""
Assignments on PostgreSQL: 1,000 workers, 50 queues, and up to 50,000 waiting tasks.

Measured with 1,000, 10,000 and 50,000 tasks waiting: the median time from "a worker becomes available" to "reservation
created" (both transactions), beside the floor: the bare statements one assignment must write, one commit each. Then
assignments a second while 10,000 tasks are drained, beside the same statements for as many rows at a time. The cost
of one assignment must not grow with what waits.

``python -m bench.routing [--quick]`` makes a database of its own, prints the table, and drops it again.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import time
from collections.abc import Callable
from typing import Any

WORKERS, QUEUES, CAPACITY = 1_000, 50, 15  # enough for every task to be drained
LEVELS = (1_000, 10_000, 50_000)
DRAINED = 10_000
SAMPLES = 60
DATABASE = f"flowdesk_bench_routing_{os.getpid()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    scale = 10 if parser.parse_args().quick else 1
    server = ["-h", "127.0.0.1", "-U", "postgres"]
    subprocess.run(["createdb", *server, DATABASE], check=True)
    try:
        report(run(scale))
    finally:
        from django.db import connections

        connections.close_all()
        subprocess.run(["dropdb", *server, DATABASE], check=True)


def run(scale: int = 1) -> dict[str, Any]:
    """Measure in the database ``DATABASE``; times in milliseconds."""
    _set_up()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    desk = Desk(WORKERS // scale)
    desk.fill(LEVELS[0] // scale)
    for _ in range(5):
        desk.time_one()  # connections, caches and compiled expressions
    waits: dict[int, float] = {}
    for level in LEVELS:
        desk.fill(level // scale)
        waits[level // scale] = statistics.median(desk.time_one() for _ in range(min(SAMPLES, level // scale // 10)))
    floor_one = statistics.median(desk.time_floor(1) for _ in range(SAMPLES))
    desk.fill(DRAINED // scale)
    desk.open_all()
    seconds, made = _timed(desk.assign_all)
    chunks = [desk.time_floor(200) for _ in range(max(3, DRAINED // scale // 200 // 2))]
    return {
        "workers": WORKERS // scale,
        "one_ms": waits,
        "floor_one_ms": floor_one,
        "drained": made,
        "drain_per_second": made / seconds,
        "floor_per_second": 200_000 / statistics.median(chunks),
    }


def report(figures: dict[str, Any]) -> None:
    print(f"{figures['workers']} workers, {QUEUES} queues, PostgreSQL")
    least = min(figures["one_ms"].values())
    for waiting, milliseconds in figures["one_ms"].items():
        print(
            f"  {waiting:>6} waiting: available to reserved {milliseconds:6.2f} ms (p50), "
            f"{milliseconds / figures['floor_one_ms']:.1f} x the floor, {milliseconds / least:.2f} x the fastest"
        )
    print(f"  the bare statements of one assignment: {figures['floor_one_ms']:6.2f} ms")
    print(
        f"  draining {figures['drained']}: {figures['drain_per_second']:,.0f} assignments/s, "
        f"{figures['drain_per_second'] / figures['floor_per_second']:.2f} of the bare statements, 200 rows at a time "
        f"({figures['floor_per_second']:,.0f}/s)"
    )


class Desk:
    """A workspace full of workers, and tasks poured into its queues."""

    def __init__(self, workers: int) -> None:
        from common import clock, ids
        from routing import services
        from routing.models import Worker, WorkerChannel

        self.now = clock.now
        self.workspace = services.create_workspace(account_id=ids.uuid7(), friendly_name="Bench", now=clock.now())
        self.available = self.workspace.activities.get(friendly_name="Available")
        self.offline = self.workspace.activities.get(friendly_name="Offline")
        self.patterns = []
        for number in range(QUEUES):
            queue = services.create_queue(
                workspace_id=self.workspace.id,
                friendly_name=f"Queue {number}",
                target_workers=f"skills HAS 's{number}'",
                now=clock.now(),
            )
            self.patterns.append(
                services.create_task(
                    account_id=self.workspace.account_id,
                    workspace_id=self.workspace.id,
                    workflow_id=None,
                    queue_id=queue.id,
                    attributes={"n": number},
                    task_channel="chat",
                    timeout_seconds=1_209_600,
                    now=clock.now(),
                )
            )
        for number in range(workers):
            skills = [f"s{(number + step) % QUEUES}" for step in (0, 17, 31)]
            services.create_worker(
                account_id=self.workspace.account_id,
                workspace_id=self.workspace.id,
                friendly_name=f"Worker {number}",
                attributes={"skills": skills, "level": number % 5},
                now=clock.now(),
            )
        WorkerChannel.objects.filter(worker__workspace=self.workspace).update(configured_capacity=CAPACITY)
        self.workers = list(Worker.objects.filter(workspace=self.workspace).order_by("id"))
        self.turn = 0
        self.assign_all()

    def fill(self, number: int) -> None:
        """Have ``number`` tasks wait, spread over the queues, and nobody at the desk."""
        from common import ids
        from routing.models import Reservation, Task, Worker, WorkerChannel

        mine = {"workspace": self.workspace}
        keep = [task.id for task in self.patterns]
        Reservation.objects.filter(**mine).delete()
        Task.objects.filter(**mine).exclude(id__in=keep).delete()
        calm = {"is_waiting": True, "is_fresh": False, "is_solo": False, "open_reservations": 0}
        Task.objects.filter(id__in=keep).update(status="pending", **calm)
        Worker.objects.filter(**mine).update(available=False, activity=self.offline, open_count=0, is_stirred=False)
        WorkerChannel.objects.filter(worker__workspace=self.workspace).update(assigned_tasks=0, is_free=False)
        patterns = list(Task.objects.filter(id__in=keep))
        rows = []
        for index in range(number - len(keep)):
            task = patterns[index % len(patterns)]
            task.pk = ids.uuid7()
            task.rank += 1
            rows.append(Task(**{field.attname: getattr(task, field.attname) for field in Task._meta.concrete_fields}))
        Task.objects.bulk_create(rows, batch_size=2_000)
        self._analyse()

    def time_one(self) -> float:
        """Let one worker become available and get a task; return the milliseconds it took."""
        from routing import services
        from routing.models import Reservation, Worker, WorkerChannel

        worker = self.workers[self.turn % len(self.workers)]
        self.turn += 1
        WorkerChannel.objects.filter(worker=worker).update(configured_capacity=1)

        def act() -> None:
            services.set_activity(worker_id=worker.id, activity_id=self.available.id, now=self.now())
            services.assign(workspace_id=self.workspace.id, now=self.now())

        seconds, _ = _timed(act)
        if Reservation.objects.filter(worker=worker, status="pending").count() < 1:
            raise SystemExit("bench.routing: the worker got nothing")
        WorkerChannel.objects.filter(worker=worker).update(configured_capacity=CAPACITY, is_free=False)
        Worker.objects.filter(id=worker.id).update(available=False, activity=self.offline, is_stirred=False)
        return seconds * 1000

    def open_all(self) -> None:
        from routing.models import Worker, WorkerChannel

        Worker.objects.filter(workspace=self.workspace).update(available=True, activity=self.available, is_stirred=True)
        WorkerChannel.objects.filter(worker__workspace=self.workspace).update(is_free=True)

    def assign_all(self) -> int:
        from routing import services

        made = 0
        while found := services.assign(workspace_id=self.workspace.id, now=self.now()):
            made += found
        return made

    def time_floor(self, rows: int) -> float:
        """Write what ``rows`` assignments must write, in one commit; return the milliseconds it took."""
        from django.db import connection, transaction

        from common import ids
        from common.bulk import update_many
        from routing.models import Reservation, RoutingEvent, Task, Worker, WorkerChannel

        workers = [self.workers[(self.turn + index) % len(self.workers)] for index in range(rows)]
        self.turn += rows
        tasks = list(Task.objects.filter(workspace=self.workspace).values_list("id", flat=True)[:rows])
        seats = dict(
            WorkerChannel.objects.filter(worker__in=workers, task_channel__unique_name="chat").values_list(
                "worker_id", "id"
            )
        )
        now = self.now()
        base = {"account_id": self.workspace.account_id, "workspace_id": self.workspace.id}

        def act() -> None:
            with transaction.atomic():
                Reservation.objects.bulk_create(
                    Reservation(
                        **base,
                        task_id=task,
                        worker=worker,
                        status="canceled",
                        expires_at=now,
                        created_at=now,
                        updated_at=now,
                    )
                    for task, worker in zip(tasks, workers, strict=True)
                )
                update_many(Task, ("version",), dict.fromkeys(tasks, (1,)))
                update_many(Worker, ("open_count",), {worker.id: (0,) for worker in workers})
                update_many(WorkerChannel, ("assigned_tasks",), {seats[worker.id]: (0,) for worker in workers})
                RoutingEvent.objects.bulk_create(
                    RoutingEvent(
                        **base, event_type="bench", resource_type="task", resource_id=ids.uuid7(), occurred_at=now
                    )
                    for _ in tasks
                )

        seconds, _ = _timed(act)
        connection.ensure_connection()
        return seconds * 1000

    def _analyse(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            # What autovacuum does in a running system.
            cursor.execute("ANALYZE")


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    answer = act()
    return time.perf_counter() - begun, answer


def _set_up() -> None:
    os.environ["DATABASE_URL"] = f"postgresql://postgres@127.0.0.1/{DATABASE}"
    os.environ.update(REDIS_URL="", CELERY_BROKER_URL="memory://", DJANGO_SETTINGS_MODULE="config.settings")
    import django

    django.setup()
    from common import outbox

    # Nobody else works here, so doorbells would only pile up in the broker.
    outbox.ring = lambda name: None  # type: ignore[assignment]


if __name__ == "__main__":
    main()
