"""What the environment (and ``.env``) says; every setting of design §3 is read here and nowhere else."""

from __future__ import annotations

import ipaddress
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from environs import Env

ROOT = Path(__file__).resolve().parent.parent


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


def _count(env: Env, name: str, default: int) -> int:
    text = env.str(name, "") or str(default)
    if not text.isdigit() or not 0 < int(text) < 1_000_000:
        raise WrongSetting(f"{name} must be a whole number of at least 1, not {text!r}")
    return int(text)


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
