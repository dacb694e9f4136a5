from django.urls import path

from accounts.api.session import SessionView

app_urls = [path("session", SessionView.as_view())]
