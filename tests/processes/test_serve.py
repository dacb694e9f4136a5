"""The server process: how it starts, answers, refuses and ends."""

from __future__ import annotations

import re
import socket

import httpx
import pytest

from tests.servers import PASSWORD, Installation, free_port

pytestmark = pytest.mark.processes


def test_serves_a_page_to_log_in_to_and_the_demo_users_log_in(server: Installation) -> None:
    with httpx.Client(base_url=server.base_url, trust_env=False) as browser:
        refusal = browser.get("/app/v1/session")
        token = refusal.json()["details"]["csrf_token"]
        logged_in = [
            browser.post(
                "/app/v1/session", json={"username": name, "password": PASSWORD}, headers={"X-CSRFToken": token}
            ).json()["user"]["role"]
            for name in ("admin", "supervisor", "ana", "ben")
            if (token := browser.get("/app/v1/session").json().get("csrf_token", token))
        ]
        page = browser.get("/login")
        (script,) = re.findall(r'<script type="module" src="([^"]+)"', page.text)
        files = [browser.get(path) for path in (script, "/static/app/none.js", "/static/../manage.py")]

    assert refusal.status_code == 401
    assert logged_in == ["admin", "supervisor", "agent", "agent"]
    assert '<div id="root"' in page.text
    assert [file.status_code for file in files] == [200, 404, 404]
    assert "immutable" in files[0].headers["Cache-Control"]
    assert {file.headers["X-Content-Type-Options"] for file in files} == {"nosniff"}


def test_tells_in_one_line_that_the_port_is_in_use(bare: Installation) -> None:
    with socket.create_server(("127.0.0.1", bare.port)):
        arguments = () if bare.backend == "sqlite" else ("--only", "web")
        done = bare.manage("serve", *arguments, check=False)

    assert done.returncode == 1
    assert done.stderr == f"flowdesk: port {bare.port} is in use by another program; set FLOWDESK_PORT to a free one\n"


def test_tells_in_one_line_that_the_database_was_not_prepared(bare: Installation) -> None:
    done = bare.manage("serve", check=False)

    assert done.returncode == 1
    assert done.stderr.startswith("flowdesk: the database lacks ")
    assert done.stderr.count("\n") == 1


def test_refuses_a_data_directory_that_another_server_uses(server: Installation) -> None:
    if server.backend != "sqlite":
        pytest.skip("several processes share PostgreSQL and Redis")
    done = server.manage("serve", check=False, FLOWDESK_PORT=str(free_port()))

    assert done.returncode == 1
    assert "is in use by another Flowdesk (process " in done.stderr


# The last of those that share the server.
def test_starts_again_after_being_killed_and_ends_with_code_0_when_asked(server: Installation) -> None:
    before = server.credentials()

    server.kill()
    server.start()

    assert server.credentials() == before
    assert set(server.stop().values()) == {0}
