"""Pictures that the presentation tests show."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image


@pytest.fixture
def pictures(tmp_path) -> list[Path]:
    """Six PNG files of different sizes."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    paths = [folder / f"{number}.png" for number in range(6)]
    for number, path in enumerate(paths):
        Image.new("RGB", (60 + 20 * number, 200), (40 * number, 80, 120)).save(path)
    return paths


@pytest.fixture
def picture_of() -> Callable[[str], Image.Image]:
    """The image that a Markdown or HTML text holds."""

    def decoded(text: str) -> Image.Image:
        data = text.split(";base64,")[1].rstrip('">)')
        return Image.open(io.BytesIO(base64.b64decode(data)))

    return decoded
