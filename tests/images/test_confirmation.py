"""Candidates are looked at in order, through the isolated decoder, and a picture that is gone stops nothing."""

from __future__ import annotations

import hashlib
import os
import random
import signal
from collections import OrderedDict

import pytest
from PIL import Image

from wethink_assets.demo.pack.encode import altered, encode
from wethink_assets.demo.pack.render import draw, make_scene
from wethink_assets.images import confirmation
from wethink_assets.images.confirmation import Confirmation
from wethink_assets.settings import Settings


class House:
    """Files below a sources root, and the statement that says where they lie."""

    def __init__(self, root):
        self.settings = Settings(home=root / "home", sources_root=root)
        self.root = root
        self.places: dict[str, list[str]] = {}
        self.queries = 0

    def put(self, name: str, data: bytes) -> str:
        path = self.root / "coco" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        image_id = hashlib.sha256(data).hexdigest()
        self.places.setdefault(image_id, []).append(f"coco/{name}")
        return image_id

    def rows(self, name, *, ids):
        assert name == "images/select_image_places"
        self.queries += 1
        return [{"image_id": i, "image_uri": u, "place": "source"} for i in ids for u in self.places.get(i, ())]


@pytest.fixture
def house(tmp_path, monkeypatch):
    for seen in ("_remembered", "_signatures"):
        monkeypatch.setattr(confirmation, seen, OrderedDict())
    return House(tmp_path)


PHOTO, CHART = draw(make_scene("photo", 5)), draw(make_scene("bar_chart", 5))


def test_the_first_copy_among_look_alikes(house):
    original, copy = house.put("1.png", encode(CHART, True)), house.put("2.jpg", encode(CHART, False, 60))
    other = house.put("3.png", encode(altered(CHART, "number", 1), True))
    stranger = house.put("4.png", encode(PHOTO, True))
    with Confirmation(house, house.settings) as looks:
        looks.expect([original, copy, other, stranger])
        seen = looks.judge(copy, [stranger, other, original])
        assert (seen.how, seen.other_id) == ("copy", original) and "levels of brightness" in seen.detail
        assert looks.judge(other, [original, copy]).how == "looks_like"
        assert house.queries == 1 and looks.compared == 1  # for the others signatures were enough
    again = Confirmation(house, house.settings)
    assert again.judge(copy, [other, original]).how == "copy" and again.compared == 0  # remembered: nothing is read


def test_pictures_that_are_gone(house):
    original, copy = house.put("1.png", encode(CHART, True)), house.put("2.jpg", encode(CHART, False, 60))
    lost = house.put("3.png", encode(altered(CHART, "mark", 1), True))
    (house.root / "coco/3.png").unlink()
    with Confirmation(house, house.settings) as looks:
        assert looks.judge(copy, [lost, original]).how == "copy"
        alone = looks.judge(copy, [lost])
        assert (alone.how, alone.other_id, alone.reason) == ("unconfirmed", lost, "unreadable")
        mine = looks.judge(lost, [original])
        assert (mine.how, mine.reason) == ("unreadable", "unreadable")
        assert looks.judge(copy, ["0" * 64]).how == "unconfirmed"


def test_a_decoder_that_is_killed_between_two_looks(house):
    """As the kernel does when memory is short: the next picture starts another one, and no verdict is lost."""
    original, copy = house.put("1.png", encode(CHART, True)), house.put("2.jpg", encode(CHART, False, 60))
    photo, again = house.put("3.png", encode(PHOTO, True)), house.put("4.jpg", encode(PHOTO, False, 60))
    with Confirmation(house, house.settings) as looks:
        assert looks.judge(copy, [original]).how == "copy"
        assert looks.decoder_pid is not None
        os.kill(looks.decoder_pid, signal.SIGKILL)
        assert looks.judge(again, [photo]).how == "copy"


def test_a_second_file_of_the_same_bytes(house):
    original, copy = house.put("1.png", encode(CHART, True)), house.put("2.jpg", encode(CHART, False, 60))
    house.put("0.png", encode(CHART, True))
    (house.root / "coco/1.png").write_bytes(b"other bytes")
    with Confirmation(house, house.settings) as looks:
        assert looks.judge(copy, [original]).how == "copy"


def test_a_crowd_costs_a_bounded_number_of_looks(house, monkeypatch):
    """Maps that differ in one state: each is read once, and few are compared at full size."""
    monkeypatch.setattr(confirmation, "MOST_LOOKS", 3)
    rng = random.Random(1)
    plates = []
    for number in range(8):
        image = Image.new("RGB", (240, 160), "beige")
        image.paste("tomato", (10 + 25 * number, 40, 30 + 25 * number, 90))
        image.putpixel((rng.randrange(240), 150), (0, 0, 0))
        plates.append(house.put(f"{number}.png", encode(image, True)))
    with Confirmation(house, house.settings) as looks:
        assert looks.judge(plates[0], plates[1:]).how == "looks_like"
        assert looks.compared <= 3
