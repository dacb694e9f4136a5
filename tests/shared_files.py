"""
Where the tests find other people's texts that are not part of this repository.

The published flow definitions and the official OpenAPI documents lie beside the checkout, in ``../shared``.
Tests that need them skip, with the reason, where they are missing; with ``CI=true`` a missing file fails.
"""

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


def shared_file(relative: str) -> Path:
    """Return the path of ``../shared/<relative>``; skip the calling test (or fail it, in CI) where it is missing."""
    path = SHARED / relative
    if not path.exists():
        message = f"../shared/{relative} is not beside this checkout"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return path
