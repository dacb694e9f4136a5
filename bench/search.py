"""
What finding a conversation again takes among a million messages: a page, a common word, and a word that nobody said.

Beside it the bare statement that looks through the same messages. ``python -m bench.search [--messages 1000000]``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from bench.history import LEVEL, fill
from bench.message_path import ROOT, measure, on_loop, product

TIMES = 7
NOBODY_SAID = "quetzalcoatl"
# The newest conversations, as many as one search looks through.
BARE = """
SELECT count(*) FROM conversations_message WHERE body ~* %s AND conversation_id IN (
    SELECT id FROM conversations_conversation WHERE account_id = %s ORDER BY id DESC LIMIT %s
)
"""


def ask() -> dict[str, Any]:
    """Return the ms (median) of each question; runs in the installation's environment."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.db import connection
    from django.db.models import Count

    from conversations.models import Conversation, Message
    from conversations.searching import MOST_LOOKED_THROUGH, search_conversations

    (biggest,) = Conversation.objects.values("account_id").annotate(n=Count("id")).order_by("-n")[:1]
    account_id = biggest["account_id"]
    body = Message.objects.filter(source="customer").values_list("body", flat=True).first() or ""
    common = body.split()[0]

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(BARE, (NOBODY_SAID, account_id, MOST_LOOKED_THROUGH))
            cursor.fetchall()

    return {
        "messages": Message.objects.count(),
        "conversations": biggest["n"],
        "newest page, ms": _median(lambda: search_conversations(account_id)),
        "a common word, ms": _median(lambda: search_conversations(account_id, words=common)),
        "a word that nobody said, ms": _median(lambda: search_conversations(account_id, words=NOBODY_SAID)),
        "bare statement, the same messages, ms": _median(bare),
    }


def _median(work: Callable[[], object]) -> float:
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return round(statistics.median(took) * 1000, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    options = parser.parse_args()
    with product(postgres=True) as env:
        on_loop(measure(env, (LEVEL,), 1))
        fill(env["DATABASE_URL"], options.messages)
        subprocess.run([sys.executable, "-m", "bench.search", "ask"], check=True, env=env, cwd=ROOT)


if __name__ == "__main__":
    print(json.dumps(ask(), indent=1)) if sys.argv[1:2] == ["ask"] else main()
