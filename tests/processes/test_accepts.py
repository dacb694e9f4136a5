"""Twenty accepts at the same moment, over HTTP, with two worker processes at work: exactly one wins."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Any

import httpx
import pytest

from tests.servers import Installation

pytestmark = pytest.mark.processes

AGENTS = 20
PATIENCE_SECONDS = 60


def test_of_twenty_simultaneous_accepts_exactly_one_wins(server: Installation) -> None:
    if server.backend == "postgres":
        server.start("worker2")
    made = server.credentials()
    api = Api(server, made)
    available = next(row for row in api.get("Activities")["activities"] if row["friendly_name"] == "Available")
    queue = api.post(
        "TaskQueues", FriendlyName="Race", TargetWorkers="skills HAS 'race'", MaxReservedWorkers=str(AGENTS)
    )
    for number in range(AGENTS):
        api.post(
            "Workers",
            FriendlyName=f"racer {number}",
            Attributes='{"skills": ["race"]}',
            ActivitySid=available["sid"],
        )

    task = api.post("Tasks", TaskQueueSid=queue["sid"], Attributes="{}", TaskChannel="chat")
    offered = api.wait_for_reservations(task["sid"])
    answers = asyncio.run(accept_all(server, made, task["sid"], [row["sid"] for row in offered]))

    assert Counter(status for status, _ in answers) == {200: 1, 400: AGENTS - 1}
    assert {body["code"] for status, body in answers if status == 400} == {20001}
    after = Counter(row["reservation_status"] for row in api.reservations(task["sid"]))
    assert after == {"accepted": 1, "rescinded": AGENTS - 1}


class Api:
    """TaskRouter's REST API in the demo's workspace."""

    def __init__(self, server: Installation, made: dict[str, Any]) -> None:
        self._client = httpx.Client(
            base_url=f"{server.base_url}/taskrouter/v1/Workspaces/{made['workspace_sid']}/",
            auth=(made["account_sid"], made["auth_token"]),
            trust_env=False,
            timeout=30,
        )

    def get(self, path: str) -> Any:
        return self._client.get(path, params={"PageSize": "100"}).raise_for_status().json()

    def post(self, path: str, **form: str) -> Any:
        return self._client.post(path, data=form).raise_for_status().json()

    def reservations(self, task_sid: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"Tasks/{task_sid}/Reservations")["reservations"]
        return found

    def wait_for_reservations(self, task_sid: str) -> list[dict[str, Any]]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(found := self.reservations(task_sid)) < AGENTS:
            assert time.monotonic() < deadline, f"only {len(found)} reservations"
            time.sleep(0.1)
        return found


async def accept_all(
    server: Installation, made: dict[str, Any], task_sid: str, reservations: list[str]
) -> list[tuple[int, Any]]:
    """Accept every reservation at once; returns each answer's status and body."""
    base = f"{server.base_url}/taskrouter/v1/Workspaces/{made['workspace_sid']}/Tasks/{task_sid}/Reservations/"
    auth = (made["account_sid"], made["auth_token"])
    async with httpx.AsyncClient(auth=auth, trust_env=False, timeout=30) as client:
        answers = await asyncio.gather(
            *(client.post(base + sid, data={"ReservationStatus": "accepted"}) for sid in reservations)
        )
    return [(answer.status_code, answer.json()) for answer in answers]
