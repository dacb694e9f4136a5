"""Compiled programs: each revision is parsed once in a process and kept, since a revision never changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from uuid import UUID

from flows.engine import DefinitionError, Program, compile_definition
from flows.models import FlowRevision

MOST = 500


class ProgramCache:
    """The last used programs, by flow and revision; safe for all threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._programs: OrderedDict[tuple[UUID, int], Program] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, flow_id: UUID, revision: int) -> Program | None:
        """Return the program of a revision; None where there is no such revision or it cannot be compiled."""
        key = (flow_id, revision)
        with self._lock:
            known = self._programs.get(key)
            if known is not None:
                self._programs.move_to_end(key)
                return known
        row = FlowRevision.objects.filter(flow_id=flow_id, revision=revision).values_list("definition").first()
        if row is None:
            return None
        try:
            program = compile_definition(row[0])
        except DefinitionError:
            return None
        with self._lock:
            self._programs[key] = program
            while len(self._programs) > self._most:
                self._programs.popitem(last=False)
        return program

    def clear(self) -> None:
        """Forget everything; for tests that reuse keys."""
        with self._lock:
            self._programs.clear()


programs = ProgramCache()
