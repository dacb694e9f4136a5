"""
How many SMS a text is: GSM 03.38 or UCS-2, and how many parts of it.

Source: 3GPP TS 23.038 (alphabet and its extension table); a part of a longer text loses 6 bytes to its header.
"""

from dataclasses import dataclass
from typing import Literal

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
_SEVEN_BIT = (160, 153)  # units in a single message, units in each part of a longer one
_SIXTEEN_BIT = (70, 67)


@dataclass(frozen=True, slots=True)
class Segments:
    """The encoding of a text, its length in that encoding's units, and its parts."""

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    count: int


def segments_of(body: str) -> Segments:
    """Count the SMS parts of a text; an empty text is one part."""
    if all(character in _BASIC or character in _EXTENDED for character in body):
        widths = [2 if character in _EXTENDED else 1 for character in body]
        return Segments("GSM-7", sum(widths), _count(widths, _SEVEN_BIT))
    widths = [2 if ord(character) > 0xFFFF else 1 for character in body]
    return Segments("UCS-2", sum(widths), _count(widths, _SIXTEEN_BIT))


def _count(widths: list[int], limits: tuple[int, int]) -> int:
    alone, part = limits
    if sum(widths) <= alone:
        return 1
    count, used = 1, 0
    for width in widths:
        # A character of two units is never cut between two parts.
        if used + width > part:
            count, used = count + 1, 0
        used += width
    return count
