"""Where every interface is mounted (design §4). The lean paths of ``config.asgi`` come before these."""

from django.urls import include, path

from accounts.api import urls as accounts_urls

urlpatterns = [
    path("app/v1/", include(accounts_urls.app_urls)),
]

handler404 = "common.api.errors.not_found"
handler500 = "common.api.errors.server_error"
