"""``/app/v1/reports``: supervisors' and admins' figures, on the screen and as files."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import queries as accounts
from common import clock, ids
from common.api import AppView
from common.api.app import ADMIN, AGENT, SUPERVISOR
from common.api.parsers import Params
from common.csv import download
from common.errors import BadParameter, Conflict, NotFound
from flows import queries as flows
from reports import export, figures, queries, timelines
from reports.period import Period, read_period, read_zone
from reports.queries import names_of_agents
from routing import histories
from routing import queries as routing


class ReportView(AppView):
    roles: ClassVar[frozenset[str]] = frozenset({ADMIN, SUPERVISOR})

    def period(self, params: Params) -> Period:
        zone = params.text("time_zone", max_length=64) or accounts.time_zones([self.account_id]).get(
            self.account_id, "UTC"
        )
        return read_period(
            params.text("from"), params.text("to"), read_zone(zone), params.text("interval") or None, clock.now()
        )


class FiguresView(ReportView):
    def get(self, request: Request) -> Response:
        return Response(self.report())

    def report(self) -> dict[str, Any]:
        params = self.params(self.request)
        filters = figures.Filters(
            queue_id=sid_key(params, "queue_sid", "WQ"),
            worker_id=sid_key(params, "worker_sid", "WK"),
            flow_id=sid_key(params, "flow_sid", "FW"),
            channel=params.text("channel", max_length=64) or None,
        )
        by = params.text("by", choices=tuple(figures.BY)) or "queue"
        return figures.report(self.account_id, self.period(params), by, queries.goals(self.account_id), filters)


class FiguresFile(FiguresView):
    def get(self, request: Request) -> HttpResponseBase:
        told = self.report()
        rows = [{"name": "All", **told["totals"]}, *told["rows"]]
        columns = [name for name in (told["rows"] or rows)[0] if name not in ("sid", "name")]
        name = f"{told['by']}s-{told['from'][:10]}.csv"
        return download(
            name, (told["by"], *columns), ([row["name"], *(row.get(each) for each in columns)] for row in rows)
        )


class SeriesFile(FiguresView):
    def get(self, request: Request) -> HttpResponseBase:
        told = self.report()
        columns = list(told["totals"])
        rows = ([point["start"], *(point[each] for each in columns)] for point in told["series"])
        return download(f"{told['interval']}s-{told['from'][:10]}.csv", (told["interval"], *columns), rows)


class ConversationsFile(ReportView):
    def get(self, request: Request) -> HttpResponseBase:
        period = self.period(self.params(request))
        return download(
            f"conversations-{period.start.astimezone(period.zone):%Y-%m-%d}.csv",
            export.HEADER,
            export.rows(self.account_id, period),
        )


class MineView(ReportView):
    """What somebody did themselves: whoever takes tasks sees their own figures, and nobody else's."""

    roles: ClassVar[frozenset[str]] = frozenset({ADMIN, SUPERVISOR, AGENT})

    def get(self, request: Request) -> Response:
        worker_id = request.user.worker_id
        if worker_id is None:
            raise Conflict("You take no tasks: no worker is linked to your user")
        period = self.period(self.params(request))
        spent = timelines.hours(self.account_id, period, clock.now(), worker_id)
        mine = spent["agents"][0]["seconds"] if spent["agents"] else {}
        return Response(
            {
                **{name: spent[name] for name in ("from", "to", "time_zone")},
                "figures": figures.of_agent(self.account_id, period, queries.goals(self.account_id), worker_id),
                "activities": [
                    {**each, "seconds": mine[each["sid"]]} for each in spent["activities"] if mine.get(each["sid"])
                ],
            }
        )


class TimelineView(ReportView):
    def get(self, request: Request) -> Response:
        return Response(timelines.hours(self.account_id, self.period(self.params(request)), clock.now()))


class TimelineFile(ReportView):
    def get(self, request: Request) -> HttpResponseBase:
        told = timelines.hours(self.account_id, self.period(self.params(request)), clock.now())
        header = ("agent", *(f"{each['name']} (s)" for each in told["activities"]))
        rows = (
            [agent["name"], *(agent["seconds"].get(each["sid"], 0) for each in told["activities"])]
            for agent in told["agents"]
        )
        return download(f"activities-{told['from'][:10]}.csv", header, rows)


class AgentTimelineView(ReportView):
    def get(self, request: Request, sid: str) -> Response:
        worker_id = self.key("WK", sid)
        period = self.period(self.params(request))
        stretches = timelines.stretches(self.account_id, worker_id, period, clock.now())
        if not stretches:
            # One who has left is known by what they did; of everybody else the account must have the worker.
            found = routing.worker(worker_id)
            if found is None or found.account_id != self.account_id:
                raise NotFound("worker")
        return Response({"stretches": stretches})


class OptionsView(ReportView):
    """What a report can be narrowed to."""

    def get(self, request: Request) -> Response:
        zone = accounts.time_zones([self.account_id]).get(self.account_id, "UTC")
        return Response(
            {
                "time_zone": zone,
                "queues": _named("WQ", histories.names_of_queues(self.account_id)),
                "agents": _named("WK", names_of_agents(self.account_id)),
                "flows": _named("FW", flows.flow_names(self.account_id)),
                "channels": ["sms", "whatsapp", "messenger", "gbm", "rcs", "chat"],
                "task_channels": [row.unique_name for row in routing.task_channels(self.account_id)],
            }
        )


def _named(prefix: str, names: dict[UUID, str]) -> list[dict[str, str]]:
    ordered = sorted(names.items(), key=lambda one: (one[1].casefold(), one[0]))
    return [{"sid": ids.sid(prefix, key), "name": name} for key, name in ordered]


def sid_key(params: Params, name: str, prefix: str) -> UUID | None:
    text = params.text(name)
    if not text:
        return None
    key = ids.parse_or_none(prefix, text)
    if key is None:
        raise BadParameter(f"{name} must be a SID that begins with {prefix}")
    return key
