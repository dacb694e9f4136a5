"""The addresses of supervision."""

from django.urls import path

from supervision.api import chats, floor

app_urls = [
    path("supervisor/wallboard", floor.WallboardView.as_view()),
    path("supervisor/settings", floor.SettingsView.as_view()),
    path("supervisor/agents", floor.AgentsView.as_view()),
    path("supervisor/agents/<str:sid>", floor.AgentView.as_view()),
    path("supervisor/chats", floor.ChatsView.as_view()),
    path("supervisor/conversations/<str:sid>/watch", chats.WatchView.as_view()),
    path("supervisor/conversations/<str:sid>/barge", chats.BargeView.as_view()),
    path("supervisor/conversations/<str:sid>/take-over", chats.TakeOverView.as_view()),
    path("supervisor/tasks/<str:sid>", chats.TaskView.as_view()),
    path("supervisor/help", chats.HelpListView.as_view()),
    path("supervisor/help/<str:sid>", chats.HelpView.as_view()),
    path("console/conversations/<str:sid>/coaching", chats.CoachingView.as_view()),
]
