"""Several processes at once: here threads with a database connection each."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.db import connections
from django.db.models import Count, Q

from common import ids
from common.errors import ApiError
from routing import services
from routing.errors import ReservationNotPending
from routing.models import Reservation, Task, Worker, WorkerChannel
from routing.services import assigning, timing
from tests.routing.conftest import START, House

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(calls: Iterable[Callable[[], Any]]) -> list[Any]:
    """Make calls at the same moment, a thread each; return their answers, errors as values."""
    calls = list(calls)
    barrier = threading.Barrier(len(calls))
    answers: list[Any] = [None] * len(calls)

    def run(number: int, call: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=30)
            answers[number] = call()
        except Exception as error:
            answers[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads)
    return answers


@pytest.fixture
def house() -> House:
    workspace = services.create_workspace(account_id=ids.uuid7(), friendly_name="House", template="FIFO", now=START)
    return House(workspace)


def test_lets_one_of_twenty_simultaneous_accepts_win(house: House) -> None:
    house.worker("a")
    task = house.task()
    house.settle()
    reservation = house.reservation(task)

    answers = at_once([lambda: house.accept(reservation)] * 20)

    assert Counter(type(answer) for answer in answers) == {Reservation: 1, ReservationNotPending: 19}
    assert list(Reservation.objects.values_list("status", flat=True)) == ["accepted"]


def test_lets_one_of_several_workers_win_the_same_task(house: House) -> None:
    queue = house.queue("Race", max_reserved_workers=8)
    for number in range(8):
        house.worker(f"w{number}")
    house.task(workflow=house.workflow(default=queue))
    house.settle()
    offered = list(Reservation.objects.all())

    answers = at_once([lambda row=row: house.accept(row) for row in offered])

    assert Counter(type(answer) for answer in answers) == {Reservation: 1, ReservationNotPending: 7}
    assert Counter(Reservation.objects.values_list("status", flat=True)) == {"accepted": 1, "rescinded": 7}
    assert sum(Worker.objects.values_list("open_count", flat=True)) == 1


def test_makes_one_default_workspace_of_simultaneous_provisions(house: House) -> None:
    account_id = ids.uuid7()

    made = at_once([lambda: services.provision_workspace(account_id=account_id, now=START)] * 5)

    assert len({workspace.id for workspace in made}) == 1


def test_keeps_its_books_while_everybody_works_at_once(house: House) -> None:
    queue = house.queue("Race", target_workers="1 == 1", max_reserved_workers=2)
    workflow = house.workflow(default=queue, friendly_name="Race")
    for number in range(6):
        house.worker(f"w{number}", capacity=2)

    def work(seed: int) -> None:
        draw = random.Random(seed)
        for _ in range(25):
            now = house.now
            try:
                match draw.randrange(7):
                    case 0 | 1:
                        house.task({"n": seed}, workflow=workflow if draw.random() < 0.5 else None)
                    case 2:
                        assigning.drain(now)
                        timing.drain(now)
                    case 3 | 4:
                        row = Reservation.objects.filter(status="pending").order_by("?").first()
                        if row is not None:
                            answer = house.accept if draw.random() < 0.7 else house.reject
                            answer(row)
                    case 5:
                        row = Reservation.objects.filter(status="accepted").order_by("?").first()
                        if row is not None:
                            services.complete_reservation(reservation_id=row.id, worker_id=row.worker_id, now=now)
                    case 6:
                        worker = Worker.objects.order_by("?").first()
                        where = house.activity(draw.choice(["Available", "Offline"]))
                        services.set_activity(
                            worker_id=worker.id,
                            activity_id=where.id,
                            reject_pending=not where.available,
                            now=now,
                        )
            except ApiError:
                pass  # somebody else was faster, as in life

    answers = at_once([lambda seed=seed: work(seed) for seed in range(6)])
    house.settle()

    assert [answer for answer in answers if answer is not None] == []
    held = Q(reservations__status__in=Reservation.HELD)
    for worker in Worker.objects.annotate(recount=Count("reservations", filter=held)):
        assert worker.open_count == worker.recount
    for seat in WorkerChannel.objects.all():
        on_it = Reservation.objects.filter(
            worker=seat.worker_id, task__channel=seat.task_channel_id, status__in=Reservation.HELD
        )
        assert seat.assigned_tasks == on_it.count() <= seat.configured_capacity
    twice = Task.objects.annotate(
        owners=Count("reservations", filter=Q(reservations__status__in=("accepted", "wrapping")))
    ).filter(owners__gt=1)
    assert not twice.exists()
