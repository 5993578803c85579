"""A release's nasty rows, and a release in a lake."""

from __future__ import annotations

import pytest

from tests.dataset.conftest import full, made
from tests.exports.rows import draw, rows

__all__ = ["full", "made"]


@pytest.fixture(scope="session")
def nasty(tmp_path_factory):
    """Rows and their pictures by image id."""
    folder = tmp_path_factory.mktemp("pictures")
    pictures = draw(folder)
    return rows(pictures, folder, 230), pictures
