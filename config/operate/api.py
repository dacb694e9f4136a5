"""``/app/v1/doctor``: the doctor's page, for admins."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from common.api import AppView
from common.api.app import ADMIN
from config.operate import doctor, heartbeat


class DoctorView(AppView):
    """What is wrong with this installation, what to do about it, and which processes run."""

    roles = frozenset({ADMIN})

    def get(self, request: Request) -> Response:
        now = clock.now()
        found = doctor.examine(now)
        return Response(
            {
                "level": doctor.worst(found),
                "checked_at": clock.to_iso(now),
                "findings": doctor.written(found),
                "processes": [
                    {
                        "id": row.id,
                        "parts": row.parts,
                        "host": row.host,
                        "started_at": clock.to_iso(row.started_at),
                        "seen_at": clock.to_iso(row.seen_at),
                        "version": str(row.facts.get("version", "")),
                    }
                    for row in heartbeat.alive(now)
                ],
            }
        )


app_urls = [path("doctor", DoctorView.as_view())]
