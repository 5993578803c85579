"""The map of pictures: places by hashes, cells that add up, and a page for each view."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.explorer.conftest import SHOWN
from wethink_assets.explorer.picture_map import ACROSS, DOWN, SIDES, cells, path_of, places, text_of, zoomed


def hashes(number: int, seed: int = 0) -> list[str]:
    """Two kinds of pictures, each with a few bits of its own."""
    drawn = np.random.default_rng(seed)
    kinds = drawn.integers(0, 2, (2, 256))
    flips = drawn.random((number, 256)) < 0.05
    bits = kinds[np.arange(number) % 2] ^ flips
    return [np.packbits(row).tobytes().hex() for row in bits.astype(np.uint8)]


def test_look_alikes_are_near_and_places_are_the_same_every_time():
    some = hashes(400)
    plane = places(some)
    assert plane.min() >= 0 and plane.max() < 1 and np.array_equal(plane, places(some))
    left, right = plane[0::2, 0], plane[1::2, 0]
    assert left.max() < right.min() or right.max() < left.min()  # the two kinds part along the first direction
    for odd in ([], ["zz"], ["0" * 64] * 3, ["f" * 64, "nothing"]):
        assert places(odd).shape == (len(odd), 2)


def test_every_picture_is_in_one_cell_of_each_view():
    plane = places(hashes(900))
    top = cells(plane, [])
    assert sum(cell.pictures for cell in top) == 900 and len({(c.column, c.row) for c in top}) == len(top)
    fullest = max(top, key=lambda cell: cell.pictures)
    within = cells(plane, [(fullest.column, fullest.row)])
    assert sum(cell.pictures for cell in within) == fullest.pictures
    left, upper, wide, high = zoomed([(fullest.column, fullest.row)])
    x, y = plane[fullest.shown] * SIDES
    assert left <= x < left + wide and upper <= y < upper + high
    assert cells(plane[:0], []) == []


@pytest.mark.parametrize("number", [96, 144, 1_000, 1_200])
def test_a_picture_on_an_edge_is_in_one_cell_of_each_view(number):
    """Ranks of so many pictures lie on edges of cells, and of cells within them."""
    drawn = np.random.default_rng(number)
    plane = np.stack([drawn.permutation(number), drawn.permutation(number)], axis=1) / number
    for cell in cells(plane, []):
        way = [(cell.column, cell.row)]
        within = cells(plane, way)
        assert sum(one.pictures for one in within) == cell.pictures
        for one in within[:4]:
            assert sum(c.pictures for c in cells(plane, [*way, (one.column, one.row)])) == one.pictures


@pytest.mark.parametrize("text", ["", "x", "1.2.3", "-1.0", f"{ACROSS}.0", f"0.{DOWN}", "1", "٣.1x"])
def test_what_is_no_view_is_the_whole(text):
    assert path_of(text) == []


def test_an_address_leads_to_its_view():
    assert path_of(text_of([(3, 5), (0, 1)])) == [(3, 5), (0, 1)] and len(path_of("1.1-" * 40)) == 5


def test_the_page_shows_pictures_of_a_choice_and_zooms(site):
    page = site.ask("/map").text
    assert f"/picture/{SHOWN}" in page and ">3 pictures" in page
    assert ">1 picture<" in (chosen := site.ask("/map?source=coco").text) and SHOWN not in chosen
    assert 'href="/map?source=coco"' in site.ask("/rows?source=coco").text
    assert "No picture of the pool" in site.ask("/map?q=no+such+words").text
    for address in re.findall(r'href="(/(?:map|row)[^"]*)" data-row', page):
        assert site.ask(address.replace("&amp;", "&")).status == 200
    assert site.ask("/map?zoom=0.0-99.99").status == 200


def test_a_picture_is_shown_after_its_image_is_gone(site):
    """Its small copy outlives it: a source that was unmounted is still browsed."""
    assert site.ask(f"/picture/{SHOWN}").headers["content-type"] == "image/jpeg"
    file = site.sources / "gqa" / "shown.png"
    hidden = file.rename(file.with_suffix(".away"))
    try:
        assert site.ask(f"/picture/{SHOWN}").headers["content-type"] == "image/jpeg"
    finally:
        hidden.rename(file)
