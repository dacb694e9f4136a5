"""The HTTP addresses of what is set up for the console."""

from django.urls import path

from console.api import apps, canned, setup, templates

app_urls = [
    path("canned-replies", canned.RepliesView.as_view()),
    path("canned-replies/media", canned.UploadView.as_view()),
    path("canned-replies/<str:sid>/media/<str:media_sid>", canned.FileView.as_view()),
    path("canned-replies/<str:sid>", canned.ReplyView.as_view()),
    path("message-templates", templates.TemplatesView.as_view()),
    path("message-templates/<str:sid>", templates.TemplateView.as_view()),
    path("panel-apps", apps.AppsView.as_view()),
    path("panel-apps/<str:sid>", apps.PanelAppView.as_view()),
    path("panel-apps/<str:sid>/secret", apps.SecretView.as_view()),
    path("console/settings", setup.SettingsView.as_view()),
    path("console/preferences", setup.PreferencesView.as_view()),
]
