"""The images of the sample evaluation sets: how many, of which kinds, in which file format.

Belongs here: numbers, kinds and formats of figures by set. Does not belong here: drawing them (render.py), their cells
(tsv.py).

Both MMBench sets show the same figures, as the published ones do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from wethink_assets.demo.pack.render import make_scene
from wethink_assets.demo.pack.scene import Scene
from wethink_assets.demo.pack.seeds import scene_seed

CHARTS = ("bar_chart", "line_chart", "pie_chart")


@dataclass(frozen=True)
class FigureSet:
    """`run` figures in a row are of one kind: the ten variants of a DynaMath question."""

    kinds: tuple[str, ...]
    figures: int
    png: bool = False
    run: int = 1


SETS: dict[str, FigureSet] = {
    "MathVista_MINI": FigureSet(("geometry", "bar_chart", "solids", "pie_chart", "line_chart"), 30),
    "MathVision": FigureSet(("geometry", "solids"), 24, png=True),
    "MathVerse_MINI_Vision_Only": FigureSet(("geometry",), 24, png=True),
    "DynaMath": FigureSet((*CHARTS, "geometry", "solids", "experiment"), 60, run=10),
    "WeMath": FigureSet(("geometry", "bar_chart", "solids"), 8),
    "LogicVista": FigureSet(("food_web", "map", "solids", "parts"), 24),
    "MMBench_TEST_EN_V11": FigureSet(("photo", "landmark", "solids", "sign", "people", "experiment"), 12),
    "MMBench_TEST_CN_V11": FigureSet(("photo", "landmark", "solids", "sign", "people", "experiment"), 12),
    "MMStar": FigureSet(("photo", "people", "experiment", "bar_chart", "painting", "geometry"), 30),
    "MMMU_DEV_VAL": FigureSet(("experiment", "document", "painting", "map", "parts", "geometry"), 30),
    "HallusionBench": FigureSet(("bar_chart", "map", "experiment"), 12, run=2),
    "AI2D_TEST": FigureSet(("food_web", "parts"), 30, png=True),
    "OCRBench": FigureSet(("sign", "book_cover", "document", "portrait"), 30),
    "MMVet": FigureSet(("photo", "sign", "landmark", "portrait", "document", "book_cover"), 24),
}


@lru_cache(maxsize=1024)
def figure_scene(seed: int, name: str, position: int) -> Scene:
    """The scene of a figure; positions wrap around."""
    figure_set = SETS[name]
    position %= figure_set.figures
    place = "bench|MMBench" if name.startswith("MMBench") else f"bench|{name}"
    return make_scene(
        figure_set.kinds[position // figure_set.run % len(figure_set.kinds)], scene_seed(seed, place, position)
    )
