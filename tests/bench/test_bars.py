"""The bars are judged from the figures of one run, and those that cannot be are left out."""

from __future__ import annotations

from bench.bars import BARE, DJANGO, OURS, PEER_MEMORY, judge, table


def test_judges_what_was_measured_and_leaves_the_rest_out() -> None:
    figures = {
        OURS: {"64": {"messages_per_second": 900.0}, "1": {"webhook_to_reply_p50_ms": 12.0}},
        BARE: {"64": {"messages_per_second": 3000.0}},
        DJANGO: {"1": {"webhook_to_200_p50_ms": 2.0}},
        PEER_MEMORY: {"64": {"messages_per_second": 800.0}},
    }

    bars = judge(figures)

    assert [(bar.value, bar.holds) for bar in bars] == [(1.12, True), (0.3, False), (6.0, False)]
    assert table(bars).splitlines()[2:] == [
        "| messages/s at 64 / Node-RED in memory | ≥ 1 | 1.12 | yes |",
        "| messages/s at 64 / bare floor | ≥ 0.4 | 0.30 | no |",
        "| webhook to reply p50 at 1 / Django floor | ≤ 5 | 6.00 | no |",
    ]
