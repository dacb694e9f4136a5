"""
Mounted under ``/channels/v1/`` (``compat_urls``), ``/2010-04-01/`` and ``/api/2010-04-01/`` (``messages_urls``), and
``/app/v1/`` (``app_urls``).
"""

from django.urls import path

from channels_app.api import compat_messages, connections, settings

compat_urls = [
    path("Connections", connections.ConnectionsView.as_view()),
    path("Connections/<str:sid>", connections.ConnectionView.as_view()),
]

app_urls = [
    path("connections", settings.AppConnectionsView.as_view()),
    path("connections/types", settings.ConnectionTypesView.as_view()),
    path("connections/<str:sid>", settings.AppConnectionView.as_view()),
    path("connections/<str:sid>/test", settings.ConnectionTestView.as_view()),
    path("connections/<str:sid>/traffic", settings.TrafficView.as_view()),
    path("deliveries", settings.ParkedDeliveriesView.as_view()),
    path("deliveries/<str:sid>", settings.ParkedDeliveryView.as_view()),
]

_MESSAGES = "Accounts/<str:account_sid>/Messages"
_MEDIA = f"{_MESSAGES}/<str:message_sid>/Media"

# With the suffix first: a SID would take it for a part of itself.
messages_urls = [
    path(f"{_MESSAGES}.json", compat_messages.MessagesView.as_view()),
    path(_MESSAGES, compat_messages.MessagesView.as_view()),
    path(f"{_MESSAGES}/<str:sid>.json", compat_messages.MessageView.as_view()),
    path(f"{_MESSAGES}/<str:sid>", compat_messages.MessageView.as_view()),
    path(f"{_MEDIA}.json", compat_messages.MediaListView.as_view()),
    path(_MEDIA, compat_messages.MediaListView.as_view()),
    path(f"{_MEDIA}/<str:sid>.json", compat_messages.MediumView.as_view()),
    path(f"{_MEDIA}/<str:sid>", compat_messages.MediumView.as_view(as_content=True)),
]
