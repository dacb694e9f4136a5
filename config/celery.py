"""The Celery application: doorbells and the sweep. Truth is in the database; see ``common.outbox``."""

import os
from typing import Any

from celery import Celery, signals
from django.db import close_old_connections
from kombu import Queue

from config import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

QUEUES = ("runtime", "deliver", "http", "routing", "webhooks")

# Celery's own fix-up for Django closes the database connection around every task; see ``refresh_connections``.
broker.install()
app = Celery("flowdesk", fixups=[])
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
# A doorbell needs no acknowledgement: one that is lost with its worker is made good by the sweep.
app.conf.task_queues = [Queue(name, no_ack=True) for name in QUEUES]
app.autodiscover_tasks(["common"])


@signals.task_prerun.connect
@signals.task_postrun.connect
def refresh_connections(**_: Any) -> None:
    """Drop a broken database connection (a pooled one goes back to its pool) before and after every task."""
    close_old_connections()
