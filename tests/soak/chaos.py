"""Killing, and the supervisor that starts again what ended."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter

from tests.servers import Installation
from tests.soak.stores import Postgres, Redis

RESTART_SECONDS = 0.5


class Supervisor:
    """Starts every process of an installation, and again whenever one has ended, as an operator's would."""

    def __init__(self, server: Installation) -> None:
        self._server = server
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.restarts: Counter[str] = Counter()

    def begin(self) -> None:
        for role in self._server.roles:
            self._server.spawn(role)
        self._thread.start()

    def end(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopped.wait(RESTART_SECONDS):
            for role in self._server.ended():
                self.restarts[role] += 1
                self._server.spawn(role)


class Chaos:
    """``kills`` SIGKILLs of our processes and of Redis, and ``database_restarts``, spread at random over the run."""

    def __init__(
        self,
        server: Installation,
        *,
        kills: int,
        database_restarts: int,
        seed: int,
        postgres: Postgres | None,
        redis: Redis | None,
    ) -> None:
        self._server, self._postgres, self._redis = server, postgres, redis
        self._random = random.Random(seed)
        victims = [*server.roles, *(["redis"] if redis else [])]
        plan = [victims[number % len(victims)] for number in range(kills)]
        plan += ["postgres"] * (database_restarts if postgres else 0)
        self._random.shuffle(plan)
        self._plan = plan
        self.done: Counter[str] = Counter()

    def planned(self) -> int:
        return len(self._plan)

    def strike(self, progress: float) -> None:
        """Do what is due when this share of the run is over."""
        while self._plan and sum(self.done.values()) < progress * (len(self._plan) + sum(self.done.values())):
            victim = self._plan.pop()
            self.done[victim] += 1
            downtime = self._random.uniform(0.2, 2.0)
            if victim == "redis" and self._redis:
                self._redis.kill()
                time.sleep(downtime)
                self._redis.start()
            elif victim == "postgres" and self._postgres:
                self._postgres.kill()
                time.sleep(downtime)
                self._postgres.start()
            else:
                # The supervisor brings it back.
                self._server.kill_only(victim)
