"""``/app/v1/console``: the worker's own desk."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from common import clock, ids
from common.api import AppView
from common.api.parsers import Params
from common.errors import BadParameter, Conflict, NotFound
from console import queries as console
from console.api.apps import write as write_app
from console.api.setup import write as write_settings
from interactions import services as interactions
from realtime import desk
from realtime.api.work import read_notes
from routing import queries as routing
from routing import services as routing_services
from routing.errors import PendingReservations, ReservationNotPending, TransitionRefused


class ConsoleView(AppView):
    def get(self, request: Request) -> Response:
        now = clock.now()
        worker_id = request.user.worker_id
        row = None if worker_id is None else routing.worker(worker_id)
        if row is None:
            return Response(
                {"worker": None, "activities": [], "reservations": [], "now": clock.to_iso(now), **_setup(request)}
            )
        return Response(
            {
                "worker": desk.worker(row),
                "activities": [
                    {"sid": ids.sid("WA", each.id), "name": each.friendly_name, "available": each.available}
                    for each in routing.activities(row.workspace_id)
                ],
                "reservations": desk.snapshot(row.id, now=now),
                "now": clock.to_iso(now),
                **_setup(request),
            }
        )


class ActivityView(AppView):
    def post(self, request: Request) -> Response:
        worker_id = _worker_id(request)
        sid = self.params(request).required("activity_sid")
        activity_id = ids.parse_or_none("WA", sid)
        if activity_id is None:
            raise BadParameter("activity_sid must be an activity's SID")
        try:
            routing_services.set_activity(worker_id=worker_id, activity_id=activity_id, now=clock.now())
        except PendingReservations as error:
            raise Conflict("Answer the offered tasks first") from error
        row = routing.worker(worker_id)
        if row is None:
            raise NotFound("worker")
        return Response(desk.worker(row))


class ReservationView(AppView):
    def post(self, request: Request, sid: str) -> Response:
        worker_id = _worker_id(request)
        reservation_id = self.key("WR", sid)
        params = self.params(request)
        wrap_up = params.json_object("wrap_up")
        try:
            interactions.answer_reservation(
                reservation_id=reservation_id,
                worker_id=worker_id,
                status=params.required("status", choices=interactions.ANSWERS),
                outcome=params.text("outcome"),
                notes=None if wrap_up is None else read_notes(Params(wrap_up)),
                now=clock.now(),
            )
        except (ReservationNotPending, TransitionRefused) as error:
            # Another tab was faster, or the offer is over: the browser reads the desk again.
            raise Conflict(error.message) from error
        found = desk.reservations(worker_id, [reservation_id], now=clock.now())
        if not found:
            raise NotFound("reservation")
        return Response(found[0])


def _setup(request: Request) -> dict[str, Any]:
    """Return how the account and the user have set up the console."""
    account_id = request.user.account_id
    return {
        "settings": write_settings(console.settings(account_id)),
        "preferences": console.preferences(request.user.id),
        "apps": [write_app(row) for row in console.apps(account_id, enabled_only=True)],
    }


def _worker_id(request: Request) -> UUID:
    """
    Return the worker that the user takes tasks as.

    :raises Conflict: they take none.
    """
    worker_id: UUID | None = request.user.worker_id
    if worker_id is None:
        raise Conflict("You take no tasks: no worker is linked to your user")
    return worker_id
