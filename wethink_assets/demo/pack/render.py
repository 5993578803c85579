"""From a kind and a seed to a scene, and from a scene to its picture.

Belongs here: choosing the kind's plan and paint. Does not belong here: what a scene is (scene.py), how a kind looks
(kinds/).
"""

from __future__ import annotations

from random import Random

from PIL import Image

from wethink_assets.demo.pack.kinds import FAMILIES
from wethink_assets.demo.pack.palette import Canvas
from wethink_assets.demo.pack.scene import Scene

# What a camera took; the others come from a scanner, a renderer or a drawing program and have no grain.
PHOTOGRAPHED = frozenset({"photo", "people", "portrait", "landmark", "painting", "book_cover", "sign"})


def make_scene(kind: str, seed: int) -> Scene:
    """Plan the scene `kind` with `seed`. Raises KeyError with the known kinds for another kind."""
    if kind not in FAMILIES:
        raise KeyError(f"unknown kind of scene {kind!r}; known: {', '.join(FAMILIES)}")
    plan = FAMILIES[kind].plan(Random(f"plan|{kind}|{seed}"))
    return Scene(scene_id=f"{kind}-{seed}", kind=kind, seed=seed, **plan)


def draw(scene: Scene) -> Image.Image:
    """Paint a scene (RGB). Costs a few milliseconds."""
    canvas = Canvas(scene.size, Random(f"paint|{scene.kind}|{scene.seed}"))
    FAMILIES[scene.kind].paint(scene, canvas)
    return canvas.finish(grainy=scene.kind in PHOTOGRAPHED)
