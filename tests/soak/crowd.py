"""Customers who talk, and repeat themselves until they are answered 200, as a provider does for them."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

import aiohttp

from common import ids
from tests.soak.provider import Statuses, is_taken
from tests.soak.scenario import OURS, Part, address_of, part_of
from tests.standins import webhooks
from tests.standins.server import RunningStandin


class Crowd:
    """``errors`` says what went wrong for whom; ``progress`` is the share of all messages that were taken."""

    def __init__(
        self, *, url: str, provider: RunningStandin, customers: int, at_once: int, seed: int, patience_seconds: float
    ) -> None:
        self._url, self._provider = url, provider
        self._customers, self._at_once = customers, at_once
        self._patience = patience_seconds
        self._random = random.Random(seed)
        self._written = 0
        self._total = sum(len(part_of(number).says) for number in range(customers))
        self.errors: list[str] = []

    @property
    def progress(self) -> float:
        return self._written / self._total

    async def talk(self) -> None:
        room = asyncio.Semaphore(self._at_once)
        # httpx goes through all its connections at each request: with hundreds of them it does little else.
        limit, patience = aiohttp.TCPConnector(limit=self._at_once + 40), aiohttp.ClientTimeout(total=10)
        async with aiohttp.ClientSession(connector=limit, timeout=patience) as client:
            statuses = Statuses(self._provider, client, seed=self._customers)
            telling = asyncio.create_task(statuses.tell())

            async def one(number: int) -> None:
                async with room:
                    try:
                        await self._converse(client, address_of(number), part_of(number))
                    except TimeoutError as error:
                        self.errors.append(f"{address_of(number)}: {error}")

            await asyncio.gather(*(one(number) for number in range(self._customers)))
            if not self.errors:
                await statuses.finish()
            telling.cancel()

    async def _converse(self, client: aiohttp.ClientSession, customer: str, part: Part) -> None:
        for text, replies in zip(part.says, part.after, strict=True):
            webhook = webhooks.twilio_message(
                self._url,
                token=self._provider.keys.twilio_auth_token,
                sid=ids.sid("SM", ids.uuid7()),
                sender=customer,
                recipient=OURS,
                body=text,
            )
            await self._until(lambda webhook=webhook: is_taken(client, webhook), f"{text!r} was not taken")
            self._written += 1
            if self._random.random() < 0.1:
                # A provider that did not see our 200 says it again.
                await self._until(lambda webhook=webhook: is_taken(client, webhook), f"{text!r} again was not taken")
            await self._until(lambda count=replies: self._has(customer, count), f"no {replies} replies after {text!r}")

    async def _has(self, customer: str, count: int) -> bool:
        return len(self._provider.ledger.bodies(customer)) >= count

    async def _until(self, happened: Callable[[], Awaitable[bool]], otherwise: str) -> None:
        deadline = time.monotonic() + self._patience
        while not await happened():
            if time.monotonic() > deadline:
                raise TimeoutError(otherwise)
            await asyncio.sleep(0.1)
