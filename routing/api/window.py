"""The span of time that events and cumulative statistics are asked for."""

from __future__ import annotations

from datetime import datetime, timedelta

from common.api.parsers import Params
from common.errors import BadParameter
from routing.api.base import time_param

DEFAULT_MINUTES = 15
MOST_MINUTES = 60 * 24 * 366


def read_window(params: Params, now: datetime) -> tuple[datetime, datetime]:
    """
    Return start and end: ``StartDate`` to ``EndDate`` (default now), else the last ``Minutes`` (default 15).

    :raises BadParameter: a malformed value, or an end before the start.
    """
    minutes = params.integer("Minutes", least=1, most=MOST_MINUTES)
    start, end = time_param(params, "StartDate"), time_param(params, "EndDate")
    end = end or now
    if start is None:
        start = end - timedelta(minutes=minutes or DEFAULT_MINUTES)
    if end < start:
        raise BadParameter("EndDate must not be before StartDate")
    return start, end
