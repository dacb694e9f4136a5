"""Web origins, as browsers compare them. Pure."""

from urllib.parse import urlsplit


def origin_of(url: str) -> str:
    """Return scheme, host and port of an app's address, as browsers compare them."""
    parts = urlsplit(url)
    default = {"https": 443, "http": 80}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = f":{parts.port}" if parts.port not in (None, default) else ""
    return f"{parts.scheme}://{host}{port}"
