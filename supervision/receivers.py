"""What supervision hears: work that is over needs no help any more; who calls for help is on the wallboard at once."""

from __future__ import annotations

from collections.abc import Sequence

from common import clock, events
from routing.events import RoutingHappened, TaskCanceled, TaskCompleted, TaskWrapping
from supervision import services, wallboard
from supervision.events import HelpChanged


def close_help(batch: Sequence[RoutingHappened]) -> None:
    # A hint that is lost does no harm: requests about work that is over are not listed either.
    ended = {event.task_id for event in batch if event.task_id is not None}
    services.close_help_of_tasks(task_ids=ended, now=clock.now())


def forget_boards(batch: Sequence[HelpChanged]) -> None:
    for account_id in {event.account_id for event in batch}:
        wallboard.forget(account_id)


def connect() -> None:
    """Subscribe; called once when the application is ready."""
    for event_type in (TaskWrapping, TaskCompleted, TaskCanceled):
        events.live(event_type, close_help)
    events.live(HelpChanged, forget_boards)
