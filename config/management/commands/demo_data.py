"""``manage.py demo_data``: the account that a newcomer looks around in."""

from typing import Any

from django.core.management.base import BaseCommand

from config.server import preflight
from config.server.prepare import bring_demo_data


class Command(BaseCommand):
    help = "Make the demo account, where it is missing. Running it again changes nothing that its users changed."
    requires_system_checks = ()

    def handle(self, **_: Any) -> None:
        preflight.check_database()
        preflight.check_migrations()
        bring_demo_data()
