"""``manage.py credentials``: the demo account's addresses and secrets as JSON on standard output."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from accounts import queries as accounts
from config.credentials import credentials
from config.env import WrongSetting
from config.server import preflight


class Command(BaseCommand):
    help = "Print the demo account's addresses and secrets as JSON."
    requires_system_checks = ()

    def handle(self, **_: Any) -> None:
        preflight.check_database()
        preflight.check_migrations()
        account = accounts.demo_account()
        if account is None:
            raise WrongSetting("there is no demo account; run `make run` once, or `manage.py demo_data`")
        self.stdout.write(json.dumps(credentials(account), indent=2))
