"""docs/webchat.md, "What shows that it works": every test that the table names is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
WIDGET = ROOT / "frontend/webchat/src"
# `file`: `name`, `name`; `file`: …
SHOWN = re.compile(r"`([^`]+\.(?:py|ts))`: ((?:`[^`]+`(?:, )?)+)")


def test_names_tests_that_there_are() -> None:
    table = (ROOT / "docs/webchat.md").read_text().partition("## What shows that it works")[2]
    rows = [row for row in table.splitlines() if row.startswith("| ") and not row.startswith("| feature")]

    missing = []
    for row in rows:
        found = SHOWN.findall(row)
        assert found or "vite.config.ts" in row, row
        for file, names in found:
            text = ((ROOT if file.startswith("tests/") else WIDGET) / file).read_text()
            for name in re.findall("`([^`]+)`", names):
                wanted = f"def {name}(" if file.endswith(".py") else f'"{name}"'
                if wanted not in text:
                    missing.append((file, name))

    assert missing == []
    assert len(rows) >= 18
