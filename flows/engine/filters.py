"""
The filters of the Liquid dialect: python-liquid's classic ones, bounded, with our own ``date`` and ``to_json``.

A filter never makes a text or a list much larger than the largest output a template may have: some can grow
their input a thousandfold, and two of them in a row would fill the memory.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, time, tzinfo
from functools import partial
from typing import Any, Protocol

from dateutil import parser as dates
from liquid import Environment, Undefined
from liquid.exceptions import FilterArgumentError, ResourceLimitError

from flows.engine.values import to_json, to_text

MAX_TEXT = 262_144
MAX_ITEMS = 10_000
# Filters that compare every item with every other one.
MAX_ITEMS_SQUARED = 500
# Integers of more digits are no figures of a conversation, and each multiplication doubles them.
MAX_INTEGER = 10**60

Filter = Callable[..., Any]


class Moment(Protocol):
    """When and where a template is rendered; ``zone`` is the account's."""

    @property
    def now(self) -> datetime: ...
    @property
    def zone(self) -> tzinfo: ...


TEXT_FILTERS = frozenset(
    [
        "append",
        "capitalize",
        "downcase",
        "escape",
        "escape_once",
        "lstrip",
        "newline_to_br",
        "prepend",
        "remove",
        "remove_first",
        "remove_last",
        "replace",
        "replace_first",
        "replace_last",
        "rstrip",
        "split",
        "strip",
        "strip_html",
        "strip_newlines",
        "truncate",
        "truncatewords",
        "upcase",
        "url_encode",
        "url_decode",
        "base64_encode",
        "base64_decode",
        "base64_url_safe_encode",
        "base64_url_safe_decode",
        "squish",
    ]
)
SQUARED_FILTERS = frozenset({"uniq"})
# HTML helpers of python-liquid that no other Liquid knows.
LEFT_OUT = frozenset({"safe", "escapejs"})


def table(classic: Mapping[str, Filter], environment: Environment) -> dict[str, Filter]:
    """Return the filters by name, made of python-liquid's own."""
    filters = {
        name: _bounded(name, partial(filter_, environment=environment) if _wants_environment(filter_) else filter_)
        for name, filter_ in classic.items()
        if name not in LEFT_OUT
    }
    filters["join"] = _bounded("join", join)
    filters["to_json"] = _bounded("to_json", to_json_filter)
    filters["json"] = filters["to_json"]
    filters["date"] = date
    return filters


def _wants_environment(filter_: Filter) -> bool:
    return bool(getattr(filter_, "with_environment", False))


def _bounded(name: str, filter_: Filter) -> Filter:
    as_text = name in TEXT_FILTERS

    def call(left: Any, *args: Any, **options: Any) -> Any:
        if isinstance(left, range):
            if len(left) > MAX_ITEMS:
                raise ResourceLimitError(f"{name}: a range of more than {MAX_ITEMS} numbers", token=None)
            left = list(left)
        if as_text:
            left = to_text(left) if type(left) is not Undefined else ""
            args = tuple([_argument(argument) for argument in args])
            _refuse_growth(name, left, args)
        elif name in SQUARED_FILTERS and isinstance(left, list) and len(left) > MAX_ITEMS_SQUARED:
            raise ResourceLimitError(f"{name}: a list of more than {MAX_ITEMS_SQUARED} items", token=None)
        return _checked(name, filter_(left, *args, **options))

    return call


def _argument(value: Any) -> Any:
    """Spell an argument as Liquid would; numbers stay what they are (``truncate: 5``)."""
    if type(value) is Undefined:
        return ""
    return to_text(value) if isinstance(value, bool | dict | list | None) else value


def _refuse_growth(name: str, left: str, args: tuple[Any, ...]) -> None:
    """Judge before the work is done what would be too large after it."""
    if name == "replace" and args and len(args) > 1 and isinstance(args[1], str):
        found = left.count(str(args[0])) if str(args[0]) else len(left) + 1
        if found * len(args[1]) > MAX_TEXT:
            raise ResourceLimitError("replace: the text grows too large", token=None)


def _checked(name: str, result: Any) -> Any:
    if isinstance(result, str):
        if len(result) > MAX_TEXT:
            raise ResourceLimitError(f"{name}: the text grows too large", token=None)
    elif isinstance(result, int):
        if abs(result) > MAX_INTEGER:
            raise ResourceLimitError(f"{name}: the number grows too large", token=None)
    elif isinstance(result, list) and len(result) > 4 * MAX_ITEMS:
        raise ResourceLimitError(f"{name}: the list grows too large", token=None)
    return result


def join(left: Any, separator: Any = " ") -> str:
    """Return the items' texts with ``separator`` between them; a single value is a list of one."""
    items = left if isinstance(left, list | tuple) else [] if type(left) is Undefined else [left]
    glue = _argument(separator)
    glue = glue if isinstance(glue, str) else to_text(glue)
    if len(items) * len(glue) > MAX_TEXT:
        raise ResourceLimitError("join: the text grows too large", token=None)
    return glue.join([to_text(entry) for entry in items])


def to_json_filter(left: Any) -> str:
    """Return any value as compact JSON; an undefined one as ``null``, so that the JSON around it stays valid."""
    return to_json(None if type(left) is Undefined else left)


def date(left: Any, style: Any = "", *, moment: Moment) -> Any:
    """
    Return a moment in strftime's ``style``, in the account's time zone.

    ``left``: ``"now"`` or ``"today"``, seconds since 1970, or a date in nearly any spelling; one that says its own
    zone is converted. What is no date comes back unchanged, as in classic Liquid.
    """
    if type(left) is Undefined or left is None:
        return ""
    pattern = to_text(style) if type(style) is not Undefined else ""
    when = _moment_of(left, moment.now.astimezone(moment.zone), moment.zone)
    if when is None or not pattern or len(pattern) > 500:
        return left
    try:
        return when.replace(year=max(when.year, 1000)).strftime(pattern) if "%" in pattern else pattern
    except (ValueError, UnicodeError) as error:
        raise FilterArgumentError(f"date: {error}", token=None) from error


def _moment_of(value: Any, now: datetime, zone: tzinfo) -> datetime | None:
    if isinstance(value, str):
        text = value.strip()
        if text in ("now", "today"):
            return now
        if text.isascii() and text.isdigit() and len(text) > 8:
            value = int(text[:15])
        else:
            return _parsed(text, now, zone)
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value, zone)
        except (OverflowError, OSError, ValueError):
            return None
    return None


def _parsed(text: str, now: datetime, zone: tzinfo) -> datetime | None:
    if not text or len(text) > 100:
        return None
    try:
        # Fields that the text leaves out are today's, and midnight's: never the machine's clock.
        found: datetime = dates.parse(text, default=datetime.combine(now.date(), time.min))
    except (ValueError, OverflowError, TypeError, AttributeError, ArithmeticError):
        return None
    try:
        return found.astimezone(zone) if found.tzinfo else found.replace(tzinfo=zone)
    except (OverflowError, ValueError):
        return None
