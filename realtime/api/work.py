"""``/app/v1/console/…``: what an agent does with a conversation besides writing in it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from common import clock, ids
from common.api import AppView
from common.api.app import AGENT
from common.api.parsers import Params
from common.errors import BadParameter, Conflict, Forbidden, NotFound
from interactions import queries as interactions
from interactions import services
from interactions.services import Notes
from realtime import work

TYPES = ("cold", "warm")
WAKE_TO = ("agent", "queue", "workflow")


class WorkerView(AppView):
    """For users who take tasks."""

    @property
    def worker_id(self) -> UUID:
        worker_id: UUID | None = self.request.user.worker_id
        if worker_id is None:
            raise Conflict("You take no tasks: no worker is linked to your user")
        return worker_id

    def participant(self, sid: str) -> Any:
        return work.own_participant(self.account_id, self.worker_id, self.key("WR", sid))

    def around(self, sid: str, *, status: int = 200) -> Response:
        return Response(work.around(self.account_id, self.worker_id, self.key("WR", sid)), status=status)


class WorkView(WorkerView):
    def get(self, request: Request, sid: str) -> Response:
        if request.user.worker_id is None:
            # Who takes no tasks has no reservations.
            raise NotFound("reservation")
        return self.around(sid)


class TransferView(WorkerView):
    def post(self, request: Request, sid: str) -> Response:
        params = self.params(request)
        services.start_transfer(
            participant=self.participant(sid),
            type=params.required("type", choices=TYPES),
            to_sid=params.required("to", max_length=40),
            note=params.text("note", max_length=1000) or "",
            only_available=True,
            now=clock.now(),
        )
        return self.around(sid, status=201)


class CancelTransferView(WorkerView):
    def post(self, request: Request, sid: str) -> Response:
        row = interactions.transfer(self.account_id, self.key("UX", sid))
        if row is None or row.worker_id != self.worker_id:
            raise NotFound("transfer")
        made = services.cancel_transfer(transfer=row, now=clock.now())
        return Response(work.transfer(made, worker_id=self.worker_id))


class EndView(WorkerView):
    def post(self, request: Request, sid: str) -> Response:
        for_all = self.params(request).boolean("for_all") or False
        services.end_conversation(participant=self.participant(sid), for_all=for_all, now=clock.now())
        return self.around(sid)


class LeaveView(WorkerView):
    def post(self, request: Request, sid: str) -> Response:
        services.leave_conversation(participant=self.participant(sid), now=clock.now())
        return self.around(sid)


class ParkView(WorkerView):
    def post(self, request: Request, sid: str) -> Response:
        params = self.params(request)
        services.park(
            participant=self.participant(sid),
            wake_to=params.required("wake_to", choices=WAKE_TO),
            note=params.text("note", max_length=1000) or "",
            wake_at=params.moment("wake_at"),
            seen_index=params.integer("seen_index", least=-1),
            now=clock.now(),
        )
        return Response(status=204)


class HandBackView(WorkerView):
    def post(self, request: Request, sid: str) -> Response:
        flow_sid = self.params(request).text("flow_sid")
        flow_id = ids.parse_or_none("FW", flow_sid) if flow_sid else None
        if flow_sid and flow_id is None:
            raise BadParameter("flow_sid must be a flow's SID")
        work.hand_back(self.participant(sid), flow_id=flow_id, now=clock.now())
        return Response(status=204)


class WrapUpView(WorkerView):
    def put(self, request: Request, sid: str) -> Response:
        row = work.own_reservation(self.account_id, self.worker_id, self.key("WR", sid))
        notes = read_notes(self.params(request))
        return Response(work.wrap_up(services.save_notes(task_id=row.task_id, notes=notes, now=clock.now())))


class ExtendView(WorkerView):
    def post(self, request: Request, sid: str) -> Response:
        row = work.own_reservation(self.account_id, self.worker_id, self.key("WR", sid))
        return Response(work.wrap_up(services.extend(task_id=row.task_id, now=clock.now())))


class DirectoryView(WorkerView):
    """``reservation``: for which conversation, so that who takes part already is marked."""

    def get(self, request: Request) -> Response:
        params = self.params(request)
        present: list[UUID] = []
        channel = params.text("channel", max_length=64) or "chat"
        reservation = params.text("reservation")
        if reservation:
            row = work.own_reservation(self.account_id, self.worker_id, self.key("WR", reservation))
            channel = row.task.channel.unique_name
            invite = interactions.invite_of_task(self.account_id, row.task_id)
            there = [] if invite is None else interactions.agents_present(invite.channel_id)
            present = [each.worker_id for each in there if each.worker_id is not None]
        return Response(
            work.directory(
                self.account_id,
                worker_id=self.worker_id,
                task_channel=channel,
                search=params.text("q", max_length=100) or "",
                present=present,
                now=clock.now(),
            )
        )


class FlowsView(WorkerView):
    def get(self, request: Request) -> Response:
        return Response({"flows": work.published_flows(self.account_id)})


class ParkedListView(AppView):
    """An agent's own; admins and supervisors see all, and with ``mine=true`` only theirs."""

    def get(self, request: Request) -> Response:
        is_own = request.user.role == AGENT or self.params(request).boolean("mine")
        if is_own and request.user.worker_id is None:
            return Response({"parked": []})
        worker_id = request.user.worker_id if is_own else None
        return Response({"parked": work.parked(self.account_id, worker_id=worker_id)})


class ParkedView(AppView):
    """``action``: ``wake`` for the user who asks, or ``close`` for good."""

    def post(self, request: Request, sid: str) -> Response:
        own = request.user.worker_id if request.user.role == AGENT else None
        if request.user.role == AGENT and own is None:
            raise Forbidden("You take no tasks")
        row = work.own_parking(self.account_id, self.key("PK", sid), worker_id=own)
        action, now = self.params(request).required("action", choices=("wake", "close")), clock.now()
        if action == "close":
            services.close_parked(parking=row, now=now)
            return Response(status=204)
        worker_id = request.user.worker_id
        made = services.wake(
            conversation_id=row.conversation_id,
            by="agent",
            worker_id=worker_id,
            is_auto_answered=worker_id is not None,
            now=now,
        )
        if made is None:
            raise Conflict("It is not parked any more")
        return Response({"task_sid": ids.sid("WT", made.task_id)})


def read_notes(params: Params) -> Notes:
    """Return what a wrap-up's form says."""
    return Notes(
        disposition=params.text("disposition", max_length=200),
        notes=params.text("notes"),
        values=params.json_object("values"),
    )
