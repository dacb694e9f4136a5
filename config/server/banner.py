"""What the person who started the server reads first."""

from __future__ import annotations

from django.conf import settings

from accounts import queries as accounts
from config.demo import data, passwords


def banner() -> str:
    """Return the addresses, and the demo's log-ins where there is a demo account."""
    base = settings.PUBLIC_URL
    lines = [f"Flowdesk serves {base} (end with Ctrl+C)"]
    account = accounts.demo_account()
    if account is not None:
        names = [user.username for user in accounts.users(account.id)]
        shown = ", ".join(person.username for person in data.PEOPLE if person.username in names)
        lines += [
            f"  Log in as        {shown}",
            f"  Password         {passwords.kept() or 'as it was set before'}",
            f"  Flows, console   {base}/flows  {base}/console",
            f"  Be a customer    {base}/demo",
        ]
    return "\n".join(lines)
