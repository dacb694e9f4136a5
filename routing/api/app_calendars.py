"""``/app/v1/routing/calendars``: opening hours."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from common.api.parsers import Params
from common.errors import BadParameter, NotFound
from routing import calendars, services
from routing.api.app_base import RoutingView
from routing.api.app_writers import calendar_json
from routing.matching.hours import clock_text, countries, periods_of, zone_names
from routing.models import Calendar

MOST_DAYS = 92


class CalendarsView(RoutingView):
    def post(self, request: Request) -> Response:
        params = self.params(request)
        row = services.create_calendar(
            account_id=self.account_id, name=params.required("name"), values=_values(params), now=self.now
        )
        return Response(calendar_json(row, self.now), status=201)


class CalendarView(RoutingView):
    def get(self, request: Request, sid: str) -> Response:
        return Response(calendar_json(self.find(sid), self.now))

    def put(self, request: Request, sid: str) -> Response:
        params = self.params(request)
        row = services.update_calendar(
            account_id=self.account_id,
            calendar_id=self.key("CL", sid),
            name=params.text("name"),
            values=_values(params),
            now=self.now,
        )
        return Response(calendar_json(row, self.now))

    def delete(self, request: Request, sid: str) -> Response:
        services.delete_calendar(account_id=self.account_id, calendar_id=self.key("CL", sid), now=self.now)
        return Response(status=204)

    def find(self, sid: str) -> Calendar:
        row = Calendar.objects.filter(id=self.key("CL", sid), account_id=self.account_id).first()
        if row is None:
            raise NotFound("calendar")
        return row


class CalendarDaysView(CalendarView):
    """What a calendar says of each of some days, for a preview."""

    http_method_names = ("get", "head", "options")

    def get(self, request: Request, sid: str) -> Response:
        params = self.params(request)
        hours = calendars.hours_of(self.find(sid))
        days = params.integer("days", least=1, most=MOST_DAYS) or 31
        try:
            first = date.fromisoformat(params.text("from") or self.now.date().isoformat())
            listed = [first + timedelta(days=number) for number in range(days)]
        except (ValueError, OverflowError) as error:
            raise BadParameter("from must be a date, as 2026-12-24") from error
        told = []
        for day in listed:
            periods, reason = periods_of(hours, day)
            open_from = [{"from": clock_text(each.start), "to": clock_text(each.until)} for each in periods]
            told.append({"date": day.isoformat(), "periods": open_from, "reason": reason})
        return Response({"days": told})


class CalendarOptionsView(RoutingView):
    def get(self, request: Request) -> Response:
        known = [{"code": code, "subdivisions": list(parts)} for code, parts in countries().items()]
        return Response({"countries": known, "time_zones": sorted(zone_names())})


def _values(params: Params) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name in ("time_zone", "country", "subdivision"):
        if name in params:
            given[name] = params.text(name) or ""
    for name in ("weekly", "dates"):
        if name in params:
            given[name] = params.json(name)
    return given
