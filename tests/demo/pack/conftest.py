"""The demo's own pack, made once for these tests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.shared_folders import shared_folder
from wethink_assets.demo.pack.generate import generate


@pytest.fixture(scope="session")
def demo_pack(tmp_path_factory) -> Path:
    """24 images per source, seed 7."""
    return shared_folder(
        tmp_path_factory, "demo-pack", lambda to: generate(to, images_per_source=24, seed=7, workers=2)
    )


@pytest.fixture(scope="session")
def sources(demo_pack) -> Path:
    """The folder of all sources in the demo's own pack."""
    return demo_pack / "sources"


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def files(root: Path) -> dict[str, bytes]:
    """All files below a folder by relative path."""
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}
