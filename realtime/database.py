"""Database calls of the sockets: on a few threads of their own, beside the request stack's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
R = TypeVar("R")

_pool = ThreadPoolExecutor(4, thread_name_prefix="sockets")


async def run(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function that uses the database, on one of the threads."""
    return await asyncio.get_running_loop().run_in_executor(_pool, partial(_call, function, args, kwargs))


def _call(function: Callable[..., R], args: Any, kwargs: Any) -> R:
    close_old_connections()
    try:
        return function(*args, **kwargs)
    finally:
        close_old_connections()
