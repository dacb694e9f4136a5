"""Studio v2: Executions, ExecutionContext, Steps and StepContext (reference/studio/runtime.md, "REST v2")."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from rest_framework.request import Request
from rest_framework.response import Response

from common import clock, ids
from common.api import CompatView
from common.api.paging import page
from common.errors import BadParameter
from flows import queries, services
from flows.api.compat_flows import flow_url
from flows.models import Execution, ExecutionStep

STATUSES = tuple(Execution.Status.values)


class ExecutionView(CompatView):
    """What all views below a flow's executions have in common."""

    def find(self, flow_sid: str, execution_sid: str) -> Execution:
        """
        Return the execution of a path.

        :raises NotFound: a malformed SID.
        :raises Execution.DoesNotExist: unknown in this account, or not of this flow.
        """
        return queries.execution(self.account_id, self.key("FN", execution_sid), flow_id=self.key("FW", flow_sid))

    def write_execution(self, execution: Execution) -> dict[str, Any]:
        """Return the Execution resource."""
        flow_sid = ids.sid("FW", execution.flow_id)
        url = flow_url(flow_sid, "Executions", execution.sid)
        changed = execution.updated_at != execution.created_at
        return {
            "sid": execution.sid,
            "account_sid": self.account_sid,
            "flow_sid": flow_sid,
            "contact_channel_address": execution.contact_address,
            "contact_sid": ids.sid("FC", uuid5(execution.account_id, execution.contact_address)),
            "flow_version": execution.revision,
            # As in every answer of Studio: the Context resource below has it.
            "context": {},
            "status": execution.status,
            "date_created": clock.to_iso(execution.created_at),
            "date_updated": clock.to_iso(execution.updated_at) if changed else None,
            "initiated_by": execution.initiated_by or None,
            "url": url,
            "links": {"steps": url + "/Steps", "execution_context": url + "/Context"},
        }

    def write_step(self, step: ExecutionStep, parent_sid: str | None) -> dict[str, Any]:
        """Return the ExecutionStep resource."""
        execution_sid = ids.sid("FN", step.execution_id)
        flow_sid = ids.sid("FW", step.flow_id)
        url = flow_url(flow_sid, "Executions", execution_sid, "Steps", step.sid)
        return {
            "sid": step.sid,
            "account_sid": self.account_sid,
            "flow_sid": flow_sid,
            "execution_sid": execution_sid,
            "parent_step_sid": parent_sid,
            "name": step.event,
            "context": {},
            "transitioned_from": step.transitioned_from,
            "transitioned_to": step.transitioned_to,
            "type": step.type,
            "date_created": clock.to_iso(step.created_at),
            "date_updated": None,
            "url": url,
            "links": {"step_context": url + "/Context"},
        }


class ExecutionsView(ExecutionView):
    """``/Flows/{FlowSid}/Executions``."""

    def get(self, request: Request, flow_sid: str) -> Response:
        params = self.params(request)
        flow = queries.flow(self.account_id, self.key("FW", flow_sid))
        # The documents write "status", the API's own style is "Status": both are in use.
        status = params.text("Status", choices=STATUSES) or params.text("status", choices=STATUSES)
        rows = queries.executions(
            self.account_id,
            flow_id=flow.id,
            status=status,
            created_from=params.moment("DateCreatedFrom"),
            created_to=params.moment("DateCreatedTo"),
        )
        return page(request, rows, key="executions", write=self.write_execution)

    def post(self, request: Request, flow_sid: str) -> Response:
        params = self.params(request)
        execution = services.start_execution(
            account_id=self.account_id,
            flow_id=self.key("FW", flow_sid),
            to=params.required("To"),
            from_=params.required("From"),
            parameters=params.json_object("Parameters") or {},
            now=clock.now(),
        )
        return Response(self.write_execution(execution), status=201)


class ExecutionDetailView(ExecutionView):
    """``/Flows/{FlowSid}/Executions/{Sid}``."""

    def get(self, request: Request, flow_sid: str, sid: str) -> Response:
        return Response(self.write_execution(self.find(flow_sid, sid)))

    def post(self, request: Request, flow_sid: str, sid: str) -> Response:
        found = self.find(flow_sid, sid)
        status = self.params(request).required("Status", choices=STATUSES)
        if status == Execution.Status.ENDED:
            found = services.stop_execution(account_id=self.account_id, execution_id=found.id, now=clock.now())
        elif found.status == Execution.Status.ENDED:
            raise BadParameter("An execution that has ended cannot be made active again")
        return Response(self.write_execution(found))

    def delete(self, request: Request, flow_sid: str, sid: str) -> Response:
        found = self.find(flow_sid, sid)
        services.delete_execution(account_id=self.account_id, execution_id=found.id, now=clock.now())
        return Response(status=204)


class ExecutionContextView(ExecutionView):
    """``/Flows/{FlowSid}/Executions/{ExecutionSid}/Context``."""

    def get(self, request: Request, flow_sid: str, execution_sid: str) -> Response:
        execution = self.find(flow_sid, execution_sid)
        return Response(
            {
                "account_sid": self.account_sid,
                "context": queries.context_of(execution),
                "flow_sid": flow_sid,
                "execution_sid": execution.sid,
                "url": flow_url(flow_sid, "Executions", execution.sid, "Context"),
            }
        )


class StepsView(ExecutionView):
    """``/Flows/{FlowSid}/Executions/{ExecutionSid}/Steps``."""

    def get(self, request: Request, flow_sid: str, execution_sid: str) -> Response:
        execution = self.find(flow_sid, execution_sid)
        sids = queries.step_sids(execution.id)

        def write(step: ExecutionStep) -> dict[str, Any]:
            return self.write_step(step, _parent_sid(step, sids))

        return page(request, queries.steps(execution.id), key="steps", write=write, order="-seq")


class StepView(ExecutionView):
    """``/Flows/{FlowSid}/Executions/{ExecutionSid}/Steps/{Sid}``."""

    def get(self, request: Request, flow_sid: str, execution_sid: str, sid: str) -> Response:
        step = self.find_step(flow_sid, execution_sid, self.key("FT", sid))[1]
        sids = {} if step.parent_seq is None else queries.step_sids(step.execution_id)
        return Response(self.write_step(step, _parent_sid(step, sids)))

    def find_step(self, flow_sid: str, execution_sid: str, step_id: UUID) -> tuple[Execution, ExecutionStep]:
        """
        Return a step with its execution.

        :raises ExecutionStep.DoesNotExist: not of this execution.
        """
        execution = self.find(flow_sid, execution_sid)
        return execution, queries.step(execution.id, step_id)


class StepContextView(StepView):
    """``/Flows/{FlowSid}/Executions/{ExecutionSid}/Steps/{StepSid}/Context``: as it was when the step ended."""

    def get(self, request: Request, flow_sid: str, execution_sid: str, sid: str) -> Response:
        execution, step = self.find_step(flow_sid, execution_sid, self.key("FT", sid))
        return Response(
            {
                "account_sid": self.account_sid,
                "context": queries.context_after(execution, step),
                "execution_sid": execution.sid,
                "flow_sid": flow_sid,
                "step_sid": step.sid,
                "url": flow_url(flow_sid, "Executions", execution.sid, "Steps", step.sid, "Context"),
            }
        )


def _parent_sid(step: ExecutionStep, sids: dict[int, str]) -> str | None:
    return None if step.parent_seq is None else sids.get(step.parent_seq)
