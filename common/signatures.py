"""
Twilio's webhook signature: made for what we send, checked on what providers and the sandbox send us.

Pure: no Django, no I/O. Source: docs/reference of X-Twilio-Signature (HMAC-SHA1 over URL and parameters).
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit, urlunsplit

HEADER = "X-Twilio-Signature"
_DEFAULT_PORTS = {"http": 80, "https": 443}

Pairs = Iterable[tuple[str, str]]


def sign(*, url: str, parameters: Pairs, token: str) -> str:
    """
    Return the signature of a form POST, or, with no parameters, of a GET.

    ``url`` exactly as the receiver is configured, query included. Of a repeated
    parameter every distinct value counts once, sorted.
    """
    return _digest(url + _parameters_text(parameters), token)


def _parameters_text(parameters: Pairs) -> str:
    return "".join(name + value for name, value in sorted(set(parameters)))


def _digest(text: str, token: str) -> str:
    digest = hmac.digest(token.encode(), text.encode("utf-8", "replace"), "sha1")
    return base64.b64encode(digest).decode()


def is_valid(*, urls: Iterable[str], parameters: Pairs, token: str, signature: str) -> bool:
    """
    Tell whether ``signature`` fits one of ``urls``, each tried with and without its scheme's default port.

    Takes the same time for every wrong signature of a given length. An empty token fits nothing.
    """
    if not token or not signature:
        return False
    text = _parameters_text(parameters)
    candidates = dict.fromkeys(variant for url in urls for variant in port_variants(url))
    return any(constant_time_equal(_digest(url + text, token), signature) for url in candidates)


def constant_time_equal(one: str, other: str) -> bool:
    """Compare two texts in constant time; unlike ``hmac.compare_digest`` it takes any characters."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def body_sha256(body: bytes) -> str:
    """Return the value of the ``bodySHA256`` query parameter that stands for a JSON body in the signed URL."""
    return hashlib.sha256(body).hexdigest()


@lru_cache(maxsize=1024)
def port_variants(url: str) -> tuple[str, ...]:
    """Return ``url`` as it is, and with the default port added or removed where that applies."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return (url,)
    default = _DEFAULT_PORTS.get(parts.scheme)
    if default is None or not parts.hostname:
        return (url,)
    if port is None:
        return (url, _with_netloc(parts, f"{parts.netloc}:{default}"))
    if port == default:
        return (url, _with_netloc(parts, parts.netloc.rpartition(":")[0]))
    return (url,)


def _with_netloc(parts: SplitResult, netloc: str) -> str:
    return urlunsplit(parts._replace(netloc=netloc))
