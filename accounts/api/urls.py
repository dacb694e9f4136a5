"""Addresses of accounts below ``/app/v1/``."""

from django.urls import path

from accounts.api.account import AccountView, AuditExportView, AuditView, ProvidersView, ProviderView
from accounts.api.keys import ApiKeysView, ApiKeyView
from accounts.api.profile import EnrolmentView, PasswordView, ProfileView, RecoveryCodesView
from accounts.api.session import SecondFactorView, SessionView
from accounts.sso import views as sso

app_urls = [
    path("session", SessionView.as_view()),
    path("session/second-factor", SecondFactorView.as_view()),
    path("profile", ProfileView.as_view()),
    path("profile/password", PasswordView.as_view()),
    path("profile/second-factor", EnrolmentView.as_view()),
    path("profile/recovery-codes", RecoveryCodesView.as_view()),
    path("account", AccountView.as_view()),
    path("audit", AuditView.as_view()),
    path("audit.csv", AuditExportView.as_view()),
    path("identity-providers", ProvidersView.as_view()),
    path("identity-providers/<str:sid>", ProviderView.as_view()),
    path("api-keys", ApiKeysView.as_view()),
    path("api-keys/<str:sid>", ApiKeyView.as_view()),
]

sso_urls = sso.urls
