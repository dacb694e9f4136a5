"""``make bench``: every benchmark in one run; tables and a picture go to bench/results/. ``--quick``: less time."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench import bars, message_path, peer, plot

RESULTS = Path(__file__).resolve().parent / "results"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    RESULTS.mkdir(exist_ok=True)
    parts = ["# Measured\n\nOne run on one machine; only the ratios within it say anything. Made by `make bench`.\n"]
    parts.append(machine())
    figures = message_figures(seconds=2 if quick else 6)
    plot.draw(figures, RESULTS / "latest.png")
    parts += ["\n## The message path\n", message_table(figures), "\n![The same as a picture](latest.png)\n"]
    parts.append(bars.table(bars.judge(figures)))
    others = (
        ("A million old messages, a thousand flows", "bench.history", ["--messages", "50000", "--seconds", "2"]),
        ("Finding a conversation in a million messages", "bench.search", ["--messages", "50000"]),
        ("Two workers on the runtime queue", "bench.workers", ["--messages", "1500"]),
        ("Requests by browser and REST", "bench.requests", []),
        ("A full desk", "bench.sockets", ["--agents", "20", "--customers", "100", "--seconds", "10"]),
        ("The engine", "bench.engine", []),
        ("Routing", "bench.routing", ["--quick"]),
        ("The builder", "bench.builder", []),
    )
    for title, module, when_quick in others:
        parts.append(f"\n## {title}\n\n```\n{printed(module, *(when_quick if quick else []))}```\n")
    text = "\n".join(parts)
    (RESULTS / "latest.md").write_text(text)
    (RESULTS / "latest.json").write_text(json.dumps(figures, indent=1))
    print(text)


def machine() -> str:
    """Return what the figures depend on most."""
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, load average {load:.1f} at the start."


def message_figures(seconds: float) -> dict[str, Any]:
    """Return the figures of the floors, of the product in both forms, and of the peer where npm is there."""
    figures: dict[str, Any] = message_path.measure_all(seconds=seconds)["figures"]
    if peer.install():
        for name, disk in ((bars.PEER_MEMORY, False), (bars.PEER_DISK, True)):
            figures[name] = message_path.on_loop(peer.measure(message_path.LEVELS, seconds, disk=disk))
    return figures


def printed(module: str, *arguments: str) -> str:
    """Run another benchmark in a process of its own; return what it prints."""
    done = subprocess.run([sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else f"{done.stdout}\nfailed:\n{done.stderr[-2000:]}"


def message_table(figures: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    lines = [
        "| system | at once | messages/s | webhook → 200 p50 / p99 ms | webhook → reply p50 / p99 ms | lost |",
        "|---|---|---|---|---|---|",
    ]
    for name, levels in figures.items():
        for level, row in levels.items():
            answered = f"{row['webhook_to_200_p50_ms']} / {row['webhook_to_200_p99_ms']}"
            replied = f"{row['webhook_to_reply_p50_ms']} / {row['webhook_to_reply_p99_ms']}"
            shown = "–" if name.startswith("floor") else replied
            lines.append(f"| {name} | {level} | {row['messages_per_second']} | {answered} | {shown} | {row['lost']} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
