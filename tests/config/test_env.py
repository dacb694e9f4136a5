"""What the environment says."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest

from config import env
from flows.engine.limits import DEFAULT_LIMITS, Limits


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in tuple(os.environ):
        if name.startswith("FLOWDESK_") or name in ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(env, "ROOT", tmp_path)


def test_needs_nothing_to_be_set(tmp_path: Path) -> None:
    found = env.read()

    assert (found.host, found.port, found.public_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert (found.data_dir, found.database_url, found.broker_url) == (tmp_path / "var", "", "memory://localhost")
    assert (found.demo, found.debug, found.http_allow, found.admin_password) == (True, False, (), None)
    assert found.secret_key == (tmp_path / "var" / "secret_key").read_text()
    assert found.is_embedded


def test_makes_the_secret_key_once_and_for_its_owner_only(tmp_path: Path) -> None:
    assert env.read().secret_key == env.read().secret_key
    assert (tmp_path / "var" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_reads_a_dot_env_file_which_the_environment_overrules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FLOWDESK_PORT=9000\nFLOWDESK_HOST=0.0.0.0\n")
    monkeypatch.setenv("FLOWDESK_PORT", "9001")

    found = env.read()

    assert (found.port, found.host, found.public_url) == (9001, "0.0.0.0", "http://127.0.0.1:9001")


def test_reads_networks_addresses_and_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWDESK_HTTP_ALLOW", "127.0.0.0/8, ::1/128")
    monkeypatch.setenv("FLOWDESK_PUBLIC_URL", "https://desk.example/")
    monkeypatch.setenv("REDIS_URL", "redis://cache/2")

    found = env.read()

    assert found.http_allow == (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
    assert found.public_url == "https://desk.example"
    assert found.broker_url == "redis://cache/2"
    assert not found.is_embedded


def test_reads_other_limits_than_studios(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWDESK_LIMITS", "steps=50, execution_days = 3")

    limits = Limits(**env.read().flow_limits)

    assert limits == replace(DEFAULT_LIMITS, steps=50, execution_age=timedelta(days=3))
    assert set(env.FLOW_LIMITS) - {"execution_days"} <= {field.name for field in fields(Limits)}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FLOWDESK_PORT", "0"),
        ("FLOWDESK_PORT", "http"),
        ("FLOWDESK_HTTP_ALLOW", "localhost"),
        ("FLOWDESK_DEBUG", "maybe"),
        ("REDIS_URL", "127.0.0.1:6379"),
        ("FLOWDESK_LIMITS", "steps"),
        ("FLOWDESK_LIMITS", "steps=0"),
        ("FLOWDESK_LIMITS", "steps=1000000"),
        ("FLOWDESK_LIMITS", "strides=5"),
        ("FLOWDESK_DATA_DIR", "/proc/nothing/here"),
    ],
)
def test_names_the_setting_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(env.WrongSetting, match=f"flowdesk: {name} "):
        env.read()
