"""
SQLite for a process of many threads: writers queue in Python instead of in SQLite.

SQLite lets a second writer sleep and try again, up to 100 ms at a time, in no order. In one process of many threads
that sleep is most of a message's time; a lock hands the database over at once. Other processes still meet SQLite's own.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import Any

from django.db.backends.sqlite3 import base

_writers: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


class DatabaseWrapper(base.DatabaseWrapper):
    """Holds its database's writer lock from BEGIN IMMEDIATE to the end of the transaction."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._held: threading.Lock | None = None

    def _start_transaction_under_autocommit(self) -> None:
        lock = _writers[str(self.settings_dict["NAME"])]
        lock.acquire()
        self._held = lock
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._let_go()
            raise

    def _commit(self) -> Any:
        result = super()._commit()
        # Not where it fails: the transaction goes on until the rollback that follows.
        self._let_go()
        return result

    def _rollback(self) -> Any:
        try:
            return super()._rollback()
        finally:
            self._let_go()

    def _close(self) -> Any:
        try:
            return super()._close()
        finally:
            self._let_go()

    def _let_go(self) -> None:
        if self._held is not None:
            self._held.release()
            self._held = None
