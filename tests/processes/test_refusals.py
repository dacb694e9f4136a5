"""Settings that cannot be used are told in one line, before anything starts. The back end does not matter."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.servers import ROOT, installation

pytestmark = pytest.mark.processes


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("DATABASE_URL", "mysql://127.0.0.1/x", "DATABASE_URL must begin with postgresql://"),
        ("DATABASE_URL", "postgresql://postgres@127.0.0.1:1/x", "the database x at 127.0.0.1:1 cannot be reached"),
        ("REDIS_URL", "http://127.0.0.1", "REDIS_URL must begin with redis://"),
        ("FLOWDESK_PORT", "eighty", "FLOWDESK_PORT must be a port number"),
        ("FLOWDESK_DEMO", "perhaps", "FLOWDESK_DEMO must be true or false"),
        ("FLOWDESK_HTTP_ALLOW", "home", "FLOWDESK_HTTP_ALLOW must be a comma list of networks"),
    ],
)
def test_tells_a_wrong_setting_in_one_line(setting: str, value: str, said: str) -> None:
    with installation("sqlite", **{setting: value}) as made:
        done = made.manage("serve", check=False)

    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.startswith("flowdesk: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("REDIS_URL", "redis://127.0.0.1:1/0", "Redis at 127.0.0.1:1 cannot be reached"),
        ("CELERY_BROKER_URL", "amqp://127.0.0.1:1//", "the broker at 127.0.0.1:1 cannot be reached"),
        ("CELERY_BROKER_URL", "pigeon://127.0.0.1", "CELERY_BROKER_URL begins with an unknown scheme"),
    ],
)
def test_tells_an_unreachable_broker_in_one_line(setting: str, value: str, said: str) -> None:
    with installation("sqlite", **{setting: value}) as made:
        done = made.manage("serve", check=False)

    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_part_alone_needs_redis() -> None:
    with installation("sqlite") as made:
        done = made.manage("serve", "--only", "worker", check=False)

    assert (done.returncode, done.stderr) == (
        1,
        "flowdesk: --only worker needs REDIS_URL: without it the broker lives inside one process\n",
    )


def test_the_script_that_takes_the_pictures_can_be_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", "import scripts.pictures"], cwd=ROOT, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")
