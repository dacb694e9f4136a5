"""The worker's threads: a few for every queue, so that slow third parties never hold up the runtime."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from celery.concurrency.base import BasePool, apply_target
from celery.concurrency.thread import ApplyResult

# Threads a queue. What waits for others (providers, servers of customers) gets more; what computes gets few.
LANES = {"runtime": 2, "routing": 1, "deliver": 4, "http": 4, "webhooks": 2}


class LanePool(BasePool):
    """Celery's thread pool, with an executor of its own for each queue."""

    body_can_be_buffer = True
    signal_safe = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lanes = {
            name: ThreadPoolExecutor(max_workers=threads, thread_name_prefix=name) for name, threads in LANES.items()
        }

    def on_apply(
        self,
        target: Callable[..., Any],
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
        callback: Callable[..., Any] | None = None,
        accept_callback: Callable[..., Any] | None = None,
        **_: Any,
    ) -> ApplyResult:
        lane = self._lanes.get(_queue_of(args or ()), self._lanes["runtime"])
        future: Future[Any] = lane.submit(apply_target, target, args, kwargs, callback, accept_callback)
        return ApplyResult(future)

    def on_stop(self) -> None:
        for lane in self._lanes.values():
            lane.shutdown(wait=False, cancel_futures=True)
        for lane in self._lanes.values():
            lane.shutdown(wait=True)
        super().on_stop()


def _queue_of(args: tuple[Any, ...]) -> str:
    """Return the queue a task came by; ``args`` are those of Celery's tracer: type, id, request, …"""
    request = args[2] if len(args) > 2 and isinstance(args[2], dict) else {}
    return str((request.get("delivery_info") or {}).get("routing_key", ""))
