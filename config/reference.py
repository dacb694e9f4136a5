"""The widgets' reference page, made from the same schemas that the validator and the editor's forms use."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

HEAD = """# Widgets

What a flow is made of. This page is made from the widgets' schemas by `make schemas`; do not edit it.
"""


def widgets_page(catalogue: Sequence[Mapping[str, Any]]) -> str:
    """Return the page in Markdown; ``catalogue`` as ``flows.widgets.catalogue`` gives it."""
    return "\n".join([HEAD, *(_widget(entry) for entry in catalogue)])


def _widget(entry: Mapping[str, Any]) -> str:
    runs = "" if entry["runnable"] else " It is shown and kept, and not run: it needs a telephone network."
    exits = ", ".join(f"`{found['event']}` ({found['label']})" for found in entry["transitions"])
    lines = [
        f"## {entry['title']}",
        "",
        f"`{entry['type']}`: {entry['description']}{runs}",
        "",
        f"For: {', '.join(entry['channels']) or 'every start of a flow'}. Exits: {exits or 'none'}.",
        "",
    ]
    shown = {
        name: given
        for name, given in entry["schema"].get("properties", {}).items()
        if given.get("x-control") != "hidden"
    }
    if shown:
        required = entry["schema"].get("required", ())
        lines += ["| property | what it is | needed | default |", "|---|---|---|---|"]
        lines += [_row(name, given, name in required) for name, given in shown.items()]
        lines.append("")
    return "\n".join(lines)


def _row(name: str, given: Mapping[str, Any], required: bool) -> str:
    title, text = given.get("title", ""), given.get("description", "")
    what = f"**{title}.** {text}" if title else text
    default = f"`{json.dumps(given['default'], ensure_ascii=False)}`" if given.get("default") not in (None, "") else ""
    return f"| `{name}` | {_cell(what)} | {'yes' if required else ''} | {_cell(default)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
