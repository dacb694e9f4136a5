"""``make bench``: every benchmark in one run; the tables go to bench/results/. ``--quick`` takes less time."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench import message_path

RESULTS = Path(__file__).resolve().parent / "results"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    parts = [
        "# Measured\n\nOne run on one machine; only the ratios within it say anything. Made by `make bench`.\n",
        machine(),
        "\n## The message path\n",
        message_table(message_path.measure_all(seconds=2 if quick else 6)),
        "\n## The engine\n\n```\n" + printed("bench.engine") + "```\n",
        "\n## Routing\n\n```\n" + printed("bench.routing", *(["--quick"] if quick else [])) + "```\n",
    ]
    RESULTS.mkdir(exist_ok=True)
    text = "\n".join(parts)
    (RESULTS / "latest.md").write_text(text)
    print(text)


def machine() -> str:
    """Return what the figures depend on most."""
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, load average {load:.1f} at the start."


def printed(module: str, *arguments: str) -> str:
    """Run another benchmark in a process of its own; return what it prints."""
    done = subprocess.run([sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else f"{done.stdout}\nfailed:\n{done.stderr[-2000:]}"


def message_table(measured: dict[str, Any]) -> str:
    """Return the figures and ratios as Markdown."""
    lines = [
        "| system | at once | messages/s | webhook → 200 p50 / p99 ms | webhook → reply p50 / p99 ms | lost |",
        "|---|---|---|---|---|---|",
    ]
    for name, levels in measured["figures"].items():
        for level, row in levels.items():
            answered = f"{row['webhook_to_200_p50_ms']} / {row['webhook_to_200_p99_ms']}"
            replied = f"{row['webhook_to_reply_p50_ms']} / {row['webhook_to_reply_p99_ms']}"
            shown = "–" if name.startswith("floor") else replied
            lines.append(f"| {name} | {level} | {row['messages_per_second']} | {answered} | {shown} | {row['lost']} |")
    lines += ["", "| ratio | |", "|---|---|", *(f"| {name} | {value} |" for name, value in measured["ratios"].items())]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
