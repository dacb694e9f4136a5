"""Reservations, under their task and under their worker."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.paging import page
from common.errors import BadParameter, NotFound
from routing import services
from routing.api.base import SOURCE, WorkspaceView, filter_key, if_match, key_param, with_etag
from routing.api.writers import write_reservation
from routing.models import Reservation, Task, Worker

STATUSES = tuple(Reservation.Status.values)
VOICE_INSTRUCTIONS = ("call", "dequeue", "conference", "redirect", "supervise")
# The answers a caller may give; the others come about by themselves.
ANSWERS = {
    "accepted": services.accept_reservation,
    "rejected": services.reject_reservation,
    "wrapping": services.wrap_reservation,
    "completed": services.complete_reservation,
}
INSTRUCTIONS = {"accept": "accepted", "reject": "rejected"}


class _Parent(WorkspaceView):
    """``parent`` is the collection in the path before the reservations."""

    parent: str = "Tasks"

    def rows(self, sid: str) -> QuerySet[Reservation]:
        model, prefix = (Task, "WT") if self.parent == "Tasks" else (Worker, "WK")
        owner: Any = self.own(model, prefix, sid)
        return owner.reservations.select_related("worker")


class ReservationsView(_Parent):
    def get(self, request: Request, workspace_sid: str, parent_sid: str) -> Response:
        params = self.params(request)
        rows = self.rows(parent_sid)
        status = params.text("ReservationStatus")
        if status:
            if status not in STATUSES:
                raise BadParameter(f"ReservationStatus must be one of {', '.join(STATUSES)}")
            rows = rows.filter(status=status)
        if (worker := filter_key(params, "WorkerSid", "WK")) is not None:
            rows = rows.filter(worker_id=worker)
        return page(
            request, rows, key="reservations", write=lambda row: write_reservation(row, self.parent), order="id"
        )


class ReservationView(_Parent):
    def get(self, request: Request, workspace_sid: str, parent_sid: str, sid: str) -> Response:
        row = self._find(parent_sid, sid)
        return with_etag(write_reservation(row, self.parent), row.version)

    def post(self, request: Request, workspace_sid: str, parent_sid: str, sid: str) -> Response:
        params = self.params(request)
        row = self._find(parent_sid, sid)
        status = params.text("ReservationStatus") or self._instructed(params.text("Instruction"))
        answer = ANSWERS.get(status)
        if answer is None:
            raise BadParameter(f"ReservationStatus must be one of {', '.join(ANSWERS)}")
        more: dict[str, Any] = {}
        if status == "rejected":
            more["activity_id"] = key_param(params, "WorkerActivitySid", "WA")
        answer(
            reservation_id=row.id,
            worker_id=None,
            if_match=if_match(request),
            now=self.now,
            source=SOURCE,
            **more,
        )
        row = self._find(parent_sid, sid)
        return with_etag(write_reservation(row, self.parent), row.version)

    def _instructed(self, instruction: str | None) -> str:
        name = (instruction or "").lower()
        if name in VOICE_INSTRUCTIONS:
            raise BadParameter(f"Instruction {name} needs voice, which is not available here")
        if name and name not in INSTRUCTIONS:
            raise BadParameter("Instruction must be accept or reject")
        return INSTRUCTIONS.get(name, "")

    def _find(self, parent_sid: str, sid: str) -> Reservation:
        row = self.rows(parent_sid).filter(id=self.key("WR", sid)).first()
        if row is None:
            raise NotFound(f"resource {self.request.path}")
        return row
