"""The addresses of reports."""

from django.urls import path

from reports.api import surveys, views

app_urls = [
    path("reports/figures", views.FiguresView.as_view()),
    path("reports/figures.csv", views.FiguresFile.as_view()),
    path("reports/series.csv", views.SeriesFile.as_view()),
    path("reports/conversations.csv", views.ConversationsFile.as_view()),
    path("reports/mine", views.MineView.as_view()),
    path("reports/timeline", views.TimelineView.as_view()),
    path("reports/timeline.csv", views.TimelineFile.as_view()),
    path("reports/timeline/<str:sid>", views.AgentTimelineView.as_view()),
    path("reports/surveys", surveys.RulesView.as_view()),
    path("reports/surveys/<str:sid>", surveys.RuleView.as_view()),
    path("reports/options", views.OptionsView.as_view()),
]
