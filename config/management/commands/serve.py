"""``manage.py serve``: the whole server in one process, or one part of it."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from config.celery import QUEUES
from config.env import WrongSetting
from config.server import main


class Command(BaseCommand):
    help = "Serve Flowdesk: everything in one process, or with --only one part (which needs REDIS_URL)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", choices=main.PARTS, help="run this part alone")
        parser.add_argument("--prepare", action="store_true", help="do first what `manage.py prepare` does")
        parser.add_argument("--queues", default=",".join(QUEUES), help="the worker's queues, comma separated")

    def handle(self, *, only: str | None, queues: str, prepare: bool, **_: Any) -> None:
        if only and settings.EMBEDDED:
            raise WrongSetting(f"--only {only} needs REDIS_URL: without it the broker lives inside one process")
        wanted = [name.strip() for name in queues.split(",") if name.strip()]
        unknown = sorted(set(wanted) - set(QUEUES))
        if unknown or not wanted:
            raise WrongSetting(f"--queues takes some of {', '.join(QUEUES)}, not {', '.join(unknown) or 'nothing'}")
        main.serve((only,) if only else main.PARTS, wanted, prepare_first=prepare)
