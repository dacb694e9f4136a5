"""``manage.py create_account NAME``: another tenant of this installation."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from accounts import services
from common import clock
from common.errors import ApiError
from config.env import WrongSetting
from config.server import preflight
from routing.services import provision_workspace


class Command(BaseCommand):
    help = "Create an account, optionally with an admin who can log in."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the account is called")
        parser.add_argument("--json", action="store_true", help="answer in JSON")
        parser.add_argument("--admin", metavar="USERNAME", help="also create an admin of this name")
        parser.add_argument("--password", default="", help="the admin's password (at least 10 characters)")

    def handle(self, *, name: str, json: bool, admin: str | None, password: str, **_: Any) -> None:
        preflight.check_database()
        preflight.check_migrations()
        if admin and len(password) < 10:
            raise WrongSetting("--admin needs a --password of at least 10 characters")
        now = clock.now()
        try:
            with transaction.atomic():
                account = services.create_account(name=name, now=now)
                provision_workspace(account_id=account.id, now=now)
                if admin:
                    services.create_user(account_id=account.id, username=admin, password=password, role="admin")
        except ApiError as error:
            raise WrongSetting(error.message) from error
        made = {"account_sid": account.sid, "auth_token": account.auth_token}
        self.stdout.write(_json(made) if json else "\n".join(f"{key}: {value}" for key, value in made.items()))


def _json(value: object) -> str:
    return json.dumps(value, indent=2)
