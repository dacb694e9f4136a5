"""Mounted under ``/channels/v1/`` (``compat_urls``) and ``/app/v1/`` (``app_urls``)."""

from django.urls import path

from channels_app.api import connections, settings

compat_urls = [
    path("Connections", connections.ConnectionsView.as_view()),
    path("Connections/<str:sid>", connections.ConnectionView.as_view()),
]

app_urls = [
    path("connections", settings.AppConnectionsView.as_view()),
    path("connections/types", settings.ConnectionTypesView.as_view()),
    path("connections/<str:sid>", settings.AppConnectionView.as_view()),
    path("connections/<str:sid>/traffic", settings.TrafficView.as_view()),
    path("deliveries", settings.ParkedDeliveriesView.as_view()),
    path("deliveries/<str:sid>", settings.ParkedDeliveryView.as_view()),
]
