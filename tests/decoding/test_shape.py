"""Shapes that models take, and the size at which they see them."""

from __future__ import annotations

import ast
import importlib.util
import math
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from wethink_assets.decoding.shape import fitted, refused, unfit
from wethink_assets.training.worker import fit

LIMITS = (28, 56 * 56, 14 * 14 * 4 * 1280)  # of Qwen2-VL's image processor
SIDE = st.integers(1, 20_000)


def smart_resize(width: int, height: int) -> tuple[int, int]:
    """The processor's own, read from its source: importing it takes seconds."""
    spec = importlib.util.find_spec("transformers")
    if spec is None or spec.origin is None:
        pytest.skip("training needs the cpu or gpu dependencies: make setup")
    source = (Path(spec.origin).parent / "models/qwen2_vl/image_processing_qwen2_vl.py").read_text("utf-8")
    found = next(n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef) and n.name == "smart_resize")
    names: dict = {"math": math}
    exec(compile(ast.Module([found], []), spec.origin, "exec"), names)  # noqa: S102 - of an installed package
    height, width = names["smart_resize"](height, width, *LIMITS)
    return width, height


def test_small_and_long_pictures_are_unfit():
    assert unfit(2276, 10) == ("too_small", "2276x10 pixels; 14 a side is the least")
    assert unfit(14, 2801) == ("extreme_shape", "14x2801 pixels; models take at most 200:1")
    assert refused(2276, 10) == ("extreme_shape", "2276x10 pixels; models take at most 200:1")
    assert refused(1, 1) is refused(10, 2000) is None
    assert unfit(14, 2800) is unfit(28, 28) is unfit(6000, 30) is None


@given(SIDE, SIDE)
def test_what_is_fitted_is_taken_when_it_is_looked_at_once_more(width, height):
    """Rounding to whole patches made 6000x30 into 5992x28, longer than the 200:1 that the processor takes."""
    for _ in range(2):
        width, height = fitted(width, height, *LIMITS)
        assert width % 28 == height % 28 == 0 and min(width, height) >= 28
        assert max(width, height) <= 200 * min(width, height)


@pytest.mark.parametrize("size", [(640, 480), (40, 30), (14, 2800), (9000, 3000), (1286, 47), (28, 28), (14, 14)])
def test_sizes_are_the_processors(size):
    assert fitted(*size, *LIMITS) == smart_resize(*size)


def test_pictures_are_fitted_for_processors_of_that_family_alone():
    sizes = {"shortest_edge": LIMITS[1], "longest_edge": LIMITS[2]}
    family = type("Qwen2VLImageProcessor", (), {"size": sizes, "patch_size": 14, "merge_size": 2})
    assert fit(Image.new("RGB", (6000, 30)), SimpleNamespace(image_processor=family())).size == (5600, 28)
    assert fit(Image.new("RGB", (6000, 30)), SimpleNamespace(image_processor=None)).size == (6000, 30)
