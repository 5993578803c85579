"""A truth folder with one real drawn scene a kind, for tests that need no whole pack."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

from wethink_assets.demo.pack.render import draw, make_scene
from wethink_assets.demo.pack.scene import KINDS, Scene, scene_to_dict


def picture(scene: Scene) -> bytes:
    out = io.BytesIO()
    draw(scene).save(out, "PNG")
    return out.getvalue()


def write_truth(folder: Path, *, seeds: range = range(2), kinds: tuple[str, ...] = KINDS) -> dict[str, bytes]:
    """truth/scenes.jsonl, and the files' bytes by image id."""
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, bytes] = {}
    with (folder / "scenes.jsonl").open("w", encoding="utf-8") as lines:
        for kind in kinds:
            for seed in seeds:
                scene = make_scene(kind, seed)
                data = picture(scene)
                image_id = hashlib.sha256(data).hexdigest()
                files[image_id] = data
                row = {
                    "image_id": image_id,
                    "image_uri": f"coco/{kind}-{seed}.png",
                    "source": "coco",
                    "scene": scene_to_dict(scene),
                }
                lines.write(json.dumps(row) + "\n")
    return files
