"""The published definitions that lie beside the checkout; see tests/shared_files.py."""

import json
from pathlib import Path
from typing import Any

from tests.shared_files import SHARED, shared_file

TABLE = Path(__file__).parent.parent / "definitions.json"


def names() -> list[str]:
    """Return the file names, those of the committed table where the folder is missing."""
    folder = SHARED / "flows"
    if folder.exists():
        return sorted(path.name for path in folder.glob("*.json") if path.name != "scenarios.json")
    return sorted(json.loads(TABLE.read_text()))


def text_of(name: str) -> str:
    return shared_file(f"flows/{name}").read_text()


def scenarios() -> list[dict[str, Any]]:
    path = SHARED / "flows" / "scenarios.json"
    return json.loads(path.read_text()) if path.exists() else []
