"""Scene index: finds the scene that a request is about, by image bytes or by plate.

Belongs here: the index over truth/*.jsonl. Does not belong here: what to say about a
scene.

The index keeps offsets only and a scene is parsed when it is asked for, so a pack of 120,000 images costs
a few seconds of reading and about 20 MB.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path

from wethink_assets.demo.pack.scene import Scene, scene_from_dict

FILES = ("scenes.jsonl", "benchmark_scenes.jsonl")
PLATE_DIGITS = 12

_IMAGE_ID = re.compile(rb'"image_id"\s*:\s*"([0-9a-f]{64})"')
_PLATE = re.compile(r"\(plate ([0-9a-f]{12})\)")


def plate_of(image_id: str) -> str:
    """The reference that a description carries, so that text-only roles can find the scene."""
    return f"(plate {image_id[:PLATE_DIGITS]})"


class SceneIndex:
    """Scenes of a pack by image id (SHA-256 of the bytes) and by plate."""

    def __init__(self, truth_dir: Path) -> None:
        self._places: dict[str, tuple[Path, int]] = {}
        for name in FILES:
            path = truth_dir / name
            if path.is_file():
                self._read(path)
        if not self._places:
            raise FileNotFoundError(f"no scenes in {truth_dir}: draw the sample pack first (`make demo` does)")
        self.load = lru_cache(maxsize=2048)(self._load)

    def __len__(self) -> int:
        return len(self._places)

    def _read(self, path: Path) -> None:
        offset = 0
        with path.open("rb") as lines:
            for line in lines:
                # The id stands before the scene, so the head of the line is enough.
                if match := _IMAGE_ID.search(line, 0, 400) or _IMAGE_ID.search(line):
                    self._places.setdefault(match[1].decode()[:PLATE_DIGITS], (path, offset))
                offset += len(line)

    def _load(self, plate: str) -> tuple[str, Scene] | None:
        place = self._places.get(plate)
        if place is None:
            return None
        path, offset = place
        with path.open("rb") as lines:
            lines.seek(offset)
            row = json.loads(lines.readline())
        return row["image_id"], scene_from_dict(row["scene"])

    def by_bytes(self, data: bytes) -> tuple[str, Scene] | None:
        """(image id, scene) of an image file's bytes."""
        image_id = hashlib.sha256(data).hexdigest()
        subject = self.load(image_id[:PLATE_DIGITS])
        return subject if subject and subject[0] == image_id else None

    def by_text(self, text: str) -> tuple[str, Scene] | None:
        """(image id, scene) of the first plate that a text refers to."""
        match = _PLATE.search(text)
        return self.load(match[1]) if match else None


def without_plate(text: str) -> str:
    return " ".join(_PLATE.sub(" ", text).split())
