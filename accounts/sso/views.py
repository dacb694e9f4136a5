"""``/sso/<short name>/login/`` leads to the provider, ``…/callback/`` comes back from it."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.internal.decorators import login_not_required
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import path, reverse
from requests import RequestException

from accounts.sso.adapter import refused

logger = logging.getLogger(__name__)


class ProviderAdapter(OpenIDConnectOAuth2Adapter):
    """The addresses that people come back to are made from our public one, whatever host they asked."""

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        return settings.PUBLIC_URL + reverse("openid_connect_callback", kwargs={"provider_id": self.provider_id})


def _view(kind: Any) -> Any:
    @login_not_required
    def view(request: HttpRequest, provider_id: str) -> HttpResponseBase:
        try:
            answer: HttpResponseBase = kind.adapter_view(ProviderAdapter(request, provider_id))(request)
        except SocialApp.DoesNotExist as error:
            raise Http404 from error
        except (RequestException, KeyError, ValueError) as error:
            # Unreachable, refused by the guard, or no OpenID Connect provider.
            logger.warning("single sign-on by %s failed: %s: %s", provider_id, type(error).__name__, error)
            return refused("The identity provider cannot be reached or is not set up right.")
        return answer

    return view


urls = [
    path("<slug:provider_id>/login/", _view(OAuth2LoginView), name="openid_connect_login"),
    path("<slug:provider_id>/login/callback/", _view(OAuth2CallbackView), name="openid_connect_callback"),
]
