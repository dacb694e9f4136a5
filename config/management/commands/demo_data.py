"""``manage.py demo_data``: the account that a newcomer looks around in."""

from typing import Any

from django.core.management.base import BaseCommand

from common import clock
from common.errors import Conflict
from config.demo import data
from config.env import WrongSetting
from config.server import preflight


class Command(BaseCommand):
    help = "Make the demo account, where it is missing. Running it again changes nothing that its users changed."
    requires_system_checks = ()

    def handle(self, **_: Any) -> None:
        preflight.check_database()
        try:
            data.bring(now=clock.now())
        except Conflict as error:
            raise WrongSetting(f"the demo data cannot be made: {error.message}; set FLOWDESK_DEMO=false") from error
