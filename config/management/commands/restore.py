"""``manage.py restore FILE``: a backup in the place of this installation's data."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from common import clock
from config.env import WrongSetting
from config.operate import backup, heartbeat


class Command(BaseCommand):
    help = "Put a backup of `manage.py backup` in the place of this installation's data. Stop Flowdesk first."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="although there are data, which are lost")

    def handle(self, *, file: Path, replace: bool, **_: Any) -> None:
        try:
            manifest = backup.restore(file.absolute(), replace=replace, now=clock.now())
        except (backup.BackupRefused, OSError) as error:
            raise WrongSetting(f"nothing was restored: {error}") from error
        self.stdout.write(f"Restored what was backed up at {manifest['made_at']}. Start Flowdesk again.")
        if manifest["installation"] != heartbeat.installation():
            self.stdout.write(
                "The backup was made with another secret key than this process has. Where FLOWDESK_SECRET_KEY is set,"
                " set the old one: without it stored credentials cannot be read. One that was kept came with the file."
            )
