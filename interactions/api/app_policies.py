"""``/app/v1/desk-policies``: wrap-up, auto-accept and the directory, per queue; admins write, supervisors read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from common.api import AppView
from common.api.app import ADMIN, SUPERVISOR
from common.errors import BadParameter, NotFound
from interactions import queries, services
from interactions.models import DeskPolicy
from routing import queries as routing

GENERAL = "general"


class PoliciesView(AppView):
    roles = frozenset({ADMIN, SUPERVISOR})
    write_roles = frozenset({ADMIN})

    def get(self, request: Request) -> Response:
        rows = {row.queue_id: row for row in queries.desk_policies(self.account_id)}
        return Response(
            {
                "general": write_policy(rows.get(None) or DeskPolicy()),
                "queues": [
                    {
                        "queue_sid": queue.sid,
                        "queue_name": queue.friendly_name,
                        "policy": write_policy(rows[queue.id]) if queue.id in rows else None,
                    }
                    for queue in sorted(routing.task_queues(self.account_id), key=lambda each: each.friendly_name)
                ],
            }
        )


class PolicyView(AppView):
    """``sid``: a queue's, or ``general``."""

    roles = frozenset({ADMIN})

    def put(self, request: Request, sid: str) -> Response:
        if not isinstance(request.data, dict):
            raise BadParameter("The request body must be a JSON object")
        row = services.save_policy(
            account_id=self.account_id,
            queue_id=self._queue(sid),
            values=request.data,
            actor=request.user.sid,
            now=clock.now(),
        )
        return Response(write_policy(row))

    def delete(self, request: Request, sid: str) -> Response:
        queue_id = self._queue(sid)
        if queue_id is None:
            raise BadParameter("The general policy can be changed, not deleted")
        services.delete_policy(account_id=self.account_id, queue_id=queue_id, actor=request.user.sid, now=clock.now())
        return Response(status=204)

    def _queue(self, sid: str) -> UUID | None:
        if sid == GENERAL:
            return None
        key = self.key("WQ", sid)
        if all(queue.id != key for queue in routing.task_queues(self.account_id)):
            raise NotFound("queue")
        return key


def write_policy(row: DeskPolicy) -> dict[str, Any]:
    """Return a policy."""
    names = (
        "mode",
        "seconds",
        "extension_seconds",
        "dispositions",
        "with_general",
        "needs_disposition",
        "fields",
        "auto_accept",
        "is_listed",
    )
    return {name: getattr(row, name) for name in names}
