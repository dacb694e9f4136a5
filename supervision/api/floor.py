"""``/app/v1/supervisor``: the wallboard, its settings, agents and conversations."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from common import ids
from common.api.app import ADMIN
from common.api.parsers import Params
from common.errors import BadParameter, Conflict
from reports import queries as reports
from reports import services as report_services
from routing import queries as routing
from routing.errors import PendingReservations
from supervision import floor, services, wallboard
from supervision.agents import Wanted
from supervision.api.base import SupervisorView, optional_key, page_of
from supervision.services.people import SeatChange

CHAT_STATUSES = {"waiting": ("pending", "reserved"), "assigned": ("assigned",), "wrapping": ("wrapping",)}
MAX_CAPACITY = 1000


class WallboardView(SupervisorView):
    def get(self, request: Request) -> Response:
        window = self.params(request).text("window") or "today"
        return Response(wallboard.read(self.account_id, window, self.now))


class SettingsView(SupervisorView):
    write_roles: ClassVar[frozenset[str]] = frozenset({ADMIN})

    def get(self, request: Request) -> Response:
        return Response(dict(reports.goals(self.account_id).values))

    def put(self, request: Request) -> Response:
        self.params(request)  # an object, or refused
        goals = report_services.change_goals(
            account_id=self.account_id, given=request.data, actor=request.user.sid, now=self.now
        )
        wallboard.forget(self.account_id)
        return Response(dict(goals.values))


class AgentsView(SupervisorView):
    def get(self, request: Request) -> Response:
        params = self.params(request)
        activities = (params.text("activity_sid") or "").split(",")
        wanted = Wanted(
            activities=frozenset(_activity(sid) for sid in activities if sid),
            team=params.text("team") or "",
            skill=params.text("skill") or "",
            text=(params.text("text", max_length=200) or "").strip(),
        )
        offset, limit = page_of(params)
        return Response(
            floor.agents(
                self.account_id,
                wanted=wanted,
                queue_id=optional_key(params, "queue_sid", "WQ"),
                sort=params.text("sort", choices=floor.SORTS) or "name",
                offset=offset,
                limit=limit,
                now=self.now,
            )
        )


class AgentView(SupervisorView):
    def put(self, request: Request, sid: str) -> Response:
        worker_id = self.key("WK", sid)
        params = self.params(request)
        skills = params.json("skills")
        if skills is not None and not isinstance(skills, list):
            raise BadParameter("skills must be a list")
        change = services.AgentChange(
            activity_id=optional_key(params, "activity_sid", "WA"),
            seats=_seats(params),
            skills=skills,
            reject_pending=bool(params.boolean("reject_pending_reservations")),
        )
        try:
            services.change_agent(actor=self.actor, worker_id=worker_id, change=change, now=self.now)
        except PendingReservations as error:
            raise Conflict(
                "Work is offered to this agent at the moment: try again, or have it offered to others"
            ) from error
        row = routing.worker(worker_id)
        assert row is not None
        found = floor.agents(
            self.account_id,
            wanted=Wanted(text=row.friendly_name),
            queue_id=None,
            sort="name",
            offset=0,
            limit=1000,
            now=self.now,
        )
        return Response(next(each for each in found["agents"] if each["sid"] == row.sid))


class ChatsView(SupervisorView):
    def get(self, request: Request) -> Response:
        params = self.params(request)
        chosen = params.text("status", choices=("", *CHAT_STATUSES)) or ""
        statuses = (
            CHAT_STATUSES[chosen] if chosen else tuple(each for group in CHAT_STATUSES.values() for each in group)
        )
        offset, limit = page_of(params)
        return Response(
            floor.chats(
                self.account_id,
                statuses=statuses,
                queue_id=optional_key(params, "queue_sid", "WQ"),
                worker_id=optional_key(params, "worker_sid", "WK"),
                offset=offset,
                limit=limit,
                now=self.now,
            )
        )


def _activity(sid: str) -> object:
    key = ids.parse_or_none("WA", sid)
    if key is None:
        raise BadParameter("activity_sid must be activities' SIDs with commas between them")
    return key


def _seats(params: Params) -> dict[str, SeatChange]:
    given = params.json_object("channels") or {}
    found = {}
    for name, value in given.items():
        if not isinstance(value, dict):
            raise BadParameter(f"channels.{name} must be an object")
        seat = Params(value)
        found[name] = SeatChange(
            capacity=seat.integer("capacity", least=0, most=MAX_CAPACITY), available=seat.boolean("available")
        )
    return found
