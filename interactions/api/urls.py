"""The addresses of Flex Interactions v1."""

from django.urls import path

from interactions.api import app_policies, configuration, transfers, webhooks
from interactions.api import interactions as views

_INTERACTION = "Interactions/<str:interaction>"
_CHANNEL = f"{_INTERACTION}/Channels/<str:channel>"

compat_urls = [
    path("Interactions", views.InteractionListView.as_view()),
    path("Interactions/<str:sid>", views.InteractionView.as_view()),
    path(f"{_INTERACTION}/Channels", views.ChannelListView.as_view()),
    path(f"{_INTERACTION}/Channels/<str:sid>", views.ChannelView.as_view()),
    path(f"{_CHANNEL}/Invites", views.InviteListView.as_view()),
    path(f"{_CHANNEL}/Participants", views.ParticipantListView.as_view()),
    path(f"{_CHANNEL}/Participants/<str:sid>", views.ParticipantView.as_view()),
    path(f"{_CHANNEL}/Transfers", transfers.TransferListView.as_view()),
    path(f"{_CHANNEL}/Transfers/<str:sid>", transfers.TransferView.as_view()),
    path("Instances/<str:instance>/InteractionWebhooks", webhooks.WebhookListView.as_view()),
    path("Instances/<str:instance>/InteractionWebhooks/<str:ttid>", webhooks.WebhookView.as_view()),
    path("Configuration", configuration.ConfigurationView.as_view()),
    path("account/provision/status", configuration.ProvisionView.as_view()),
]
app_urls = [
    path("desk-policies", app_policies.PoliciesView.as_view()),
    path("desk-policies/<str:sid>", app_policies.PolicyView.as_view()),
]
