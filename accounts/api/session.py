"""Logging in and out from the browser."""

from __future__ import annotations

from django.contrib import auth
from django.http import HttpRequest, JsonResponse
from django.middleware import csrf
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from common import ids
from common.api import AppView
from common.errors import BadParameter, TooManyRequests, Unauthorized

LOCKED_OUT = "Too many wrong passwords. Try again in 15 minutes."


@method_decorator(csrf_protect, name="dispatch")
class SessionView(AppView):
    """Who is logged in here."""

    authentication_classes = ()
    permission_classes = ()

    def get(self, request: Request) -> Response:
        # Not request.user: without authenticators DRF makes that nobody, on Django's request too.
        user = auth.get_user(request._request)
        if not user.is_authenticated or user.account_id is None:
            raise Unauthorized("Nobody is logged in", details={"csrf_token": csrf.get_token(request)})
        return Response(_session(request, user))

    def post(self, request: Request) -> Response:
        params = self.params(request)
        username = params.required("username", max_length=150)
        password = params.required("password", max_length=4096)
        plain = request._request
        user = auth.authenticate(plain, username=username, password=password)
        if user is None:
            raise BadParameter("The username or the password is wrong")
        if user.account_id is None:
            raise BadParameter("This user belongs to no account")
        auth.login(plain, user)
        return Response(_session(request, user))

    def delete(self, request: Request) -> Response:
        auth.logout(request._request)
        return Response(status=204)


def locked_out(request: HttpRequest, *_: object, **__: object) -> JsonResponse:
    """Answer the log-in that locks a user out, and every one while that lasts (axes' hook)."""
    return JsonResponse(TooManyRequests(LOCKED_OUT).to_json(), status=429)


def _session(request: Request, user: User) -> dict[str, object]:
    return {
        "user": {
            "sid": user.sid,
            "username": user.username,
            "name": user.display_name,
            "role": user.role,
            "worker_sid": None if user.worker_id is None else ids.sid("WK", user.worker_id),
        },
        "account": {"sid": user.account.sid, "name": user.account.name},
        "csrf_token": csrf.get_token(request._request),
    }
