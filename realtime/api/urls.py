"""The HTTP addresses of realtime: the console's, the web chat's and the demo phone's."""

from django.urls import path

from realtime.api import console, conversations, demo, webchat

app_urls = [
    path("console", console.ConsoleView.as_view()),
    path("console/activity", console.ActivityView.as_view()),
    path("console/reservations/<str:sid>", console.ReservationView.as_view()),
    path("conversations/<str:sid>", conversations.ConversationView.as_view()),
    path("conversations/<str:sid>/messages", conversations.MessagesView.as_view()),
    path("conversations/<str:sid>/typing", conversations.TypingView.as_view()),
    path("conversations/<str:sid>/read", conversations.ReadView.as_view()),
]
webchat_urls = [
    path("webchat/v1/sessions", webchat.SessionsView.as_view()),
    path("webchat/v1/sessions/refresh", webchat.RefreshView.as_view()),
    path("webchat.js", webchat.script),
]
demo_urls = [
    path("demo/api/setup", demo.SetupView.as_view()),
    path("demo/api/phone", demo.PhoneView.as_view()),
]
