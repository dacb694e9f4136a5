"""
The variables of canned replies, as ``{{ customer.first_name }}`` or ``{{ customer.first_name | there }}``.

Pure. The browser fills them in (frontend/src/console/core/variables.ts); here they are checked when a reply is saved.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

KNOWN = (
    "customer.name",
    "customer.first_name",
    "customer.address",
    "agent.name",
    "agent.first_name",
    "queue",
    "channel",
)
# Followed by a path into the JSON object.
OPEN_ENDED = ("task.", "conversation.")
_VARIABLE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_-]+)*")


def unknown_variables(text: str) -> list[str]:
    """Return what stands between double braces and means nothing, in order."""
    return [written for written in (match[1].strip() for match in _VARIABLE.finditer(text)) if not _is_known(written)]


def placeholders(text: str) -> list[str]:
    """Return the names of a template's places, each once, in order: ``1``, ``2`` or words."""
    return list(dict.fromkeys(match[1].strip() for match in _VARIABLE.finditer(text)))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return a template's text with its places filled; a place without a value stays as it is written."""
    return _VARIABLE.sub(lambda match: values.get(match[1].strip(), match[0]), text)


def _is_known(written: str) -> bool:
    name = written.partition("|")[0].strip()
    if _NAME.fullmatch(name) is None:
        return False
    return name in KNOWN or any(name.startswith(start) and len(name) > len(start) for start in OPEN_ENDED)
