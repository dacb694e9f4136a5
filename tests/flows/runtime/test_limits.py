"""The bounds that an installation sets for its executions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from common import clock
from conversations.services import receive_messages
from flows.engine.limits import Limits
from flows.models import Execution
from tests.factories import definition, inbound, make_account, publish_flow, state, texts

pytestmark = pytest.mark.django_db


def test_runs_in_the_bounds_of_the_installation(monkeypatch: pytest.MonkeyPatch, drain: Callable[[], int]) -> None:
    monkeypatch.setattr("flows.runtime.turn.LIMITS", Limits(loop_rounds=3, steps=3))
    account = make_account()
    count = "{% for i in (1..9) %}{{ i }}{% endfor %}"
    publish_flow(
        account,
        definition(
            state("one", "send-message", {"sent": "two"}, body=count, **{"from": "x"}),
            state("two", "send-message", {"sent": "three"}, body="two", **{"from": "x"}),
            state("three", "send-message", {"sent": None}, body="three", **{"from": "x"}),
        ),
    )

    receive_messages([inbound(account, "hi")], now=clock.now())
    drain()

    execution = Execution.objects.get()
    assert texts(execution.conversation_id) == ["123", "two"]
    assert execution.status == Execution.Status.ENDED
