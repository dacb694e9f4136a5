"""A provider in a bad mood: it answers 429 and 500, drops, loses answers, hangs, and repeats and reorders statuses."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp

from tests.standins import webhooks
from tests.standins.ledger import Ledger, SentMessage
from tests.standins.server import RunningStandin, running

# Steps of Ledger.script and how often each comes, of a thousand sends; the rest are answered as they should be.
MOODS = {"429:1": 25, "500": 25, "lost": 15, "drop": 15, "slow:1": 10, "garbage": 5, "hang:20": 2}


class MoodyLedger(Ledger):
    """Draws what happens to a send instead of following a script."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._random = random.Random(seed)
        self.is_calm = False

    def next_step(self, recipient: str) -> str:
        if self.is_calm:
            return "ok"
        drawn = self._random.randrange(1000)
        for step, share in MOODS.items():
            if drawn < share:
                return step
            drawn -= share
        return "ok"


@contextmanager
def moody(seed: int) -> Iterator[RunningStandin]:
    with running() as provider:
        provider.standin.ledger = MoodyLedger(seed)
        yield provider


class Statuses:
    """Tells us what became of each message: in any order, some twice, until we have taken it."""

    def __init__(self, provider: RunningStandin, client: aiohttp.ClientSession, seed: int) -> None:
        self._provider = provider
        self._client = client
        self._random = random.Random(seed)
        self._told = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def tell(self) -> None:
        """Run until cancelled."""
        while True:
            # The provider's thread adds to the list meanwhile: what is counted as told is what was looked at.
            fresh = self._provider.ledger.messages[self._told :]
            for sent in fresh:
                if sent.status_callback:
                    self._spawn(sent)
            self._told += len(fresh)
            await asyncio.sleep(0.1)

    async def finish(self) -> None:
        """Return when everything was told."""
        # Polled: the provider runs on another thread.
        while self._told < len(self._provider.ledger.messages):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        while self._tasks:
            await asyncio.gather(*list(self._tasks))

    def _spawn(self, sent: SentMessage) -> None:
        order = ["sent", "delivered", self._random.choice(["sent", "delivered"])]
        self._random.shuffle(order)
        task = asyncio.create_task(self._tell_of(sent, order))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell_of(self, sent: SentMessage, order: list[str]) -> None:
        for status in order:
            webhook = webhooks.twilio_status(
                sent.status_callback, token=self._provider.keys.twilio_auth_token, sid=sent.external_id, status=status
            )
            while not await is_taken(self._client, webhook):  # noqa: ASYNC110
                await asyncio.sleep(0.3)


async def is_taken(client: aiohttp.ClientSession, webhook: webhooks.SignedWebhook) -> bool:
    """Post a webhook once; whether we answered 200."""
    try:
        async with client.post(webhook.url, data=webhook.body, headers=webhook.headers) as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False
