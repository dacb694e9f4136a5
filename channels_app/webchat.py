"""
What an admin sets of one web chat: its look, its form, its rules. Pure.

Stored on the connection as ``check`` returns it; ``read`` takes what is stored and fills in what is missing. The names
and limits are those of docs/webchat.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

from common.errors import BadParameter

THEMES = ("auto", "light", "dark")
POSITIONS = ("right", "left")
DIRECTIONS = ("", "ltr", "rtl")
ICONS = ("chat", "question", "wave", "mail")
FIELD_TYPES = ("text", "email", "tel", "textarea", "select", "checkbox")
# Outside opening hours: take a message, chat as always, or take nothing.
OFFLINE = ("message", "chat", "closed")
# Who may chat: everybody unnamed; signed users too; signed users only.
IDENTITY = ("off", "optional", "required")

MOST_FIELDS = 12
MOST_OPTIONS = 50
MOST_ORIGINS = 50
MOST_TYPES = 50
MOST_TEXTS = 200
MAX_ANSWER = 1000  # characters of one answer of the form
MAX_FILE_BYTES = 16 * 1024 * 1024
LONGEST_WAIT = 86_400  # seconds

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
_TYPE = re.compile(r"[a-z0-9.+-]+/(?:\*|[a-z0-9.+-]+)", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?")
_CALENDAR = re.compile(r"CL[0-9a-f]{32}")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_PHONE = re.compile(r"\+?[0-9 ()./-]{4,30}")

FILE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain")


@dataclass(frozen=True, slots=True)
class Field:
    """One question before the chat; ``options`` are those of a ``select``."""

    name: str
    label: str
    type: str = "text"
    required: bool = False
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileRefusal:
    """Why a file is not taken: off, type or size, and in words."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Settings:
    """See docs/webchat.md, "Settings"."""

    title: str = ""
    greeting: str = ""
    accent: str = ""
    theme: str = "auto"
    position: str = "right"
    direction: str = ""
    launcher_icon: str = "chat"
    launcher_text: str = ""
    form: tuple[Field, ...] = ()
    files: bool = True
    file_types: tuple[str, ...] = FILE_TYPES
    max_file_bytes: int = 5 * 1024 * 1024
    calendar_sid: str = ""
    offline: str = "message"
    offline_text: str = ""
    leave_message_after: int = 0  # seconds; 0: never
    show_queue: bool = True
    sound: bool = False
    transcript: bool = True
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # {language: {name: text}}
    origins: tuple[str, ...] = ()
    identity: str = "off"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def refusal_of(self, content_type: str, size: int) -> FileRefusal | None:
        """Return why a file is refused; None where it is taken."""
        if not self.files:
            return FileRefusal("off", "This chat takes no files")
        if not any(_matches(pattern, content_type) for pattern in self.file_types):
            return FileRefusal("type", "Files of this type are not taken here")
        if size > self.max_file_bytes:
            return FileRefusal("size", f"The file is larger than {_megabytes(self.max_file_bytes)} MB")
        return None

    def allows_origin(self, origin: str) -> bool:
        """Tell whether pages of an origin may show the chat; without a list, all may."""
        return not self.origins or any(_is_origin_of(pattern, origin.lower()) for pattern in self.origins)


def read(stored: Mapping[str, Any]) -> Settings:
    """Return settings from what was stored; what an older version did not know has its default."""
    known = {each.name for each in fields(Settings)}
    values = {name: value for name, value in stored.items() if name in known}
    if "form" in values:
        values["form"] = tuple(
            Field(**{**item, "options": tuple(item.get("options") or ())}) for item in values["form"]
        )
    for name in ("file_types", "origins"):
        if name in values:
            values[name] = tuple(values[name])
    return Settings(**values)


def check(given: Mapping[str, Any], known: Settings) -> Settings:
    """
    Return ``known`` with what is given in place of it.

    :raises BadParameter: an unknown name, or a value that does not fit; the message names it.
    """
    unknown = sorted(set(given) - {each.name for each in fields(Settings)})
    if unknown:
        raise BadParameter(f"Unknown setting {unknown[0]!r}")
    return read({**known.to_json(), **{name: _CHECKS[name](name, value) for name, value in given.items()}})


def check_answers(form: Sequence[Field], given: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return the answers to a form, tidied; answers to questions it does not have are kept as they came.

    :raises BadParameter: a required one is missing, or one does not fit its type. ``details``: the field's name.
    """
    answers = dict(given)
    for each in form:
        value = answers.get(each.name)
        text = "" if value is None or value is False else "true" if value is True else value
        if not isinstance(text, str):
            raise _wrong(each, "must be a text")
        text = text.replace("\x00", "").strip()
        if not text:
            if each.required:
                raise _wrong(each, "is required")
            answers.pop(each.name, None)
            continue
        if len(text) > MAX_ANSWER:
            raise _wrong(each, f"must have at most {MAX_ANSWER} characters")
        if each.type == "email" and not _EMAIL.fullmatch(text):
            raise _wrong(each, "must be an e-mail address")
        if each.type == "tel" and not _PHONE.fullmatch(text):
            raise _wrong(each, "must be a phone number")
        if each.type == "select" and text not in each.options:
            raise _wrong(each, "must be one of the options")
        if each.type == "checkbox" and text != "true":
            raise _wrong(each, "must be true or false")
        answers[each.name] = text
    return answers


def _wrong(each: Field, what: str) -> BadParameter:
    return BadParameter(f"{each.label} {what}", details={"field": each.name})


def _text(most: int, pattern: re.Pattern[str] | None = None) -> Any:
    def check_text(name: str, value: Any) -> str:
        if not isinstance(value, str) or "\x00" in value:
            raise BadParameter(f"{name} must be a text")
        value = value.strip()
        if len(value) > most:
            raise BadParameter(f"{name} must have at most {most} characters")
        if value and pattern is not None and not pattern.fullmatch(value):
            raise BadParameter(f"{name} is malformed: {value[:60]!r}")
        return value

    return check_text


def _choice(choices: tuple[str, ...]) -> Any:
    def check_choice(name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            raise BadParameter(f"{name} must be one of {', '.join(choice or '(empty)' for choice in choices)}")
        return value

    return check_choice


def _number(least: int, most: int) -> Any:
    def check_number(name: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise BadParameter(f"{name} must be a whole number between {least} and {most}")
        return value

    return check_number


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadParameter(f"{name} must be true or false")
    return value


def _list(name: str, value: Any, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise BadParameter(f"{name} must be a list of at most {most}")
    return value


def _form(name: str, value: Any) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for item in _list(name, value, MOST_FIELDS):
        if not isinstance(item, dict):
            raise BadParameter(f"{name} must be a list of objects")
        key = item.get("name")
        if not isinstance(key, str) or not _NAME.fullmatch(key):
            raise BadParameter(f"{name}: a field's name has letters, digits and _, and begins with a letter: {key!r}")
        if key in found:
            raise BadParameter(f"{name}: there are two fields named {key!r}")
        # As who made the form calls it.
        label = _text(200)(f"{name}: the label of {key}", item.get("label") or key)
        type = _choice(FIELD_TYPES)(f"{name}: the type of {label!r}", item.get("type", "text"))
        choices = _list(f"{name}: the choices of {label!r}", item.get("options") or [], MOST_OPTIONS)
        options = [option for each in choices if (option := _text(100)(f"{name}: a choice of {label!r}", each))]
        if type == "select" and not options:
            raise BadParameter(f"{name}: the selection {label!r} needs choices")
        found[key] = {
            "name": key,
            "label": label,
            "type": type,
            "required": _flag(f"{name}: required of {label!r}", item.get("required", False)),
            "options": options if type == "select" else [],
        }
    return list(found.values())


def _file_types(name: str, value: Any) -> list[str]:
    return list(dict.fromkeys(_text(100, _TYPE)(name, each).lower() for each in _list(name, value, MOST_TYPES) if each))


def _origins(name: str, value: Any) -> list[str]:
    found = []
    for each in _list(name, value, MOST_ORIGINS):
        origin = _text(255)(name, each).rstrip("/").lower()
        parts = urlsplit(origin)
        if not origin:
            continue
        if parts.scheme not in ("http", "https") or not parts.netloc or origin != f"{parts.scheme}://{parts.netloc}":
            raise BadParameter(f"{name}: {each!r} is no origin; it looks like https://shop.example")
        found.append(origin)
    return list(dict.fromkeys(found))


def _texts(name: str, value: Any) -> dict[str, dict[str, str]]:
    if not isinstance(value, dict) or len(value) > 20:
        raise BadParameter(f"{name} must be an object of at most 20 languages")
    found = {}
    for language, texts in value.items():
        if not _LANGUAGE.fullmatch(language):
            raise BadParameter(f"{name}: {language!r} is no language; it looks like de or pt-BR")
        if not isinstance(texts, dict) or len(texts) > MOST_TEXTS:
            raise BadParameter(f"{name}: {language} must be an object of at most {MOST_TEXTS} texts")
        found[language] = {key: _text(500)(f"{name}: {language}.{key}", text) for key, text in texts.items()}
    return found


_CHECKS: dict[str, Any] = {
    "title": _text(80),
    "greeting": _text(500),
    "accent": _text(7, _COLOUR),
    "theme": _choice(THEMES),
    "position": _choice(POSITIONS),
    "direction": _choice(DIRECTIONS),
    "launcher_icon": _choice(ICONS),
    "launcher_text": _text(40),
    "form": _form,
    "files": _flag,
    "file_types": _file_types,
    "max_file_bytes": _number(1024, MAX_FILE_BYTES),
    "calendar_sid": _text(34, _CALENDAR),
    "offline": _choice(OFFLINE),
    "offline_text": _text(500),
    "leave_message_after": _number(0, LONGEST_WAIT),
    "show_queue": _flag,
    "sound": _flag,
    "transcript": _flag,
    "texts": _texts,
    "origins": _origins,
    "identity": _choice(IDENTITY),
}


def _matches(pattern: str, content_type: str) -> bool:
    kind, _, detail = pattern.partition("/")
    given = content_type.partition(";")[0].strip().lower()
    return given == pattern or (detail == "*" and given.partition("/")[0] == kind)


def _is_origin_of(pattern: str, origin: str) -> bool:
    """``https://*.shop.example`` names every host below it."""
    scheme, _, host = pattern.partition("://")
    if not host.startswith("*."):
        return origin == pattern
    return origin.startswith(f"{scheme}://") and origin.endswith(host[1:])


def _megabytes(size: int) -> str:
    return f"{size / (1024 * 1024):.1f}".removesuffix(".0")
