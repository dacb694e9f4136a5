"""Where every interface is mounted (design §4). The lean paths of ``config.asgi`` come before these."""

from django.urls import include, path, re_path

from accounts.api import urls as accounts_urls
from channels_app.api import urls as channels_urls
from config import health, people, web
from config.demo.echo import echo
from config.openapi import document
from config.operate import api as operate_urls
from console.api import urls as console_urls
from conversations.api import urls as conversations_urls
from flows.api import urls as flows_urls
from interactions.api import urls as interactions_urls
from realtime.api import urls as realtime_urls
from reports.api import urls as reports_urls
from routing.api import urls as routing_urls
from supervision.api import urls as supervision_urls

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("", include(document.urlpatterns)),
    path("app/v1/", include(accounts_urls.app_urls)),
    path("app/v1/", include(people.app_urls)),
    path("app/v1/", include(operate_urls.app_urls)),
    path("sso/", include(accounts_urls.sso_urls)),
    path("app/v1/", include(flows_urls.app_urls)),
    path("app/v1/", include(channels_urls.app_urls)),
    path("channels/v1/", include(channels_urls.compat_urls)),
    path("2010-04-01/", include(channels_urls.messages_urls)),
    path("api/2010-04-01/", include(channels_urls.messages_urls)),
    path("conversations/v1/", include(conversations_urls.compat_urls)),
    path("app/v1/", include(conversations_urls.app_urls)),
    path("mcs/v1/", include(conversations_urls.media_urls)),
    path("media/v1/", include(conversations_urls.file_urls)),
    path("studio/v2/", include(flows_urls.compat_urls)),
    path("webhooks/", include(flows_urls.webhook_urls)),
    path("app/v1/", include(console_urls.app_urls)),
    path("app/v1/", include(realtime_urls.app_urls)),
    path("app/v1/", include(interactions_urls.app_urls)),
    path("", include(realtime_urls.webchat_urls)),
    path("", include(realtime_urls.flex_urls)),
    path("", include(realtime_urls.demo_urls)),
    path("app/v1/", include(routing_urls.app_urls)),
    path("app/v1/", include(reports_urls.app_urls)),
    path("app/v1/", include(supervision_urls.app_urls)),
    path("taskrouter/v1/", include(routing_urls.compat_urls)),
    path("flex-api/v1/", include(interactions_urls.compat_urls)),
    path("demo", web.demo_page),
    path("demo/", web.demo_page),
    path("demo/echo", echo),
    path("", web.app_page),
    # The application's own addresses; the browser knows what lies below them.
    re_path(
        r"^(?:login|profile|flows|executions|routing|settings|console|contacts|supervisor|reports|history)(?:/.*)?$",
        web.app_page,
    ),
]

handler404 = "common.api.errors.not_found"
handler500 = "common.api.errors.server_error"
