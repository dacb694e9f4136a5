"""``manage.py backup FILE``: everything in one file, while everything runs."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from common import clock
from config.env import WrongSetting
from config.operate import backup


class Command(BaseCommand):
    help = "Write the database, the media and the data directory's secrets to one file, while Flowdesk runs."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **_: Any) -> None:
        try:
            manifest = backup.back_up(file.absolute(), now=clock.now())
        except (backup.BackupRefused, OSError) as error:
            raise WrongSetting(f"no backup was made: {error}") from error
        size = file.stat().st_size
        self.stdout.write(
            f"{file}: {len(manifest['members'])} parts, {size / 1e6:.1f} MB. It holds secrets: keep it so."
        )
