"""A worker's shared capacity, and channels that take turns."""

from __future__ import annotations

import pytest

from routing import services
from routing.models import Task, TaskChannel, Worker, WorkerChannel, Workspace
from tests.routing.conftest import House, fresh

pytestmark = pytest.mark.django_db


def bound(house: House, worker: Worker, units: int, **channels: int) -> None:
    """Give a worker a shared capacity, and the channels the units that one of their tasks takes."""
    for name, each in channels.items():
        channel = TaskChannel.objects.get(workspace=house.workspace, unique_name=name)
        services.update_task_channel(task_channel_id=channel.id, units=each, now=house.now)
    services.update_worker(worker_id=worker.id, capacity_units=units, now=house.now)


def free(worker: Worker) -> set[str]:
    seats = WorkerChannel.objects.filter(worker=worker, is_free=True)
    return set(seats.values_list("task_channel__unique_name", flat=True))


def complete(house: House, task: Task) -> None:
    reservation = house.reservation(task)
    if reservation.status == "pending":
        house.accept(reservation)
    services.complete_reservation(reservation_id=reservation.id, worker_id=None, now=house.now)
    house.settle()


def test_bounds_what_a_worker_holds_on_all_channels_together(house: House) -> None:
    ada = house.worker("ada", capacity=5)
    bound(house, ada, 4, chat=1, voice=3)
    chats = [house.task() for _ in range(2)]
    call = house.task(task_channel="voice")
    house.settle()

    assert [house.reserved(task) for task in chats] == [["ada"], ["ada"]]
    assert house.reserved(call) == []
    assert "voice" not in free(ada)
    assert "chat" in free(ada)

    complete(house, chats[0])
    assert house.reserved(call) == ["ada"]
    assert free(ada) == set()


def test_counts_within_one_pass(house: House) -> None:
    ada = house.worker("ada", capacity=5)
    bound(house, ada, 2)
    tasks = [house.task(task_channel=name) for name in ("chat", "sms", "voice", "chat")]

    house.settle()

    assert [house.reserved(task) for task in tasks] == [["ada"], ["ada"], [], []]
    assert fresh(ada).open_count == 2


def test_hears_of_a_wider_bound(house: House) -> None:
    ada = house.worker("ada", capacity=5)
    bound(house, ada, 1)
    tasks = [house.task() for _ in range(3)]
    house.settle()

    services.update_worker(worker_id=ada.id, capacity_units=2, now=house.now)
    house.settle()
    assert [house.reserved(task) for task in tasks] == [["ada"], ["ada"], []]

    services.update_worker(worker_id=ada.id, capacity_units=0, now=house.now)
    house.settle()
    assert house.reserved(tasks[2]) == ["ada"]


def serve(house: House, count: int) -> list[str]:
    """Let the one task that is held be completed, again and again; returns the channels in the order served."""
    served = []
    for _ in range(count):
        house.wait(1)
        task = Task.objects.select_related("channel").get(status="reserved")
        served.append(task.channel.unique_name)
        complete(house, task)
    return served


def backlog(house: House) -> None:
    """Six chats that wait, and after them three text messages, for a worker who can take one at a time."""
    bound(house, house.worker("ada", capacity=5), 1)
    for name, count in (("chat", 6), ("sms", 3)):
        for _ in range(count):
            house.wait(1)
            house.task(task_channel=name)
    house.settle()


def test_without_turns_the_oldest_go_first(house: House) -> None:
    backlog(house)

    assert serve(house, 9) == ["chat"] * 6 + ["sms"] * 3


def test_with_turns_a_backlog_starves_nobody(house: House) -> None:
    services.update_workspace(workspace_id=house.workspace.id, channel_fairness="round_robin", now=house.now)
    backlog(house)

    assert serve(house, 9) == ["chat", "sms", "chat", "sms", "chat", "sms", "chat", "chat", "chat"]
    assert Workspace.objects.get(id=house.workspace.id).channel_turns.keys() <= {"chat", "sms"}
