"""What the environment (and ``.env``) says; every setting of design §3 is read here and nowhere else."""

from __future__ import annotations

import ipaddress
import os
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from environs import Env

ROOT = Path(__file__).resolve().parent.parent
# What FLOWDESK_LIMITS may name (flows.engine.limits says what each means), with the most that it may be set to.
FLOW_LIMITS = {
    "widgets": 10_000,
    "steps": 100_000,
    "same_widget_in_a_row": 1_000,
    "execution_days": 365,
    "loop_rounds": 1_000,
    "http_timeout_seconds": 60,
    "http_response_bytes": 1_048_576,
    "task_attributes_characters": 65_536,
}


class WrongSetting(SystemExit):
    """A setting cannot be used; the process ends with this one line."""

    def __init__(self, text: str) -> None:
        super().__init__(f"flowdesk: {text}")


@dataclass(frozen=True, slots=True)
class Environment:
    """The settings as values; addresses have no trailing slash."""

    port: int
    host: str
    data_dir: Path
    public_url: str
    secret_key: str
    admin_password: str | None
    http_allow: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
    database_url: str
    redis_url: str
    broker_url: str
    debug: bool
    demo: bool
    webchat_sessions_per_minute: int
    starts_per_second: int
    # Of flows.engine.limits.Limits; what is not named keeps Studio's value.
    flow_limits: dict[str, Any]
    media_max_mb: int
    log_format: str
    traces_url: str
    media_s3_bucket: str
    media_s3_endpoint: str
    media_s3_region: str

    @property
    def is_embedded(self) -> bool:
        """One process with in-memory broker and channel layer."""
        return not self.redis_url


def read() -> Environment:
    """
    Read the environment.

    :raises WrongSetting: a value cannot be understood; says which.
    """
    env = Env()
    env.read_env(str(ROOT / ".env"), recurse=False)
    data_dir = Path(env.str("FLOWDESK_DATA_DIR", "") or ROOT / "var").resolve()
    port = _port(env.str("FLOWDESK_PORT", "") or "8000")
    host = env.str("FLOWDESK_HOST", "") or "127.0.0.1"
    redis_url = env.str("REDIS_URL", "")
    if redis_url and urlsplit(redis_url).scheme not in ("redis", "rediss", "unix"):
        raise WrongSetting(f"REDIS_URL must begin with redis://, not {redis_url.split(':')[0]!r}")
    return Environment(
        port=port,
        host=host,
        data_dir=data_dir,
        public_url=(env.str("FLOWDESK_PUBLIC_URL", "") or f"http://{_shown(host)}:{port}").rstrip("/"),
        secret_key=env.str("FLOWDESK_SECRET_KEY", "") or _kept(data_dir, "secret_key"),
        admin_password=env.str("FLOWDESK_ADMIN_PASSWORD", "") or None,
        http_allow=_networks(env.str("FLOWDESK_HTTP_ALLOW", "")),
        database_url=env.str("DATABASE_URL", ""),
        redis_url=redis_url,
        broker_url=env.str("CELERY_BROKER_URL", "") or redis_url or "memory://localhost",
        debug=_switch(env, "FLOWDESK_DEBUG", False),
        demo=_switch(env, "FLOWDESK_DEMO", True),
        webchat_sessions_per_minute=_count(env, "FLOWDESK_WEBCHAT_SESSIONS_PER_MINUTE", 120),
        starts_per_second=_count(env, "FLOWDESK_STARTS_PER_SECOND", 20),
        flow_limits=_limits(env.str("FLOWDESK_LIMITS", "")),
        media_max_mb=_count(env, "FLOWDESK_MEDIA_MAX_MB", 25),
        log_format=_one_of(env, "FLOWDESK_LOG_FORMAT", ("line", "json")),
        traces_url=_url(env, "FLOWDESK_TRACES"),
        media_s3_bucket=env.str("FLOWDESK_MEDIA_S3_BUCKET", ""),
        media_s3_endpoint=env.str("FLOWDESK_MEDIA_S3_ENDPOINT", ""),
        media_s3_region=env.str("FLOWDESK_MEDIA_S3_REGION", ""),
    )


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise WrongSetting(f"FLOWDESK_PORT must be a port number, not {text!r}")
    return int(text)


def _switch(env: Env, name: str, default: bool) -> bool:
    text = env.str(name, "").lower()
    if text in ("", "true", "1", "yes", "on", "false", "0", "no", "off"):
        return text in ("true", "1", "yes", "on") if text else default
    raise WrongSetting(f"{name} must be true or false, not {text!r}")


def _one_of(env: Env, name: str, choices: tuple[str, ...]) -> str:
    text = env.str(name, "") or choices[0]
    if text not in choices:
        raise WrongSetting(f"{name} must be one of {', '.join(choices)}, not {text!r}")
    return text


def _url(env: Env, name: str) -> str:
    text = env.str(name, "")
    if text and (urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).netloc):
        raise WrongSetting(f"{name} must begin with http:// or https://, not {text!r}")
    return text


def _count(env: Env, name: str, default: int) -> int:
    text = env.str(name, "") or str(default)
    if not text.isdigit() or not 0 < int(text) < 1_000_000:
        raise WrongSetting(f"{name} must be a whole number of at least 1, not {text!r}")
    return int(text)


def _limits(text: str) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = (word.strip() for word in part.partition("="))
        if name not in FLOW_LIMITS or not value.isdigit() or not 0 < int(value) <= FLOW_LIMITS[name]:
            known = ", ".join(f"{known} (at most {most:,})" for known, most in FLOW_LIMITS.items())
            raise WrongSetting(f"FLOWDESK_LIMITS must be like steps=500, of {known}; not {part!r}")
        limits[name] = int(value)
    if "execution_days" in limits:
        limits["execution_age"] = timedelta(days=limits.pop("execution_days"))
    return limits


def _shown(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::", "") else host


def _networks(text: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise WrongSetting(f"FLOWDESK_HTTP_ALLOW must be a comma list of networks: {error}") from error


def _kept(data_dir: Path, name: str) -> str:
    """Return a secret made once and kept in the data directory, readable by its owner only."""
    path = data_dir / name
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            temporary = path.with_suffix(f".{os.getpid()}")
            temporary.touch(mode=0o600)
            temporary.write_text(secrets.token_urlsafe(48))
            try:
                # A second process that starts at the same moment must not overwrite the first one's secret.
                os.link(temporary, path)
            except FileExistsError:
                pass
            temporary.unlink()
        return path.read_text().strip()
    except OSError as error:
        raise WrongSetting(f"FLOWDESK_DATA_DIR cannot be used: {error}") from error
