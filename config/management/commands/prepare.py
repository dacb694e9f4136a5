"""``manage.py prepare``: what a new release needs before it serves."""

from typing import Any

from django.core.management.base import BaseCommand

from config.server.prepare import prepare


class Command(BaseCommand):
    help = "Migrate the database and, unless FLOWDESK_DEMO=false, bring the demo data."
    requires_system_checks = ()

    def handle(self, **_: Any) -> None:
        prepare()
