"""``manage.py prepare``: what a new release needs before it serves."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from config.server import preflight


class Command(BaseCommand):
    help = "Migrate the database and, unless FLOWDESK_DEMO=false, bring the demo data."
    requires_system_checks = ()

    def handle(self, **_: Any) -> None:
        preflight.check_database()
        call_command("migrate", verbosity=0)
        if settings.ENV.demo:
            call_command("demo_data")
