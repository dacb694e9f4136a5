"""Addresses of Conversations v1, below ``/conversations/v1/``: the same with and without the service in the path."""

from django.urls import include, path

from conversations.api import (
    app_contacts,
    app_webhooks,
    compat_conversations,
    compat_messages,
    compat_users,
    compat_webhooks,
    media,
)

_CONVERSATION = "Conversations/<str:conversation_sid>"
_MESSAGE = f"{_CONVERSATION}/Messages/<str:message_sid>"
_USER = "Users/<str:user_sid>/Conversations"

shared_urls = [
    path("Configuration", compat_webhooks.ConfigurationView.as_view()),
    path("Configuration/Webhooks", compat_webhooks.WebhookConfigurationView.as_view()),
    path("Conversations", compat_conversations.ConversationListView.as_view()),
    path("Conversations/<str:sid>", compat_conversations.ConversationView.as_view()),
    path(f"{_CONVERSATION}/Participants", compat_conversations.ParticipantListView.as_view()),
    path(f"{_CONVERSATION}/Participants/<str:sid>", compat_conversations.ParticipantView.as_view()),
    path(f"{_CONVERSATION}/Messages", compat_messages.MessageListView.as_view()),
    path(f"{_CONVERSATION}/Messages/<str:sid>", compat_messages.MessageView.as_view()),
    path(f"{_MESSAGE}/Receipts", compat_messages.ReceiptListView.as_view()),
    path(f"{_MESSAGE}/Receipts/<str:sid>", compat_messages.ReceiptView.as_view()),
    path(f"{_CONVERSATION}/Webhooks", compat_webhooks.WebhookListView.as_view()),
    path(f"{_CONVERSATION}/Webhooks/<str:sid>", compat_webhooks.WebhookView.as_view()),
    path("ConversationWithParticipants", compat_conversations.ConversationWithParticipantsView.as_view()),
    path("ParticipantConversations", compat_users.ParticipantConversationListView.as_view()),
    path("Roles", compat_users.RoleListView.as_view()),
    path("Roles/<str:sid>", compat_users.RoleView.as_view()),
    path("Users", compat_users.UserListView.as_view()),
    path("Users/<str:sid>", compat_users.UserView.as_view()),
    path(_USER, compat_users.UserConversationListView.as_view()),
    path(f"{_USER}/<str:conversation_sid>", compat_users.UserConversationView.as_view()),
]

compat_urls = [
    *shared_urls,
    path("Configuration/Addresses", compat_webhooks.AddressListView.as_view()),
    path("Configuration/Addresses/<str:sid>", compat_webhooks.AddressView.as_view()),
    path("Services", compat_webhooks.ServiceListView.as_view()),
    path("Services/<str:sid>", compat_webhooks.ServiceView.as_view()),
    path("Services/<str:service_sid>/", include(shared_urls)),
]

# The vendor's media service: ``/mcs/v1/``.
media_urls = [
    path("Services/<str:service_sid>/Media", media.FilesView.as_view()),
    path("Services/<str:service_sid>/Media/<str:sid>", media.FileView.as_view()),
    path("Services/<str:service_sid>/Media/<str:sid>/Content", media.FileContentView.as_view()),
]

# Signed, so for whoever has the address: ``/media/v1/``.
file_urls = [
    path("<str:sid>/<str:ticket>", media.signed_file),
    path("<str:sid>/<str:ticket>/<str:filename>", media.signed_file),
]

app_urls = [
    path("contacts", app_contacts.ContactsView.as_view()),
    path("contacts/<str:sid>", app_contacts.ContactView.as_view()),
    path("contacts/<str:sid>/merge", app_contacts.MergeView.as_view()),
    path("webhooks/configuration", app_webhooks.ConfigurationView.as_view()),
    path("webhooks/configuration/<str:scope>", app_webhooks.ScopeConfigurationView.as_view()),
    path("webhooks/deliveries", app_webhooks.DeliveriesView.as_view()),
    path("webhooks/deliveries/<str:sid>", app_webhooks.DeliveryView.as_view()),
]
