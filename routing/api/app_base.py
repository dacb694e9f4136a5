"""What the views of the routing administration share: the account's default workspace, and where a refusal points."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.db.models import Model
from rest_framework.request import Request

from common import clock, ids
from common.api import AppView
from common.api.app import ADMIN, SUPERVISOR
from common.api.parsers import Params
from common.errors import BadParameter, NotFound
from routing.matching.errors import ExpressionError, WorkflowError
from routing.models import Workspace

SOURCE = "app"
MAX_NUMBER = 2**31 - 1
M = TypeVar("M", bound=Model)


class RoutingView(AppView):
    """Admins write, supervisors read; ``workspace`` is the account's default one."""

    roles: ClassVar[frozenset[str]] = frozenset({ADMIN, SUPERVISOR})
    write_roles: ClassVar[frozenset[str]] = frozenset({ADMIN})
    workspace: Workspace

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.now = clock.now()
        found = Workspace.objects.filter(account_id=self.account_id, is_default=True).first()
        if found is None:
            raise NotFound("workspace")
        self.workspace = found

    def own(self, model: type[M], prefix: str, sid: str) -> M:
        """
        Return a row of the workspace by the SID in the path.

        :raises NotFound: malformed, unknown, or another account's.
        """
        row = model._default_manager.filter(id=self.key(prefix, sid), workspace_id=self.workspace.id).first()
        if row is None:
            raise NotFound()
        return row


class AskingView(RoutingView):
    """A question that needs a body: a POST that changes nothing, so supervisors may ask it too."""

    write_roles: ClassVar[frozenset[str]] = frozenset()


def own_key(params: Params, name: str, prefix: str, model: type[Model], workspace: Workspace) -> UUID | None:
    """
    Return the key in a SID of the body; None where it is not given or empty.

    :raises BadParameter: it is no such SID, or not of this workspace.
    """
    text = params.text(name)
    if not text:
        return None
    key = ids.parse_or_none(prefix, text)
    if key is None or not model._default_manager.filter(id=key, workspace_id=workspace.id).exists():
        raise BadParameter(f"{name} names nothing in this workspace")
    return key


@contextmanager
def pointing() -> Iterator[None]:
    """Say in ``details`` of a refusal where in a rule its fault is: ``{path, line, column}``."""
    try:
        yield
    except BadParameter as error:
        place = place_of(error)
        if place is not None and error.details is None:
            error.details = place
        raise


def place_of(error: BaseException) -> dict[str, Any] | None:
    """Return where a rule is wrong, from the errors that an error was raised from."""
    place: dict[str, Any] | None = None
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, WorkflowError):
            place = {"path": cause.path, "line": None, "column": None}
        if isinstance(cause, ExpressionError):
            place = {"path": place["path"] if place else "", "line": cause.line, "column": cause.column}
        cause = cause.__cause__
    return place
