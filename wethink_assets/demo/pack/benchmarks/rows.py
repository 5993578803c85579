"""Rows of the sample evaluation sets by set and seed, and the items that sources copy from them.

Belongs here: which function fills which set. Does not belong here: columns (math_rows.py, general_rows.py). A row names
its images in `_figures`; tsv.py turns them into cells.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from random import Random

from wethink_assets.demo.pack.benchmarks import general_rows, math_rows
from wethink_assets.demo.pack.benchmarks.cells import Row
from wethink_assets.demo.pack.benchmarks.figures import SETS, figure_scene
from wethink_assets.demo.pack.scene import Scene

MAKERS: dict[str, Callable[[str, list[Scene], Random], list[Row]]] = {
    "MathVista_MINI": math_rows.math_vista,
    "MathVision": math_rows.math_vision,
    "MathVerse_MINI_Vision_Only": math_rows.math_verse,
    "DynaMath": math_rows.dyna_math,
    "WeMath": math_rows.we_math,
    "LogicVista": math_rows.logic_vista,
    "MMBench_TEST_EN_V11": general_rows.mm_bench,
    "MMBench_TEST_CN_V11": general_rows.mm_bench,
    "MMStar": general_rows.mm_star,
    "MMMU_DEV_VAL": general_rows.mmmu,
    "HallusionBench": general_rows.hallusion,
    "AI2D_TEST": general_rows.ai2d,
    "OCRBench": general_rows.ocr_bench,
    "MMVet": general_rows.mm_vet,
}


@lru_cache(maxsize=32)
def rows(seed: int, name: str) -> tuple[Row, ...]:
    """All rows of a set, in file order. Do not change them: they are shared."""
    scenes = [figure_scene(seed, name, i) for i in range(SETS[name].figures)]
    return tuple(MAKERS[name](name, scenes, Random(f"rows|{seed}|{name.replace('_CN_', '_EN_')}")))


def copied_question(seed: int, name: str, turn: int) -> tuple[str, str, str]:
    """Index, question and answer of an item whose text a source repeats; a choice is answered by its text."""
    candidates = [r for r in rows(seed, name) if len(r["question"]) > 30]
    text = candidates[(turn * 7) % len(candidates)]["question"]
    row = next(r for r in candidates if r["question"] == text)  # two figures of a HallusionBench set share questions
    return str(row["index"]), row["question"], str(row.get(row["answer"]) or row["answer"])


def figure_item(seed: int, name: str, position: int) -> str:
    """Index of the first item that shows a figure."""
    position %= SETS[name].figures
    return next(str(r["index"]) for r in rows(seed, name) if position in r["_figures"])
