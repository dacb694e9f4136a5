"""
``python -m tests.soak.faulty FAULT serve …``: the product with a planted fault, to see that the checker finds it.

``no-bells``: doorbells are lost and the sweep is off, so what is stored is never looked at.
``doubled``: every message goes out twice and without an idempotency key, as without ``Message.sid`` as the key.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace


def no_bells() -> None:
    from common import outbox, tasks

    outbox.ring = lambda topic: None
    tasks.sweep.run = lambda *_args, **_named: None


def doubled() -> None:
    from common import http

    send = http.HttpClient.fetch

    async def send_twice(self: http.HttpClient, request: http.HttpRequest) -> http.HttpAnswer:
        if not request.url.endswith("/Messages.json"):
            return await send(self, request)
        headers = {name: text for name, text in request.headers.items() if name != "I-Twilio-Idempotency-Token"}
        without = replace(request, headers=headers)
        await send(self, without)
        return await send(self, without)

    http.HttpClient.fetch = send_twice


FAULTS = {"no-bells": no_bells, "doubled": doubled}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.core.management import execute_from_command_line

    django.setup()
    FAULTS[sys.argv[1]]()
    execute_from_command_line(["manage.py", *sys.argv[2:]])


if __name__ == "__main__":
    main()
