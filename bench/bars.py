"""The bars that the message path is held to, judged from the figures of one run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

OURS, EMBEDDED, BARE, DJANGO = "PostgreSQL + Redis", "embedded", "floor, bare", "floor, django"
PEER_MEMORY, PEER_DISK = "Node-RED, memory", "Node-RED, disk"


@dataclass(frozen=True, slots=True)
class Bar:
    """``value`` against ``bar``; ``is_floor``: it must be at least that, else at most."""

    name: str
    value: float
    bar: float
    is_floor: bool

    @property
    def holds(self) -> bool:
        return self.value >= self.bar if self.is_floor else self.value <= self.bar

    def row(self) -> str:
        sign = "≥" if self.is_floor else "≤"
        return f"| {self.name} | {sign} {self.bar:g} | {self.value:.2f} | {'yes' if self.holds else 'no'} |"


def judge(figures: dict[str, Any]) -> list[Bar]:
    """Return the bars that these figures can judge; a system or level that was not measured leaves its bars out."""
    found: list[Bar] = []

    def compare(name: str, bar: float, ours: Any, theirs: Any, *, is_floor: bool) -> None:
        try:
            (system, level, figure), (other, other_level, other_figure) = ours, theirs
            value = figures[system][level][figure] / figures[other][other_level][other_figure]
        except (KeyError, ZeroDivisionError):
            return
        found.append(Bar(name, round(value, 2), bar, is_floor))

    rate, answered, replied = "messages_per_second", "webhook_to_200_p99_ms", "webhook_to_reply_p50_ms"
    compare("messages/s at 64 / Node-RED in memory", 1.0, (OURS, "64", rate), (PEER_MEMORY, "64", rate), is_floor=True)
    compare("messages/s at 64 / bare floor", 0.4, (OURS, "64", rate), (BARE, "64", rate), is_floor=True)
    compare(
        "webhook to reply p50 at 1 / Django floor",
        5,
        (OURS, "1", replied),
        (DJANGO, "1", "webhook_to_200_p50_ms"),
        is_floor=False,
    )
    compare("webhook to 200 p99 at 16 / bare floor", 3, (OURS, "16", answered), (BARE, "16", answered), is_floor=False)
    compare(
        "embedded messages/s at 16 / Node-RED on disk",
        1.0,
        (EMBEDDED, "16", rate),
        (PEER_DISK, "16", rate),
        is_floor=True,
    )
    return found


def table(bars: list[Bar]) -> str:
    """Return the bars as Markdown."""
    return "\n".join(["| bar | | measured | holds |", "|---|---|---|---|", *(bar.row() for bar in bars)])
