"""What a file is, by its first bytes. What its sender says of it decides only between types that look alike."""

from __future__ import annotations

import mimetypes
from codecs import BOM_UTF8

import puremagic

HEAD_BYTES = 4096
UNKNOWN = "application/octet-stream"
# Spellings of one type.
_ALIASES = {
    "application/ogg": "audio/ogg",
    "audio/wave": "audio/wav",
    "audio/x-wav": "audio/wav",
    "audio/x-m4a": "audio/mp4",
    "audio/mp3": "audio/mpeg",
    "image/jpg": "image/jpeg",
    "video/ogg": "audio/ogg",
}
# What puremagic recognises without naming a type.
_BY_SUFFIX = {".amr": "audio/amr", ".m4a": "audio/mp4", ".vcf": "text/vcard", ".oga": "audio/ogg"}
# Texts have no signature: of these the sender's word is taken.
_TEXTS = frozenset({"text/plain", "text/csv", "text/vcard", "text/x-vcard", "text/calendar", "application/json"})
_MARKUP = (b"<!doctype", b"<html", b"<head", b"<body", b"<script", b"<svg", b"<?xml")


def sniff(head: bytes, *, declared: str = "", filename: str = "") -> str:
    """
    Return a file's content type by its first ``HEAD_BYTES``.

    ``declared`` and the name's suffix choose among what the bytes may be (a Word document is a ZIP file too); they
    never make a type of bytes that are something else.
    """
    wanted = [_plain(declared), _plain(mimetypes.guess_type(filename)[0] or "")]
    found = _candidates(head)
    for kind in wanted:
        if kind in found:
            return kind
    if found:
        return found[0]
    if not _is_text(head):
        return UNKNOWN
    if head.removeprefix(BOM_UTF8).lstrip().lower().startswith(_MARKUP):
        return "text/html"
    return next((kind for kind in wanted if kind in _TEXTS), "text/plain")


def _candidates(head: bytes) -> list[str]:
    """Return what the bytes may be, the likeliest first."""
    if not head:
        return []
    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return []
    kinds = [_plain(match.mime_type) or _BY_SUFFIX.get(match.extension, "") for match in matches]
    found = list(dict.fromkeys(kind for kind in kinds if kind and kind != UNKNOWN))
    # Two bytes in common are no likeness: what reads as text is text, unless it says more clearly what it is.
    if found and matches[0].confidence < 0.3 and _is_text(head):
        return []
    return found


def _plain(kind: str) -> str:
    kind = kind.partition(";")[0].strip().lower()
    return _ALIASES.get(kind, kind)


def _is_text(head: bytes) -> bool:
    if b"\x00" in head:
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        # The head may end in the middle of a character.
        return error.start >= len(head) - 3 and len(head) >= HEAD_BYTES - 3
    return True
