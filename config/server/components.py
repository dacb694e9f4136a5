"""The Celery worker and beat as threads that can be started, watched and stopped."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from celery import Celery, beat
from celery.worker import WorkController
from celery.worker import state as worker_state

from config.server.lanes import Lanes

logger = logging.getLogger(__name__)

# How long lanes may take to finish what they have in hand, once the process is to end.
LANE_SECONDS = 4.0

Ended = Callable[["Component"], None]


class Component(ABC, threading.Thread):
    """
    A part of the server in a thread of its own. ``ended(component)`` is called when it ends, asked to or not.

    ``error`` says why it ended by itself.
    """

    def __init__(self, name: str, ended: Ended) -> None:
        super().__init__(name=name, daemon=True)
        self.error = ""
        self._ended = ended

    def run(self) -> None:
        try:
            self.work()
        except BaseException as error:
            logger.exception("The %s failed", self.name)
            self.error = f"{type(error).__name__}: {error}"
        self._ended(self)

    @abstractmethod
    def work(self) -> None:
        """Do the component's work until ``stop`` is called."""

    @abstractmethod
    def stop(self) -> None:
        """Ask the component to end; returns at once."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Tell whether it does its work."""


class Worker(Component):
    """Takes doorbells off ``queues`` and wakes the lanes that do what they are rung for."""

    def __init__(self, app: Celery, queues: Sequence[str], ended: Ended) -> None:
        super().__init__("worker", ended)
        self._consuming = threading.Event()
        self._lanes = Lanes(queues)
        self._controller = WorkController(
            app=app,
            queues=list(queues),
            # A bell only wakes a lane, so whoever takes it off the broker can do that.
            pool_cls="solo",
            concurrency=1,
            # Celery's own event loop is one a process; the plain loop runs in any thread, on every broker.
            use_eventloop=False,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            ready_callback=lambda _: self._consuming.set(),
        )

    def work(self) -> None:
        self._controller.app.set_current()
        worker_state.should_stop = None
        self._lanes.open()
        try:
            self._controller.start()
        finally:
            self._lanes.close(LANE_SECONDS)
        if self._controller.exitcode:
            raise RuntimeError(f"Celery's worker ended with code {self._controller.exitcode}")

    def stop(self) -> None:
        # Seen by the worker's own loop within two seconds; its running tasks are let finish.
        worker_state.should_stop = 0

    def is_ready(self) -> bool:
        return self.is_alive() and self._consuming.is_set()


class Beat(Component):
    """Rings for the sweep once a second."""

    def __init__(self, app: Celery, ended: Ended) -> None:
        super().__init__("beat", ended)
        self._app = app
        # The schedule is fixed and every entry is due again soon: nothing to keep in a file.
        self._service = beat.Service(app, scheduler_cls=beat.Scheduler, remote_control=False)

    def work(self) -> None:
        self._app.set_current()
        self._service.start()

    def stop(self) -> None:
        self._service.stop(wait=False)

    def is_ready(self) -> bool:
        return self.is_alive()


def make(names: Sequence[str], app: Celery, queues: Sequence[str], ended: Ended) -> list[Component]:
    """Make the named components; they are not started yet."""
    made: list[Component] = []
    if "worker" in names:
        made.append(Worker(app, queues, ended))
    if "beat" in names:
        made.append(Beat(app, ended))
    return made
