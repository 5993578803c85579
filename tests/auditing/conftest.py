"""A release in a lake."""

from __future__ import annotations

from tests.dataset.conftest import full, made, released

__all__ = ["full", "made", "released"]
