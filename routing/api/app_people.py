"""``/app/v1/routing/workers``, ``…/activities`` and ``…/task-channels``."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from common import ids
from common.api.parsers import Params
from common.errors import BadParameter
from routing import services
from routing.api.app_base import MAX_NUMBER, SOURCE, RoutingView, own_key
from routing.api.app_overview import activities_of, workers_of
from routing.api.app_writers import task_channel_json
from routing.models import Activity, TaskChannel, Worker, WorkerChannel, Workspace


class WorkersView(RoutingView):
    def post(self, request: Request) -> Response:
        params = self.params(request)
        with transaction.atomic():
            row = services.create_worker(
                account_id=self.account_id,
                workspace_id=self.workspace.id,
                friendly_name=params.required("friendly_name"),
                attributes=params.json_object("attributes") or {},
                activity_id=own_key(params, "activity_sid", "WA", Activity, self.workspace),
                capacity_units=params.integer("capacity_units", least=0, most=MAX_NUMBER) or 0,
                now=self.now,
                source=SOURCE,
            )
            _set_channels(row, params, self)
        return Response(_one(row), status=201)


class WorkerView(RoutingView):
    def get(self, request: Request, sid: str) -> Response:
        return Response(_one(self.own(Worker, "WK", sid)))

    def put(self, request: Request, sid: str) -> Response:
        params = self.params(request)
        row = self.own(Worker, "WK", sid)
        with transaction.atomic():
            services.update_worker(
                worker_id=row.id,
                friendly_name=params.text("friendly_name"),
                attributes=params.json_object("attributes"),
                activity_id=own_key(params, "activity_sid", "WA", Activity, self.workspace),
                capacity_units=params.integer("capacity_units", least=0, most=MAX_NUMBER),
                reject_pending=bool(params.boolean("reject_pending_reservations")),
                now=self.now,
                source=SOURCE,
            )
            _set_channels(row, params, self)
        return Response(_one(row))

    def delete(self, request: Request, sid: str) -> Response:
        services.delete_worker(worker_id=self.own(Worker, "WK", sid).id, now=self.now, source=SOURCE)
        return Response(status=204)


class ActivitiesView(RoutingView):
    def post(self, request: Request) -> Response:
        params = self.params(request)
        row = services.create_activity(
            workspace_id=self.workspace.id,
            friendly_name=params.required("friendly_name"),
            available=bool(params.boolean("available")),
            now=self.now,
            source=SOURCE,
        )
        return Response(_activity(self.workspace, row), status=201)


class ActivityView(RoutingView):
    def put(self, request: Request, sid: str) -> Response:
        row = services.update_activity(
            activity_id=self.own(Activity, "WA", sid).id,
            friendly_name=self.params(request).required("friendly_name"),
            now=self.now,
            source=SOURCE,
        )
        return Response(_activity(self.workspace, row))

    def delete(self, request: Request, sid: str) -> Response:
        services.delete_activity(activity_id=self.own(Activity, "WA", sid).id, now=self.now, source=SOURCE)
        return Response(status=204)


class TaskChannelsView(RoutingView):
    def post(self, request: Request) -> Response:
        params = self.params(request)
        row = services.create_task_channel(
            workspace_id=self.workspace.id,
            friendly_name=params.required("friendly_name"),
            unique_name=params.required("unique_name"),
            channel_optimized_routing=bool(params.boolean("channel_optimized_routing")),
            now=self.now,
            source=SOURCE,
            **{name: value for name, value in _capacity(params).items() if value is not None},
        )
        return Response(task_channel_json(row), status=201)


class TaskChannelView(RoutingView):
    def put(self, request: Request, sid: str) -> Response:
        params = self.params(request)
        row = services.update_task_channel(
            task_channel_id=self.own(TaskChannel, "TC", sid).id,
            friendly_name=params.text("friendly_name"),
            channel_optimized_routing=params.boolean("channel_optimized_routing"),
            now=self.now,
            source=SOURCE,
            **_capacity(params),
        )
        return Response(task_channel_json(row))

    def delete(self, request: Request, sid: str) -> Response:
        services.delete_task_channel(task_channel_id=self.own(TaskChannel, "TC", sid).id, now=self.now, source=SOURCE)
        return Response(status=204)


def _set_channels(worker: Worker, params: Params, view: RoutingView) -> None:
    """
    Change the seats that the body names.

    :raises BadParameter: an entry is malformed, or names a channel that is not there.
    """
    listed = params.json("channels")
    if listed is None:
        return
    if not isinstance(listed, list):
        raise BadParameter("channels must be a list")
    seats = {seat.task_channel_id: seat for seat in WorkerChannel.objects.filter(worker=worker)}
    for number, item in enumerate(listed):
        try:
            one = Params(item)
            seat = seats.get(ids.parse_or_none("TC", one.text("task_channel_sid")))
            if seat is None:
                raise BadParameter("task_channel_sid names nothing in this workspace")
            services.update_worker_channel(
                worker_channel_id=seat.id,
                capacity=one.integer("capacity", least=0, most=MAX_NUMBER),
                available=one.boolean("available"),
                now=view.now,
                source=SOURCE,
            )
        except BadParameter as error:
            raise BadParameter(f"channels[{number}]: {error.message}") from error


def _capacity(params: Params) -> dict[str, int | None]:
    return {
        "default_capacity": params.integer("default_capacity", least=0, most=MAX_NUMBER),
        "units": params.integer("units", least=0, most=MAX_NUMBER),
    }


def _one(worker: Worker) -> dict[str, Any]:
    return workers_of(Worker.objects.filter(id=worker.id))[0]


def _activity(workspace: Workspace, row: Activity) -> dict[str, Any]:
    return next(each for each in activities_of(workspace) if each["sid"] == row.sid)
