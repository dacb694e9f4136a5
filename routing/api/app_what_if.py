"""``/app/v1/routing/what-if``: a workflow tried on what was recorded, before it is saved."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from common.errors import BadParameter
from routing.api.app_base import MAX_NUMBER, AskingView, own_key, pointing
from routing.models import Workflow
from routing.whatif import what_if


class WhatIfView(AskingView):
    def post(self, request: Request) -> Response:
        params = self.params(request)
        workflow_id = own_key(params, "workflow_sid", "WW", Workflow, self.workspace)
        start, end = params.moment("start"), params.moment("end")
        if workflow_id is None or start is None or end is None:
            raise BadParameter("workflow_sid, start and end are required")
        workflow = Workflow.objects.select_related("workspace").get(id=workflow_id)
        with pointing():
            told = what_if(
                workflow=workflow,
                configuration=params.required("configuration"),
                start=start,
                end=end,
                service_level_seconds=params.integer("service_level_seconds", least=1, most=MAX_NUMBER) or 20,
                now=self.now,
            )
        return Response(told)
