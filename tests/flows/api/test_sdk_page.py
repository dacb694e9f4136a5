"""docs/sdk.md: the client it shows works over a real connection."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from tests.factories import make_account
from tests.flows.definitions import greeting

PAGE = Path(__file__).resolve().parents[3] / "docs" / "sdk.md"


@pytest.mark.django_db(transaction=True)
def test_the_shown_client_talks_to_a_running_server(
    live_server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The server's threads must not keep the test's database open after it.
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    settings.PUBLIC_URL = live_server.url
    account = make_account()
    shown, used = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    names: dict[str, Any] = {
        "account_sid": account.sid,
        "auth_token": account.auth_token,
        "definition": greeting(),
        "print": lambda *words: printed.append(words),
    }
    printed: list[tuple[str, ...]] = []

    exec(shown, names)  # noqa: S102
    exec(used.replace("http://127.0.0.1:8000", live_server.url), names)  # noqa: S102

    assert printed == [("greet", "sent", "Ended"), ("Trigger", "incomingRequest", "greet")]
    assert [flow.sid for flow in names["client"].studio.v2.flows.list(page_size=1)] == [names["flow"].sid]
