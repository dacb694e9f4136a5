"""Studio v2: Flows, FlowValidate, Revisions and TestUsers (reference/studio/runtime.md, "REST v2")."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from common import clock, ids
from common.api import CompatView
from common.api.errors import public_url
from common.api.paging import page
from common.api.parsers import Params
from common.errors import BadParameter
from flows import queries, runtime, services
from flows.authors import user_sid_or_none
from flows.engine import structure
from flows.errors import InvalidDefinition
from flows.models import Flow, FlowRevision

STATUSES = tuple(Flow.Status.values)


def flow_url(flow_sid: str, *more: str) -> str:
    """Return the absolute address of a flow, or of something below it."""
    return public_url("/".join(("/studio/v2/Flows", flow_sid, *more)))


def problems_of(revision: FlowRevision, severity: str) -> list[dict[str, Any]]:
    """Return a revision's problems of one severity."""
    return [problem for problem in revision.problems if problem["severity"] == severity]


def definition_of(params: Params) -> object:
    """
    Return the Definition parameter as a JSON value; None where it was not given.

    :raises InvalidDefinition: it is no JSON.
    """
    try:
        return params.json("Definition")
    except BadParameter:
        return services.read_definition(params.text("Definition") or "")


def required_definition(params: Params) -> object:
    """
    Return the Definition parameter.

    :raises BadParameter: it was not given.
    :raises InvalidDefinition: it is no JSON, or null.
    """
    if "Definition" not in params:
        raise BadParameter("Missing required parameter Definition in the post body")
    definition = definition_of(params)
    if definition is None:
        raise InvalidDefinition(structure.find_problems(None))
    return definition


class FlowView(CompatView):
    """What the views of one flow and of all flows have in common."""

    def author(self, request: Request) -> str:
        """
        Return who saves: the user that the caller names, else the caller's own credentials.

        :raises BadParameter: AuthorSid is no user's SID.
        """
        named = self.params(request).text("AuthorSid")
        if not named:
            return request.user.actor
        if ids.parse_or_none("US", named) is None:
            raise BadParameter("AuthorSid must be the SID of a user")
        return named

    def write_flow(self, flow: Flow, newest: FlowRevision | None = None) -> dict[str, Any]:
        """Return the Flow resource; without a revision, as lists show it."""
        return {
            "sid": flow.sid,
            "account_sid": self.account_sid,
            "author_sid": user_sid_or_none(flow.author),
            "friendly_name": flow.friendly_name,
            "definition": newest and newest.definition,
            "status": flow.status,
            "revision": flow.revision,
            "commit_message": (newest.commit_message if newest else flow.commit_message) or None,
            "valid": newest and newest.valid,
            "errors": newest and problems_of(newest, "error"),
            "warnings": newest and problems_of(newest, "warning"),
            "date_created": clock.to_iso(flow.created_at),
            "date_updated": None if flow.revision == 1 else clock.to_iso(flow.updated_at),
            # Hands control back to a redirect; messages come in by the address of a connection, for all flows.
            "webhook_url": runtime.return_url(self.account_sid, flow.sid),
            "url": flow_url(flow.sid),
            "links": {
                "revisions": flow_url(flow.sid, "Revisions"),
                "test_users": flow_url(flow.sid, "TestUsers"),
                "executions": flow_url(flow.sid, "Executions"),
            },
        }


class FlowsView(FlowView):
    """``/Flows``."""

    def get(self, request: Request) -> Response:
        return page(request, queries.flows(self.account_id), key="flows", write=self.write_flow)

    def post(self, request: Request) -> Response:
        params = self.params(request)
        flow = services.create_flow(
            account_id=self.account_id,
            friendly_name=params.required("FriendlyName"),
            status=params.required("Status", choices=STATUSES),
            definition=required_definition(params),
            commit_message=params.text("CommitMessage") or "",
            author=self.author(request),
            now=clock.now(),
        )
        return Response(self.write_flow(*queries.flow_with_newest(self.account_id, flow.id)), status=201)


class FlowDetailView(FlowView):
    """``/Flows/{Sid}``."""

    def get(self, request: Request, sid: str) -> Response:
        return Response(self.write_flow(*queries.flow_with_newest(self.account_id, self.key("FW", sid))))

    def post(self, request: Request, sid: str) -> Response:
        params = self.params(request)
        flow = services.save_revision(
            account_id=self.account_id,
            flow_id=self.key("FW", sid),
            status=params.required("Status", choices=STATUSES),
            friendly_name=params.text("FriendlyName"),
            definition=definition_of(params),
            commit_message=params.text("CommitMessage") or "",
            author=self.author(request),
            now=clock.now(),
        )
        return Response(self.write_flow(*queries.flow_with_newest(self.account_id, flow.id)))

    def delete(self, request: Request, sid: str) -> Response:
        services.delete_flow(
            account_id=self.account_id, flow_id=self.key("FW", sid), author=request.user.actor, now=clock.now()
        )
        return Response(status=204)


class FlowValidateView(FlowView):
    """``/Flows/Validate``: stores nothing."""

    def post(self, request: Request) -> Response:
        params = self.params(request)
        params.required("FriendlyName", max_length=256)
        services.validate_definition(
            account_id=self.account_id,
            status=params.required("Status", choices=STATUSES),
            definition=required_definition(params),
        )
        return Response({"valid": True})


class RevisionView(CompatView):
    """What the views of one revision and of all revisions have in common."""

    def write_revision(self, flow: Flow, revision: FlowRevision, *, whole: bool) -> dict[str, Any]:
        """Return the FlowRevision resource; ``whole`` has what lists leave out."""
        return {
            "sid": flow.sid,
            "account_sid": self.account_sid,
            "author_sid": user_sid_or_none(revision.author),
            "friendly_name": revision.friendly_name,
            "definition": revision.definition if whole else None,
            "status": revision.status,
            "revision": revision.revision,
            "commit_message": revision.commit_message or None,
            "valid": revision.valid if whole else None,
            "errors": problems_of(revision, "error") if whole else None,
            "date_created": clock.to_iso(revision.created_at),
            "date_updated": None,
            "url": flow_url(flow.sid, "Revisions", str(revision.revision)),
        }


class RevisionsView(RevisionView):
    """``/Flows/{Sid}/Revisions``."""

    def get(self, request: Request, sid: str) -> Response:
        flow = queries.flow(self.account_id, self.key("FW", sid))

        def write(revision: FlowRevision) -> dict[str, Any]:
            return self.write_revision(flow, revision, whole=False)

        return page(request, queries.revisions(flow.id), key="revisions", write=write, order="-revision")


class RevisionDetailView(RevisionView):
    """``/Flows/{Sid}/Revisions/{Revision}``."""

    def get(self, request: Request, sid: str, revision: str) -> Response:
        flow, found = queries.revision(self.account_id, self.key("FW", sid), revision)
        return Response(self.write_revision(flow, found, whole=True))


class TestUsersView(CompatView):
    """``/Flows/{Sid}/TestUsers``; a POST without TestUsers empties the list: so do the SDKs send an empty one."""

    def get(self, request: Request, sid: str) -> Response:
        return self._answer(queries.flow(self.account_id, self.key("FW", sid)))

    def post(self, request: Request, sid: str) -> Response:
        flow = services.set_test_users(
            account_id=self.account_id,
            flow_id=self.key("FW", sid),
            test_users=self.params(request).texts("TestUsers") or [],
            author=request.user.actor,
            now=clock.now(),
        )
        return self._answer(flow)

    def _answer(self, flow: Flow) -> Response:
        return Response({"sid": flow.sid, "test_users": flow.test_users, "url": flow_url(flow.sid, "TestUsers")})
