"""Addresses of accounts below ``/app/v1/``."""

from django.urls import path

from accounts.api.keys import ApiKeysView, ApiKeyView
from accounts.api.session import SessionView

app_urls = [
    path("session", SessionView.as_view()),
    path("api-keys", ApiKeysView.as_view()),
    path("api-keys/<str:sid>", ApiKeyView.as_view()),
]
