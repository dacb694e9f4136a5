"""The Celery application: doorbells and the sweep. Truth is in the database; see ``common.outbox``."""

import os

from celery import Celery
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("flowdesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = [Queue(name) for name in ("runtime", "deliver", "http", "routing", "webhooks")]
app.autodiscover_tasks(["common"])
