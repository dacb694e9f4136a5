"""What django-allauth asks of us: the providers there are, and what becomes of somebody who comes back from one."""

from __future__ import annotations

import logging
from typing import Any, NoReturn
from urllib.parse import urlencode

import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.contrib import auth
from django.http import HttpRequest, HttpResponseRedirect

from accounts.models import IdentityProvider
from accounts.sso import people
from accounts.sso.transport import guarded_session
from common import clock
from common.errors import ApiError

logger = logging.getLogger(__name__)
BACKEND = "django.contrib.auth.backends.ModelBackend"


class Adapter(DefaultSocialAccountAdapter):
    """Providers are rows of ours; people are users of ours. Nothing of allauth's own tables is used."""

    def list_apps(self, request: HttpRequest, provider: str | None = None, client_id: str | None = None) -> list[Any]:
        rows = IdentityProvider.objects.filter(enabled=True)
        if provider is not None and provider != "openid_connect":
            rows = rows.filter(slug=provider)
        if client_id is not None:
            rows = rows.filter(client_id=client_id)
        return [
            SocialApp(
                provider="openid_connect",
                provider_id=row.slug,
                name=row.name,
                client_id=row.client_id,
                secret=row.client_secret,
                settings={"server_url": row.issuer, "oauth_pkce_enabled": True},
            )
            for row in rows
        ]

    def get_requests_session(self) -> requests.Session:
        return guarded_session()

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> NoReturn:
        """Log in whom the provider vouches for; a second factor is the provider's business."""
        app = sociallogin.account.get_provider(request).app
        provider = IdentityProvider.objects.get(slug=app.provider_id)
        claims = people.Claims.read(sociallogin.account.uid, sociallogin.account.extra_data)
        try:
            user = people.user_for(provider=provider, claims=claims, now=clock.now())
        except ApiError as refusal:
            raise ImmediateHttpResponse(refused(refusal.message)) from refusal
        auth.login(request, user, backend=BACKEND)
        raise ImmediateHttpResponse(HttpResponseRedirect(sociallogin.get_redirect_url(request) or "/"))

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: Any = None,
    ) -> NoReturn:
        logger.warning("single sign-on by %s failed: %s %s", getattr(provider, "id", provider), error, exception or "")
        text = "You did not log in." if str(error) == "cancelled" else "Logging in there did not work. Try again."
        raise ImmediateHttpResponse(refused(text))


def refused(text: str) -> HttpResponseRedirect:
    """Lead back to the log-in page, which shows the text."""
    return HttpResponseRedirect(f"/login?{urlencode({'error': text})}")
