"""The builder's calls: flows, their revisions, validation, import and export (docs/contracts.md, 6)."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from common.api import AppView
from common.api.app import ADMIN, SUPERVISOR
from common.errors import BadParameter
from conversations import queries as conversation_queries
from flows import queries, services, widgets
from flows.authors import author_names
from flows.engine import exporter
from flows.models import Flow, FlowRevision


class BuilderView(AppView):
    """Admins draw; supervisors may look, since executions are shown on the diagram."""

    roles = frozenset({ADMIN, SUPERVISOR})
    write_roles = frozenset({ADMIN})

    def answer(self, flow_id: UUID, status: int = 200) -> Response:
        """Answer the whole flow as it is stored now."""
        return Response(write_flow(*queries.flow_with_newest(self.account_id, flow_id)), status=status)


class WidgetsView(BuilderView):
    def get(self, request: Request) -> Response:
        return Response({"widgets": widgets.catalogue()})


class FlowsView(BuilderView):
    def get(self, request: Request) -> Response:
        addresses: dict[UUID | None, list[str]] = defaultdict(list)
        for row in conversation_queries.addresses(self.account_id):
            addresses[row.flow_id].append(row.address)
        found = queries.flows(self.account_id)
        return Response(
            {
                "flows": [
                    {
                        **write_head(flow),
                        "widget_count": flow.widget_count,
                        "valid": flow.valid,
                        "addresses": addresses[flow.id],
                    }
                    for flow in found
                ]
            }
        )

    def post(self, request: Request) -> Response:
        params = self.params(request)
        flow = services.create_flow(
            account_id=self.account_id,
            friendly_name=params.required("friendly_name"),
            definition=read_definition(request),
            author=request.user.sid,
            now=clock.now(),
        )
        return self.answer(flow.id, status=201)


class FlowImportView(BuilderView):
    def post(self, request: Request) -> Response:
        params = self.params(request)
        imported = services.import_flow(
            account_id=self.account_id,
            text=params.required("text"),
            friendly_name=params.text("friendly_name"),
            author=request.user.sid,
            now=clock.now(),
        )
        flow = write_flow(*queries.flow_with_newest(self.account_id, imported.flow.id))
        return Response({"flow": flow, "report": imported.report}, status=201)


class FlowValidateView(BuilderView):
    def post(self, request: Request) -> Response:
        definition = required_definition(request)
        problems = services.find_problems(account_id=self.account_id, definition=definition)
        found: dict[str, list[dict[str, Any]]] = {"errors": [], "warnings": []}
        for problem in problems:
            found["errors" if problem.severity == "error" else "warnings"].append(problem.to_json())
        return Response(found)


class FlowDetailView(BuilderView):
    def get(self, request: Request, sid: str) -> Response:
        return self.answer(self.key("FW", sid))

    def delete(self, request: Request, sid: str) -> Response:
        services.delete_flow(
            account_id=self.account_id, flow_id=self.key("FW", sid), author=request.user.sid, now=clock.now()
        )
        return Response(status=204)


class FlowDraftView(BuilderView):
    def put(self, request: Request, sid: str) -> Response:
        required_definition(request)
        return _save(self, request, sid, Flow.Status.DRAFT)


class FlowPublishView(BuilderView):
    def post(self, request: Request, sid: str) -> Response:
        return _save(self, request, sid, Flow.Status.PUBLISHED)


class RevisionsView(BuilderView):
    def get(self, request: Request, sid: str) -> Response:
        flow = queries.flow(self.account_id, self.key("FW", sid))
        rows = list(queries.revisions(flow.id))
        names = author_names(row.author for row in rows)
        return Response({"revisions": [write_revision(row, names[row.author]) for row in rows]})


class RevisionView(BuilderView):
    def get(self, request: Request, sid: str, revision: str) -> Response:
        _, found = queries.revision(self.account_id, self.key("FW", sid), revision)
        name = author_names((found.author,))[found.author]
        return Response({**write_revision(found, name), "definition": found.definition})


class FlowExportView(BuilderView):
    """The newest revision as a file that Studio's import, and ours, takes."""

    def get(self, request: Request, sid: str) -> HttpResponse:
        flow, newest = queries.flow_with_newest(self.account_id, self.key("FW", sid))
        name = re.sub(r"[^A-Za-z0-9]+", "-", flow.friendly_name).strip("-").lower() or "flow"
        return HttpResponse(
            exporter.export_text(newest.definition),
            content_type="application/json",
            headers={"Content-Disposition": f'attachment; filename="{name}.json"'},
        )


def _save(view: BuilderView, request: Request, sid: str, status: str) -> Response:
    params = view.params(request)
    base_revision = params.integer("base_revision", least=1)
    if base_revision is None:
        raise BadParameter("Missing base_revision: the number of the revision that was edited")
    flow = services.save_revision(
        account_id=view.account_id,
        flow_id=view.key("FW", sid),
        status=status,
        definition=read_definition(request),
        base_revision=base_revision,
        friendly_name=params.text("friendly_name"),
        commit_message=params.text("commit_message") or "",
        author=request.user.sid,
        now=clock.now(),
    )
    return view.answer(flow.id)


def read_definition(request: Request) -> Any:
    """
    Return the body's ``definition``, whatever JSON value it is; None where there is none.

    :raises BadParameter: the body is no JSON object.
    """
    if not isinstance(request.data, dict):
        raise BadParameter("The request body must be a JSON object")
    return request.data.get("definition")


def required_definition(request: Request) -> Any:
    """
    ``read_definition``, where the call makes no sense without one.

    :raises BadParameter: there is none.
    """
    definition = read_definition(request)
    if definition is None:
        raise BadParameter("Missing definition")
    return definition


def write_head(flow: Flow) -> dict[str, Any]:
    """Return what lists and details of flows have in common."""
    return {
        "sid": flow.sid,
        "friendly_name": flow.friendly_name,
        "status": flow.status,
        "revision": flow.revision,
        "published_revision": flow.published_revision,
        "date_created": clock.to_iso(flow.created_at),
        "date_updated": clock.to_iso(flow.updated_at),
    }


def write_flow(flow: Flow, newest: FlowRevision) -> dict[str, Any]:
    """Return a flow with the definition and the problems of its newest revision."""
    return {
        **write_head(flow),
        "definition": newest.definition,
        "valid": newest.valid,
        "errors": [problem for problem in newest.problems if problem["severity"] == "error"],
        "warnings": [problem for problem in newest.problems if problem["severity"] == "warning"],
    }


def write_revision(row: FlowRevision, author: str) -> dict[str, Any]:
    """Return one line of a flow's history; ``author`` is a name."""
    return {
        "revision": row.revision,
        "status": row.status,
        "author": author,
        "commit_message": row.commit_message,
        "date_created": clock.to_iso(row.created_at),
    }
