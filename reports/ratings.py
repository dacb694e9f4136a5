"""Reading a rating from what a customer wrote, and choosing the words of the question. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

LOWEST, HIGHEST = 1, 5
QUESTION = "How did we do? Reply with a number from 1 (poor) to 5 (excellent)."
THANKS = "Thank you for your rating!"
# "5", "5!", "5/5", "5 / 5", "5 stars", "(4)", "4 out of 5"
_RATING = re.compile(r"[(\[\"'*]*([1-5])\s*(?:/\s*5|out of 5|von 5|stars?|sterne?|★|⭐)?\s*[)\]\"'*.!]*", re.IGNORECASE)
_STARS = re.compile(r"(?:[★⭐🌟]\s*){1,5}")
# What keyboards put behind digits and signs: variation selectors, and the frame of a key.
_DECORATION = re.compile("[\ufe0e\ufe0f\u20e3\u200d]")
MAX_LENGTH = 40  # characters; nothing longer is only a rating


def read_rating(body: str) -> int | None:
    """Return the rating that a message is, and nothing else than that; None for anything that says more."""
    text = _DECORATION.sub("", body).strip()
    if not text or len(text) > MAX_LENGTH:
        return None
    text = "".join(str(unicodedata.digit(each, each)) for each in text)
    found = _RATING.fullmatch(text)
    if found is not None:
        return int(found[1])
    if _STARS.fullmatch(text):
        return sum(each in "★⭐🌟" for each in text)
    return None


@dataclass(frozen=True, slots=True)
class Rule:
    """A survey rule as choosing needs it."""

    id: UUID
    channel_type: str
    queue_id: UUID | None
    enabled: bool


def choose(rules: Sequence[Rule], *, channel_type: str, queue_id: UUID | None) -> Rule | None:
    """Return the most particular rule that fits: of queue and channel, of the queue, of the channel, or of all."""
    fitting = [rule for rule in rules if rule.channel_type in ("", channel_type) and rule.queue_id in (None, queue_id)]
    best = max(fitting, key=lambda rule: (rule.queue_id is not None, rule.channel_type != ""), default=None)
    return best if best is not None and best.enabled else None


def words(texts: Mapping[str, Any], language: str) -> tuple[str, str]:
    """Return question and thanks in a language (``de-AT`` falls back on ``de``, then on the general words)."""
    wanted = language.replace("_", "-").lower()
    by_name = {name.lower(): value for name, value in texts.items() if isinstance(value, dict)}
    for name in (wanted, wanted.partition("-")[0], ""):
        found = by_name.get(name)
        if found is not None and (found.get("question") or found.get("thanks")):
            return found.get("question") or QUESTION, found.get("thanks", THANKS)
    return QUESTION, THANKS
