"""``manage.py schemas``: writes what is generated from the code, or with --check tells whether it is up to date."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from config.env import WrongSetting
from config.reference import widgets_page
from flows.widgets import catalogue


class Command(BaseCommand):
    help = "Write docs/widgets.md from the widgets' schemas."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail where a file is out of date")

    def handle(self, *, check: bool, **_: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "widgets.md"
        text = widgets_page(catalogue())
        if path.exists() and path.read_text() == text:
            return
        if check:
            raise WrongSetting(f"{path.relative_to(settings.BASE_DIR)} is out of date; run `make schemas`")
        path.write_text(text)
        self.stdout.write(f"wrote {path.relative_to(settings.BASE_DIR)}")
