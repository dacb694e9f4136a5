"""Reports are counted from what happens in the house of routing's tests."""

from tests.routing.conftest import house

__all__ = ("house",)
