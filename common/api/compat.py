"""The base of every view of the compatible REST APIs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.module_loading import import_string
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from common import ids, logs
from common.api.parsers import FormBody, JsonBody, Params
from common.errors import NotFound


class CompatView(APIView):
    """HTTP Basic in, form (or JSON) parameters, snake_case JSON out."""

    # By name: the class lives in accounts, which stands above common.
    @property
    def authentication_classes(self) -> list[Any]:  # type: ignore[override]
        return [import_string("accounts.authentication.BasicAuthentication")]

    permission_classes = (IsAuthenticated,)
    parser_classes = (FormBody, MultiPartParser, JsonBody)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        account_id = getattr(request.user, "account_id", None)
        if account_id is not None:
            logs.bind(account=ids.sid("AC", account_id))

    @property
    def account_id(self) -> UUID:
        return self.request.user.account_id

    @property
    def account_sid(self) -> str:
        return ids.sid("AC", self.account_id)

    def params(self, request: Request) -> Params:
        """Return the parameters of a write (body) or of a list (query string)."""
        return Params(request.query_params if request.method in ("GET", "HEAD") else request.data)

    def key(self, prefix: str, sid: str) -> UUID:
        """
        Return the primary key in a SID of the path.

        :raises NotFound: malformed, which looks like unknown.
        """
        found = ids.parse_or_none(prefix, sid)
        if found is None:
            raise NotFound(f"resource {self.request.path}")
        return found
