from __future__ import annotations

import pytest

from tests.interactions.world import Desk, make_desk


@pytest.fixture
def desk(db: None) -> Desk:
    return make_desk()
