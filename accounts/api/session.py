"""Logging in and out from the browser."""

from __future__ import annotations

from axes.handlers.proxy import AxesProxyHandler
from django.contrib import auth
from django.http import HttpRequest, JsonResponse
from django.middleware import csrf
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import second_factor
from accounts.models import User
from accounts.sso.providers import offered as offered_providers
from common import clock, ids
from common.api import AppView
from common.api.app import MUST_ENROL
from common.errors import BadParameter, TooManyRequests, Unauthorized

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
# Keys of the browser's session.
PENDING = "second_factor_pending"
PENDING_SECONDS = 600
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
            details = {"csrf_token": csrf.get_token(request), "providers": _offered()}
            raise Unauthorized("Nobody is logged in", details=details)
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
        if second_factor.is_on(user.id):
            # Not logged in yet: the session only remembers whose code is awaited.
            plain.session[PENDING] = {"user": user.id.hex, "at": clock.now().timestamp()}
            return Response({"second_factor": True, "csrf_token": csrf.get_token(plain)}, status=202)
        return _log_in(request, user)

    def delete(self, request: Request) -> Response:
        auth.logout(request._request)
        return Response(status=204)


@method_decorator(csrf_protect, name="dispatch")
class SecondFactorView(AppView):
    """The second step of logging in: ``{code}`` of the app on the phone, or a recovery code."""

    authentication_classes = ()
    permission_classes = ()

    def post(self, request: Request) -> Response:
        plain = request._request
        code = self.params(request).required("code", max_length=40)
        pending = plain.session.get(PENDING)
        now = clock.now()
        if not pending or now.timestamp() - pending["at"] > PENDING_SECONDS:
            raise Unauthorized("Log in with your password again")
        user = User.objects.filter(id=pending["user"], is_active=True).first()
        if user is None:
            raise Unauthorized("Log in with your password again")
        credentials = {"username": user.username}
        if AxesProxyHandler.is_allowed(plain, credentials) is False:
            raise TooManyRequests(LOCKED_OUT)
        if not second_factor.check(user_id=user.id, code=code, now=now):
            auth.signals.user_login_failed.send(sender=__name__, credentials=credentials, request=plain)
            raise BadParameter("The code is wrong or too old")
        del plain.session[PENDING]
        return _log_in(request, user)


def _log_in(request: Request, user: User) -> Response:
    auth.login(request._request, user, backend=MODEL_BACKEND)
    if second_factor.is_demanded(user) and not second_factor.is_on(user.id):
        request._request.session[MUST_ENROL] = True
    else:
        request._request.session.pop(MUST_ENROL, None)
    return Response(_session(request, user))


def _offered() -> list[dict[str, str]]:
    return [{"name": row.name, "url": f"/sso/{row.slug}/login/"} for row in offered_providers()]


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
        # Until a second factor is set up nothing else is answered.
        "must_enrol": bool(request._request.session.get(MUST_ENROL)),
        "account": {"sid": user.account.sid, "name": user.account.name},
        "csrf_token": csrf.get_token(request._request),
    }
