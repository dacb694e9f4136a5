"""An upgrade loses no running execution: what an older version began goes on under this one."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from pathlib import Path

import orjson
import pytest

from tests import settings as test_settings
from tests.servers import ROOT, installation

pytestmark = pytest.mark.processes
VENDORS = {"sqlite": "sqlite", "postgres": "postgresql"}
BEFORE = Path(__file__).parent / "data" / f"before.{VENDORS[test_settings.BACKEND]}.flowdesk"


def test_executions_of_an_older_version_go_on(tmp_path: Path) -> None:
    with tarfile.open(BEFORE) as tar:
        member = tar.extractfile("manifest.json")
        assert member is not None
        made = {tuple(each) for each in orjson.loads(member.read())["migrations"]}

    with installation(test_settings.BACKEND) as server:
        # What the data are: of tables that this version has changed since.
        there = {(path.parent.parent.name, path.stem) for path in ROOT.glob("*/migrations/0*.py")}
        assert there - made
        server.manage("restore", str(BEFORE))
        done = subprocess.run(
            [sys.executable, "-m", "tests.operate.running", "go_on"],
            cwd=ROOT,
            env=server._environment,
            capture_output=True,
            text=True,
            timeout=180,
        )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        # Asked a question before, answered after.
        "asked": ["Your name?", "Hello Zoe"],
        # Its time ran out while nothing ran.
        "late": ["Your name?", "Too late"],
        # Inside a subflow of the older version.
        "inside": ["Which one?", "Noted Zoe", "Back again"],
        # Handed over, and its task ended after the upgrade.
        "handed": ["How was it?"],
        # Its first message was stored and no flow had heard it.
        "unheard": ["Your name?", "Too late"],
    }
