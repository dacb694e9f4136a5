"""Why a task is where it is, and who got it why. No other TaskRouter has this; it is ours."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from routing import explaining
from routing.api.base import WorkspaceView, url
from routing.models import Task


class ExplanationView(WorkspaceView):
    """``GET /Workspaces/{WS}/Tasks/{WT}/Explanation``"""

    def get(self, request: Request, workspace_sid: str, sid: str) -> Response:
        task = self.own(Task, "WT", sid)
        return Response(
            {
                "account_sid": self.account_sid,
                "workspace_sid": self.workspace.sid,
                "task_sid": task.sid,
                **explaining.explain_task(task_id=task.id, now=self.now),
                "url": url(self.workspace, "Tasks", task.sid, "Explanation"),
            }
        )
