"""Backup and restore with real processes: made while it runs, and everything goes on from there."""

from __future__ import annotations

import stat
import tarfile
import time
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests import settings as test_settings
from tests.buckets import buckets
from tests.servers import Installation, installation

pytestmark = pytest.mark.processes
CUSTOMER = "+15557770001"


def phone(client: httpx.Client) -> str:
    (sid,) = [row["connection_sid"] for row in client.get("/demo/api/setup").json()["phones"] if row["type"] == "sms"]
    return str(sid)


def say(server: Installation, text: str, customer: str = CUSTOMER) -> None:
    """Write to the demo's flow as a customer with the simulated phone."""
    with httpx.Client(base_url=server.base_url, trust_env=False, timeout=30) as client:
        body = {"connection_sid": phone(client), "from": customer, "body": text, "ref": text}
        answer = client.post("/demo/api/phone", json=body)
        assert answer.status_code < 300, answer.text


def heard(server: Installation, customer: str = CUSTOMER, *, at_least: int) -> list[str]:
    """Return what the customer was told, when there is that much."""
    deadline = time.monotonic() + 30
    while True:
        with httpx.Client(base_url=server.base_url, trust_env=False, timeout=30) as client:
            asked = {"connection_sid": phone(client), "from": customer}
            found = client.get("/demo/api/phone", params=asked).json()["messages"]
        told = [message["body"] for message in found if message["direction"] == "in"]
        if len(told) >= at_least:
            return told
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


def test_a_restored_backup_goes_on_where_it_was(tmp_path: Path) -> None:
    file = tmp_path / "copy.flowdesk"
    with installation(test_settings.BACKEND) as first:
        first.manage("prepare")
        media = Path(first._environment["FLOWDESK_DATA_DIR"]) / "media" / "ab" / "picture"
        media.parent.mkdir(parents=True)
        media.write_bytes(b"a customer's picture")
        first.start()
        say(first, "Hi")
        told = heard(first, at_least=1)

        first.manage("backup", str(file))

        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        refused = first.manage("restore", str(file), "--replace", check=False)
        assert refused.returncode == 1
        assert "stop it first" in refused.stderr
        say(first, "said after the backup", "+15557770009")

    with installation(test_settings.BACKEND) as second:
        second.manage("restore", str(file), "--replace")
        restored = Path(second._environment["FLOWDESK_DATA_DIR"]) / "media" / "ab" / "picture"
        assert restored.read_bytes() == b"a customer's picture"
        second.start()

        assert heard(second, at_least=1) == told
        # The execution that waited for an answer when the backup was made hears it here.
        say(second, "2")
        assert len(heard(second, at_least=len(told) + 1)) > len(told)
        assert heard(second, "+15557770009", at_least=0) == []


KEEP = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from common import clock
from conversations.services import media
from tests.factories import make_account
row = media.store(account_id=make_account("Shop").id, content=b"a picture", filename="a.png", now=clock.now())
"""
READ = """
from conversations.models import MediaFile
from conversations.services import media
with media.open(MediaFile.objects.get()) as file:
    print(file.read().decode())
"""


def shell(where: Installation, code: str) -> str:
    return where.manage("shell", "--verbosity", "0", "--command", code).stdout.strip()


def test_files_in_a_bucket_are_in_the_backup_and_go_where_files_are_kept(tmp_path: Path) -> None:
    out, back = tmp_path / "out.flowdesk", tmp_path / "back.flowdesk"
    with buckets("first", "second") as served:
        with installation(test_settings.BACKEND, **served.environment("first")) as first:
            shell(first, KEEP)
            (path,) = served.names("first")
            gone = served.environment("nowhere")
            assert (
                "the bucket of the media cannot be used" in first.manage("backup", str(out), check=False, **gone).stderr
            )
            first.manage("backup", str(out))
        with tarfile.open(out) as tar:
            member = tar.extractfile(f"media/{path}")
            assert member is not None
            assert member.read() == b"a picture"

        # Out of the bucket, by an installation that has none ...
        with installation(test_settings.BACKEND) as bare:
            bare.manage("restore", str(out))
            assert shell(bare, READ) == "a picture"
            bare.manage("backup", str(back))
        # ... and into another.
        with installation(test_settings.BACKEND, **served.environment("second")) as second:
            second.manage("restore", str(back))
            assert shell(second, READ) == "a picture"
            assert served.names("second") == [path]
            assert not (second.directory / "media").exists()


# Each file on its own, and told in one line each; what is refused has changed nothing.
TRY = """
from pathlib import Path
from common import clock
from config.operate import backup
from tests.factories import make_account
for name in sorted(Path({directory!r}).iterdir()):
    try:
        backup.restore(name, replace=True, now=clock.now())
    except backup.BackupRefused as refused:
        print(name.name, refused)
make_account("Shop")
for attempt, options in ((backup.restore, {{"replace": False}}), (backup.back_up, {{}})):
    try:
        attempt(Path({file!r}), now=clock.now(), **options)
    except backup.BackupRefused as refused:
        print(attempt.__name__, refused)
"""


def test_refuses_what_is_no_whole_backup(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    with installation(test_settings.BACKEND) as bare:
        bare.manage("migrate")
        file = tmp_path / "copy.flowdesk"
        bare.manage("backup", str(file))
        content = file.read_bytes()
        changes: dict[str, dict[str, Any]] = {
            "newer": {"migrations": [["flows", "9999_future"]]},
            "changed": {"members": {"files/x": {"sha256": "0"}}},
            "other": {"vendor": "oracle"},
        }
        for name, change in changes.items():
            (damaged / name).write_bytes(rewritten(file, tmp_path / name, **change))
        (damaged / "cut").write_bytes(content[: len(content) // 2])
        (damaged / "text").write_bytes(b"hello")

        told = dict(
            line.split(" ", 1) for line in shell(bare, TRY.format(directory=str(damaged), file=str(file))).splitlines()
        )
        missing = bare.manage("restore", str(tmp_path / "none"), "--replace", check=False)

    assert "damaged or no backup" in told["cut"]
    assert "damaged or no backup" in told["text"]
    assert "newer version" in told["newer"]
    assert "is not what was written" in told["changed"]
    assert "is of oracle" in told["other"]
    assert "there are data here already" in told["restore"]
    assert "exists" in told["back_up"]
    assert missing.returncode == 1
    assert "is not there" in missing.stderr


def rewritten(file: Path, directory: Path, **changes: Any) -> bytes:
    """Return a backup whose manifest says something else."""
    unpacked, made = directory / "unpacked", directory / "made"
    directory.mkdir()
    with tarfile.open(file) as tar:
        tar.extractall(unpacked, filter="data")
    manifest = orjson.loads((unpacked / "manifest.json").read_bytes()) | changes
    (unpacked / "manifest.json").write_bytes(orjson.dumps(manifest))
    with tarfile.open(made, "w:gz") as tar:
        tar.add(unpacked, arcname=".")
    return made.read_bytes()
