"""One picture of a run: messages a second and the time to the reply, by system and conversations at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def draw(figures: dict[str, Any], path: Path) -> None:
    """Write a PNG; both axes of values are logarithmic, since the systems differ by orders of magnitude."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    levels = sorted({level for rows in figures.values() for level in rows}, key=int)
    panels = (
        ("messages_per_second", "messages a second"),
        ("webhook_to_reply_p50_ms", "webhook to reply, p50, ms"),
    )
    figure, axes = pyplot.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    width = 0.8 / len(figures)
    for axis, (name, label) in zip(axes, panels, strict=True):
        for number, (system, rows) in enumerate(figures.items()):
            heights = [rows.get(level, {}).get(name, 0) for level in levels]
            places = [place + number * width for place in range(len(levels))]
            axis.bar(places, heights, width, label=system)
        axis.set_yscale("log")
        axis.set_xticks([place + 0.4 - width / 2 for place in range(len(levels))], levels)
        axis.set_xlabel("conversations at a time")
        axis.set_title(label, loc="left", fontsize=11)
        axis.grid(axis="y", alpha=0.3)
        axis.spines[["top", "right"]].set_visible(False)
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=len(names), frameon=False, fontsize=9)
    figure.savefig(path, dpi=130)
    pyplot.close(figure)
