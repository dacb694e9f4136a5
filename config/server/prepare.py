"""What a new release needs before it serves: tables and, where wanted, the demo account."""

from __future__ import annotations

from django.conf import settings
from django.core.management import call_command

from common import clock
from common.errors import Conflict
from config.demo import data
from config.env import WrongSetting
from config.server import preflight


def prepare() -> None:
    """
    Migrate the database, and bring the demo data unless FLOWDESK_DEMO is false.

    :raises WrongSetting: the database cannot be reached, or the demo's usernames are taken.
    """
    preflight.check_database()
    call_command("migrate", verbosity=0)
    if settings.ENV.demo:
        bring_demo_data()


def bring_demo_data() -> None:
    """
    Make the demo account where it is missing.

    :raises WrongSetting: a user of another account has one of its usernames.
    """
    try:
        data.bring(now=clock.now())
    except Conflict as error:
        raise WrongSetting(f"the demo data cannot be made: {error.message}; set FLOWDESK_DEMO=false") from error
