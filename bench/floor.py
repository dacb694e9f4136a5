"""
The floor under the message path: what this machine does for one INSERT a request and a constant answer.

``bare``: an ASGI application on a psycopg pool; ``django``: an async view with one insert. Both are served by uvicorn
on PostgreSQL, as the product is. Run by bench.message_path, in the same run as the product.
"""

from __future__ import annotations

import os
from typing import Any

import psycopg
import psycopg_pool

_pool: psycopg_pool.AsyncConnectionPool | None = None
TABLE = "CREATE TABLE bench_floor (id bigserial PRIMARY KEY, body text NOT NULL)"


async def pool() -> psycopg_pool.AsyncConnectionPool:
    """Return the process's pool, opened at its first use."""
    global _pool
    if _pool is None:
        _pool = psycopg_pool.AsyncConnectionPool(os.environ["DATABASE_URL"], min_size=2, max_size=16, open=False)
        await _pool.open()
    return _pool


async def bare(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Insert the body, answer 200."""
    body = b""
    while True:
        event = await receive()
        body += event.get("body", b"")
        if not event.get("more_body"):
            break
    async with (await pool()).connection() as connection:
        await connection.execute("INSERT INTO bench_floor (body) VALUES (%s)", (body.decode(),))
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


def django() -> Any:
    """Return a Django ASGI application whose one async view inserts a row."""
    import dj_database_url
    from django.conf import settings
    from django.core.asgi import get_asgi_application
    from django.http import HttpRequest, HttpResponse

    settings.configure(
        SECRET_KEY="bench",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="bench.floor_urls",
        DATABASES={"default": dj_database_url.parse(os.environ["DATABASE_URL"], conn_max_age=None)},
        MIDDLEWARE=[],
    )
    application = get_asgi_application()

    import sys
    import types

    from django.db import connection
    from django.urls import path

    def insert(body: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO bench_floor (body) VALUES (%s)", (body,))

    async def view(request: HttpRequest, rest: str) -> HttpResponse:
        from asgiref.sync import sync_to_async

        await sync_to_async(insert)(request.body.decode())
        return HttpResponse("ok")

    urls = types.ModuleType("bench.floor_urls")
    urls.urlpatterns = [path("<path:rest>", view)]  # type: ignore[attr-defined]
    sys.modules["bench.floor_urls"] = urls
    return application


def serve(kind: str, port: int) -> None:
    """Serve one floor on a port until the process is ended."""
    import uvicorn

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(TABLE)
    uvicorn.run(bare if kind == "bare" else django(), port=port, log_level="warning", lifespan="off")


if __name__ == "__main__":
    import sys

    serve(sys.argv[1], int(sys.argv[2]))
