"""The base of every view behind the browser's own screens: session cookie, CSRF, JSON."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from common import ids, logs
from common.api.parsers import JsonBody, Params
from common.errors import Forbidden, NotFound, Unauthorized

# In the browser's session: this user has to set up a second factor before anything else is answered.
MUST_ENROL = "must_enrol_second_factor"
ADMIN, SUPERVISOR, AGENT = "admin", "supervisor", "agent"


class HasRole(BasePermission):
    """Lets in who is logged in with one of the view's roles."""

    def has_permission(self, request: Request, view: AppView) -> bool:
        if not request.user.is_authenticated or request.user.account_id is None:
            raise Unauthorized("Log in first")
        roles = view.write_roles if request.method not in ("GET", "HEAD") and view.write_roles else view.roles
        if request.user.role not in roles:
            raise Forbidden("Your role does not allow this")
        if request._request.session.get(MUST_ENROL) and not view.is_for_enrolment:
            raise Forbidden("Set up your second factor first")
        return True


class AppView(APIView):
    """``roles`` may read and write; where ``write_roles`` is set, only those may write."""

    authentication_classes = (SessionAuthentication,)
    permission_classes = (HasRole,)
    parser_classes = (JsonBody,)
    roles: ClassVar[frozenset[str]] = frozenset({ADMIN, SUPERVISOR, AGENT})
    write_roles: ClassVar[frozenset[str]] = frozenset()
    is_for_enrolment: ClassVar[bool] = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        account_id = getattr(request.user, "account_id", None)
        if account_id is not None:
            logs.bind(account=ids.sid("AC", account_id))

    @property
    def account_id(self) -> UUID:
        return self.request.user.account_id

    def params(self, request: Request) -> Params:
        """Return the parameters of a write (JSON body) or of a read (query string)."""
        return Params(request.query_params if request.method in ("GET", "HEAD") else request.data)

    def key(self, prefix: str, sid: str) -> UUID:
        """
        Return the primary key in a SID of the path.

        :raises NotFound: malformed, which looks like unknown.
        """
        found = ids.parse_or_none(prefix, sid)
        if found is None:
            raise NotFound()
        return found
