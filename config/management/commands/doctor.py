"""``manage.py doctor``: what is wrong with this installation, and what to do."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from common import clock
from config.operate import doctor

MARKS = {doctor.OK: "  ok    ", doctor.WARNING: "WARNING ", doctor.ERROR: "ERROR   "}


class Command(BaseCommand):
    help = "Look at everything this installation stands on. Ends with 0 where all is well, 1 on errors, 2 on warnings."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="as JSON, for programs")

    def handle(self, *, json: bool, **_: Any) -> None:
        found = doctor.examine(clock.now())
        worst = doctor.worst(found)
        if json:
            self.stdout.write(_json({"level": worst, "findings": doctor.written(found)}))
        else:
            for finding in doctor.written(found):
                self.stdout.write(f"{MARKS[finding['level']]}{finding['check']}: {finding['text']}")
                if finding["advice"] and finding["level"] != doctor.OK:
                    self.stdout.write(f"          → {finding['advice']}")
        raise SystemExit({doctor.OK: 0, doctor.ERROR: 1, doctor.WARNING: 2}[worst])


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
