"""Servers for tests that start, kill and restart them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import settings as test_settings
from tests.servers import Installation, installation


@pytest.fixture(scope="module")
def server() -> Iterator[Installation]:
    """An installation with its demo data that serves the tests of a file; one may kill it and start it again."""
    with installation(test_settings.BACKEND) as made:
        made.manage("prepare")
        made.start()
        yield made


@pytest.fixture
def bare() -> Iterator[Installation]:
    """An installation with nothing in it, and nothing running."""
    with installation(test_settings.BACKEND) as made:
        yield made
