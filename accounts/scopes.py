"""
What an API key may do: ``<product>:read`` or ``<product>:write`` (which includes reading); no scopes: everything.

The product is the first part of an address, as in design §4; reading is GET and HEAD.
"""

from __future__ import annotations

from collections.abc import Iterable

from common.errors import BadParameter, Forbidden

# First part of the path to the name of the product in scopes.
PRODUCTS = {
    "studio": "studio",
    "conversations": "conversations",
    "taskrouter": "taskrouter",
    "flex-api": "flex",
    "api": "messages",
    "2010-04-01": "messages",
    "channels": "channels",
    "webhooks": "studio",
}
SCOPES = tuple(f"{product}:{verb}" for product in dict.fromkeys(PRODUCTS.values()) for verb in ("read", "write"))


def check_scopes(scopes: Iterable[str]) -> list[str]:
    """
    Return the scopes in their order, each once.

    :raises BadParameter: one that nobody knows.
    """
    wanted = set(scopes)
    if unknown := wanted - set(SCOPES):
        raise BadParameter(f"Scopes must be among {', '.join(SCOPES)}; not {', '.join(sorted(unknown))}")
    return [scope for scope in SCOPES if scope in wanted]


def require(scopes: Iterable[str], *, path: str, method: str) -> None:
    """
    Let a call through that a key with these scopes may make.

    :raises Forbidden: it may not; says which scope is missing.
    """
    held = set(scopes)
    if not held:
        return
    product = PRODUCTS.get(path.strip("/").partition("/")[0], "")
    needed = f"{product}:{'read' if method in ('GET', 'HEAD', 'OPTIONS') else 'write'}"
    if needed not in held and f"{product}:write" not in held:
        raise Forbidden(f"This API key lacks the scope {needed}")
