"""What somebody changes about their own user: password and second factor."""

from __future__ import annotations

import io

import qrcode
import qrcode.image.svg
from django.contrib import auth
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import second_factor, services
from accounts.models import User
from common import clock
from common.api import AppView
from common.api.app import MUST_ENROL
from common.errors import BadParameter


class ProfileView(AppView):
    """The user who is logged in."""

    is_for_enrolment = True

    def get(self, request: Request) -> Response:
        return Response(_profile(request.user))


class PasswordView(AppView):
    """Another password, for who knows the present one; other sessions of the user end, this one goes on."""

    def put(self, request: Request) -> Response:
        params = self.params(request)
        user: User = request.user
        if not user.check_password(params.required("current", max_length=4096)):
            raise BadParameter("The present password is wrong")
        password = params.required("password", max_length=4096)
        services.check_password_strength(password, user)
        services.set_password(user_id=user.id, password=password)
        user.refresh_from_db()
        auth.update_session_auth_hash(request._request, user)
        services.record_audit(
            account_id=self.account_id,
            actor=user.sid,
            action="user.password_changed",
            subject=user.sid,
            changes={},
            now=clock.now(),
        )
        return Response(status=204)


class EnrolmentView(AppView):
    """
    The second factor: POST begins one, PUT ``{code}`` confirms it and answers the recovery codes, DELETE ``{code}``
    ends it.
    """

    is_for_enrolment = True

    def post(self, request: Request) -> Response:
        made = second_factor.begin(user=request.user, now=clock.now())
        return Response({"secret": made.secret, "uri": made.uri, "qr_svg": _svg(made.uri)}, status=201)

    def put(self, request: Request) -> Response:
        code = self.params(request).required("code", max_length=40)
        codes = second_factor.confirm(user=request.user, code=code, now=clock.now())
        request._request.session.pop(MUST_ENROL, None)
        return Response({"recovery_codes": codes})

    def delete(self, request: Request) -> Response:
        second_factor.end(user=request.user, code=self.params(request).required("code", max_length=40), now=clock.now())
        return Response(status=204)


class RecoveryCodesView(AppView):
    """New recovery codes in place of the old ones."""

    def post(self, request: Request) -> Response:
        code = self.params(request).required("code", max_length=40)
        codes = second_factor.renew_recovery_codes(user=request.user, code=code, now=clock.now())
        return Response({"recovery_codes": codes})


def _profile(user: User) -> dict[str, object]:
    on = second_factor.is_on(user.id)
    return {
        "sid": user.sid,
        "username": user.username,
        "name": user.display_name,
        "email": user.email,
        "role": user.role,
        "has_password": user.has_usable_password(),
        "second_factor": {
            "on": on,
            "demanded": second_factor.is_demanded(user),
            "recovery_codes_left": second_factor.recovery_codes_left(user.id) if on else 0,
        },
    }


def _svg(text: str) -> str:
    buffer = io.BytesIO()
    qrcode.make(text, image_factory=qrcode.image.svg.SvgPathImage, border=2).save(buffer)
    return buffer.getvalue().decode()
