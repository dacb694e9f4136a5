"""One soak from beginning to verdict."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.servers import PASSWORD, Installation, installation
from tests.soak import checker
from tests.soak.chaos import Chaos, Supervisor
from tests.soak.crowd import Crowd
from tests.soak.echo import echoing
from tests.soak.provider import MoodyLedger, moody
from tests.soak.scenario import OURS, SILENCE_SECONDS, flow
from tests.soak.stores import stores
from tests.standins.server import RunningStandin


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, how hard, on what; the same seed strikes the same blows."""

    backend: str
    customers: int
    kills: int
    database_restarts: int = 0
    at_once: int = 40
    seed: int = 1
    patience_seconds: float = 240.0
    # What python runs in place of manage.py: see tests.soak.faulty.
    program: tuple[str, ...] = ("manage.py",)
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Verdict:
    """``faults`` is empty where every promise was kept."""

    faults: list[str]
    seconds: float
    blows: Counter[str]
    restarts: Counter[str]
    messages: int
    repeated: int
    refused: Counter[int]
    log: str

    def summary(self) -> str:
        answers = ", ".join(f"{count} x {status}" for status, count in sorted(self.refused.items()))
        struck = ", ".join(f"{name} {count}" for name, count in sorted(self.blows.items())) or "none"
        began_anew = ", ".join(f"{name} {count}" for name, count in sorted(self.restarts.items())) or "none"
        return (
            f"{self.messages} replies in {self.seconds:.0f} s; killed: {struck}; started again: {began_anew}; "
            f"the provider answered {answers} and saw {self.repeated} requests again"
        )


def soak(plan: Plan) -> Verdict:
    """Run a soak; it ends by itself, at the latest some time after its customers have lost patience."""
    began = time.monotonic()
    with ExitStack() as stack:
        provider = stack.enter_context(moody(plan.seed))
        echo_url = stack.enter_context(echoing())
        postgres = redis = None
        environment = dict(plan.environment)
        if plan.backend == "postgres":
            postgres, redis = stack.enter_context(stores())
            environment |= {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url}
        server = stack.enter_context(installation(plan.backend, **environment))
        server.manage("prepare")
        server.program = plan.program
        supervisor = Supervisor(server)
        supervisor.begin()
        stack.callback(supervisor.end)
        server.wait_until_ready()
        connection_sid = set_up(server, provider, echo_url)
        crowd = Crowd(
            url=f"{server.base_url}/webhooks/{connection_sid}",
            provider=provider,
            customers=plan.customers,
            at_once=plan.at_once,
            seed=plan.seed,
            patience_seconds=plan.patience_seconds,
        )
        chaos = Chaos(
            server,
            kills=plan.kills,
            database_restarts=plan.database_restarts,
            seed=plan.seed,
            postgres=postgres,
            redis=redis,
        )
        talking = threading.Thread(target=lambda: asyncio.run(crowd.talk()))
        talking.start()
        while talking.is_alive():
            chaos.strike(min(crowd.progress / 0.9, 1.0))
            talking.join(0.05)
        database = postgres.url if postgres else str(server.directory / "flowdesk.sqlite3")
        _wait_until_idle(database, provider, plan.patience_seconds)
        ledger = provider.ledger
        return Verdict(
            faults=crowd.errors[: checker.MOST_SHOWN]
            + checker.find_faults(ledger=ledger, database_url=database, customers=plan.customers),
            seconds=time.monotonic() - began,
            blows=chaos.done,
            restarts=supervisor.restarts,
            messages=len(ledger.messages),
            repeated=ledger.duplicates,
            refused=Counter(ledger.statuses_answered),
            log=server.log_text(),
        )


def _wait_until_idle(database: str, provider: RunningStandin, patience_seconds: float) -> None:
    """Return when nothing is due any more and what was sent too often would have arrived."""
    assert isinstance(provider.ledger, MoodyLedger)
    provider.ledger.is_calm = True
    deadline = time.monotonic() + patience_seconds
    quiet = 0
    while quiet < 3 and time.monotonic() < deadline:
        time.sleep(1)
        quiet = quiet + 1 if checker.backlog(database) == 0 else 0
    # A timer that would fire a second time does so by now.
    time.sleep(min(SILENCE_SECONDS, patience_seconds) / 2)


def set_up(server: Installation, provider: RunningStandin, echo_url: str) -> str:
    """Make a sender at the stand-in, and a flow that answers it, through the APIs; returns the connection's SID."""
    made = server.credentials()
    browser = httpx.Client(base_url=server.base_url, trust_env=False, timeout=60)
    token = browser.get("/app/v1/session").json()["details"]["csrf_token"]
    login = {"username": "admin", "password": PASSWORD}
    session = _done(browser.post("/app/v1/session", json=login, headers={"X-CSRFToken": token}))
    headers = {"X-CSRFToken": session["csrf_token"]}

    def post(path: str, body: dict[str, Any]) -> dict[str, Any]:
        return _done(browser.post(f"/app/v1/{path}", json=body, headers=headers))

    keys = {"account_sid": provider.keys.twilio_account_sid, "auth_token": provider.keys.twilio_auth_token}
    connection = _done(
        httpx.post(
            f"{server.base_url}/channels/v1/Connections",
            auth=(made["account_sid"], made["auth_token"]),
            data={
                "Type": "sms",
                "Provider": "twilio",
                "Address": OURS,
                "ApiBaseUrl": provider.url,
                "RatePerSecond": "1000",
                "Credentials": json.dumps(keys),
            },
            trust_env=False,
            timeout=60,
        )
    )
    drawn = post("flows", {"friendly_name": "Soak", "definition": flow(echo_url, made["workflow_sid"])})
    post(f"flows/{drawn['sid']}/publish", {"base_revision": drawn["revision"]})
    address = {"type": "sms", "address": OURS, "target": "studio", "flow_sid": drawn["sid"], "enabled": True}
    post("addresses", address)
    return str(connection["sid"])


def _done(answer: httpx.Response) -> dict[str, Any]:
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found
