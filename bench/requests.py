"""
What a request by browser or REST takes, in turns and on one thread (config/one_thread.py), and by Django's own handler.

Two servers of their own on SQLite, one after the other: each address one request after another, then sixteen at once.
``python -m bench.requests`` prints the table; with ``serve`` it is the server that asks Django in its own way.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx

from tests.servers import PASSWORD, Installation, installation

SERVERS = {"ours": ("manage.py",), "Django's own": ("-m", "bench.requests")}
ADDRESSES = ("/app/v1/session", "/app/v1/flows", "/studio/v2/Flows")
EACH, AT_ONCE = 400, 16


def main() -> None:
    print(f"{'':24}" + "".join(f"{name:>16}" for name in SERVERS) + f"{'ratio':>8}")
    found = [measure(program) for program in SERVERS.values()]
    for name in found[0]:
        figures = [each[name] for each in found]
        ratio = figures[0] / figures[1]
        print(f"{name:24}" + "".join(f"{figure:>16.1f}" for figure in figures) + f"{ratio:>8.2f}")


def measure(program: tuple[str, ...]) -> dict[str, float]:
    """Return ms (p50) of each address, and requests/s and p99 of the second one with sixteen clients."""
    with installation("sqlite") as server:
        server.manage("prepare")
        server.program = program
        server.start()
        with closing(logged_in(server)) as client:
            for address in ADDRESSES:
                ask(client, address, EACH // 10)
            figures = {f"{address}, ms": statistics.median(ask(client, address, EACH)) * 1000 for address in ADDRESSES}
            began = time.perf_counter()
            with ThreadPoolExecutor(AT_ONCE) as pool:
                crowd = pool.map(lambda _: ask(client, ADDRESSES[1], EACH // AT_ONCE), range(AT_ONCE))
                took = sorted(seconds for each in crowd for seconds in each)
            figures[f"{AT_ONCE} at once, requests/s"] = EACH / (time.perf_counter() - began)
            figures[f"{AT_ONCE} at once, p99, ms"] = took[int(len(took) * 0.99)] * 1000
        return figures


def logged_in(server: Installation) -> httpx.Client:
    """Return a client with an admin's session, and with an API key for REST."""
    made = server.credentials()
    client = httpx.Client(base_url=server.base_url, trust_env=False, timeout=30, headers={"Origin": server.base_url})
    token = client.get("/app/v1/session").json()["details"]["csrf_token"]
    body = {"username": "admin", "password": PASSWORD}
    client.post("/app/v1/session", json=body, headers={"X-CSRFToken": token}).raise_for_status()
    client.auth = (made["account_sid"], made["auth_token"])
    return client


def ask(client: httpx.Client, address: str, times: int) -> list[float]:
    """Return the seconds of each request."""
    # An API key is no way into the browser's own API.
    auth = client.auth if address.startswith("/studio") else None
    took = []
    for _ in range(times):
        began = time.perf_counter()
        client.get(address, auth=auth).raise_for_status()
        took.append(time.perf_counter() - began)
    return took


def serve() -> None:
    """Be ``manage.py serve`` with Django's own handler in the place of ours."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.core.handlers.asgi import ASGIHandler
    from django.core.management import execute_from_command_line

    django.setup(set_prefix=False)
    from config import asgi

    asgi.django_application = ASGIHandler()  # type: ignore[assignment]
    execute_from_command_line(["manage.py", *sys.argv[1:]])


if __name__ == "__main__":
    serve() if sys.argv[1:2] == ["serve"] else main()
