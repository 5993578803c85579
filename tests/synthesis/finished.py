"""An installation whose first batch went through synthesis, on disk: to be copied, by all processes of the suite."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shared_folders import shared_folder
from tests.synthesis.house import House


def finished_house(factory: pytest.TempPathFactory, made: House | None = None) -> Path:
    """The folder of a house with a finished batch `g1`, and with images of `g2`.

    Whoever comes first makes it, or gives a copy of the one it has made for itself.
    """

    def make(root: Path) -> None:
        house = House(root, copy_of=made.root) if made else House(root, recorded=True)
        if house.teacher:
            house.run()
            house.teacher.close()
        house.lake.store.close()

    return shared_folder(factory, "finished-house", make)
