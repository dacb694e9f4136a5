"""The pages of the web application: one template that links what Vite built."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from csp.constants import NONE
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from accounts import queries as accounts
from console import queries as console

MANIFEST = Path(".vite/manifest.json")
APP_ENTRY = "src/main.tsx"
DEMO_ENTRY = "src/demo/main.tsx"


@dataclass(frozen=True, slots=True)
class Assets:
    """What a page links: addresses below the site's root."""

    script: str
    styles: tuple[str, ...]
    preloads: tuple[str, ...]


class NotBuilt(Exception):
    """The front end was not built, or lacks the wanted entry."""


def assets(entry: str) -> Assets:
    """
    Return what the page of an entry links.

    :raises NotBuilt: there is no build, or it has no such entry.
    """
    path = Path(settings.BASE_DIR) / "static" / "app" / MANIFEST
    try:
        changed = path.stat().st_mtime_ns
    except FileNotFoundError as error:
        raise NotBuilt from error
    return _read_assets(path, changed, entry)


@lru_cache(maxsize=8)
def _read_assets(path: Path, changed: int, entry: str) -> Assets:
    manifest: dict[str, dict[str, Any]] = orjson.loads(path.read_bytes())
    if entry not in manifest:
        raise NotBuilt
    styles: dict[str, None] = {}
    preloads: dict[str, None] = {}
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name in seen:
            return
        seen.add(name)
        for imported in manifest[name].get("imports", ()):
            visit(imported)
        styles.update(dict.fromkeys(manifest[name].get("css", ())))
        if name != entry:
            preloads[manifest[name]["file"]] = None

    visit(entry)
    base = f"{settings.STATIC_URL}app/"
    return Assets(
        script=base + manifest[entry]["file"],
        styles=tuple(base + name for name in styles),
        preloads=tuple(base + name for name in preloads),
    )


@require_safe
@ensure_csrf_cookie
def app_page(request: HttpRequest, **_: str) -> HttpResponse:
    """Serve the application; it asks ``/app/v1/session`` who is logged in."""
    # What the account shows in frames beside the chat; nothing else may be framed.
    account_id = getattr(request.user, "account_id", None)
    origins = console.frame_origins(account_id) if account_id else []
    answer = _page(request, entry=APP_ENTRY, title="Flowdesk", frames=origins)
    answer._csp_update = {"frame-src": origins or [NONE]}  # type: ignore[attr-defined]
    return answer


@require_safe
def demo_page(request: HttpRequest) -> HttpResponse:
    """Serve the page with the chat widget and the simulated phone, where there is a demo account."""
    if accounts.demo_account() is None:
        raise Http404
    return _page(request, entry=DEMO_ENTRY, title="Flowdesk demo")


def _page(request: HttpRequest, *, entry: str, title: str, frames: Sequence[str] = ()) -> HttpResponse:
    try:
        found = assets(entry)
    except NotBuilt:
        text = "The front end has not been built. Run `make run`, or `npm ci && npm run build` in frontend/.\n"
        return HttpResponse(text, status=503, content_type="text/plain; charset=utf-8")
    answer = render(request, "app.html", {"assets": found, "title": title, "frames": " ".join(frames)})
    answer["Cache-Control"] = "no-cache"
    return answer
