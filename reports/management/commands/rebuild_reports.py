"""``manage.py rebuild_reports``: the facts behind the reports, from the events that are stored."""

from typing import Any

from django.core.management.base import BaseCommand

from reports import services


class Command(BaseCommand):
    help = "Write the facts that reports count, where they are missing, from the events. May run while people work."

    def handle(self, **_: Any) -> None:
        tasks, stays = services.rebuild_facts()
        self.stdout.write(f"{tasks:,} ended tasks and {stays:,} left activities are in the reports.")
