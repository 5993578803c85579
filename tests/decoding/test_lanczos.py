"""The fast squares for the hashes are Pillow's, whatever the picture."""

from __future__ import annotations

import imagehash
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from wethink_assets.decoding import lanczos
from wethink_assets.decoding.hashing import perceptual_hashes

SIZES = (32, 64)


def pictures(width: int, height: int, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    noise = rng.integers(0, 256, (height, width), dtype=np.uint8)
    return {
        "noise": noise,
        "black and white": noise // 128 * 255,
        "soft": (np.hypot(x - width / 3, y - height / 2) % 256).astype(np.uint8),
        "page": np.where((x // 7 + y // 11) % 9 == 0, 0, 255).astype(np.uint8),
        "bright": np.maximum(noise, 250),
        "flat": np.full((height, width), int(rng.integers(0, 256)), np.uint8),
    }


def same(pixels: np.ndarray) -> None:
    gray = Image.fromarray(pixels)
    for square, size in zip(lanczos.squares_of(gray, SIZES), SIZES, strict=True):
        assert np.array_equal(np.asarray(square), np.asarray(gray.resize((size, size), lanczos.LANCZOS)))


def test_the_installed_pillow_computes_as_the_fast_way_says() -> None:
    assert lanczos.as_expected(), "hashes stay right but cost twice the time: look at Pillow's Resample.c"


@pytest.mark.parametrize(
    "size",
    [(640, 480), (480, 640), (1600, 1200), (547, 551), (2345, 131), (600, 1199), (600, 1200), (130, 2500), (4096, 128)],
)
def test_squares_are_pillows_bit_for_bit(size: tuple[int, int]) -> None:
    for pixels in pictures(*size, seed=sum(size)).values():
        same(pixels)


@settings(max_examples=25, deadline=None)
@given(st.integers(300, 900), st.integers(300, 900), st.integers(0, 2**32), st.integers(1, 1 << 20))
def test_squares_of_any_size_are_pillows_in_strips_of_any_size(width: int, height: int, seed: int, strip: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lanczos, "STRIP", max(strip, 32 * width))
        patch.setattr(lanczos, "LEAST", 500 * 400)
        for name in ("noise", "black and white", "soft"):
            same(pictures(width, height, seed)[name])


@pytest.mark.long
def test_sums_on_the_edge_of_two_values_are_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pattern whose sums all lie at a half is left to Pillow, and with no limit to repeats comes out the same."""
    y, x = np.mgrid[0:1200, 0:1600]
    halves = np.where((x + y) % 2 == 0, 127, 128).astype(np.uint8)
    assert lanczos._columns(halves, SIZES) is None
    same(halves)
    monkeypatch.setattr(lanczos, "MOST_AGAIN", 2.0)
    assert lanczos._columns(halves, SIZES) is not None
    same(halves)


def test_without_that_pillow_hashes_stay_right(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = Image.fromarray(np.dstack([pictures(800, 600, seed)["noise"] for seed in range(3)]))
    expected = str(imagehash.phash(picture)), str(imagehash.phash(picture, hash_size=16))
    assert perceptual_hashes(picture) == expected
    monkeypatch.setattr(lanczos, "PRECISION", 21)  # as if another Pillow rounded otherwise
    lanczos.as_expected.cache_clear()
    lanczos._plan.cache_clear()
    try:
        assert not lanczos.as_expected()
        assert perceptual_hashes(picture) == expected
    finally:
        monkeypatch.undo()
        lanczos.as_expected.cache_clear()
        lanczos._plan.cache_clear()
