"""Images as they are sent: scaled down the same way each time, upright, and recorded."""

from __future__ import annotations

import hashlib
import io
import json

import pytest
from PIL import Image

from resources.calls.images import scaled_down
from tests.resources.calls.asking import ask, ledger, run
from wethink_assets.decoding.picture_maker import PictureMaker


def test_large_images_are_scaled_down_the_same_way_each_time_and_it_is_recorded(stub, engine_of, images, lake):
    large, small = images.add_noise((300, 120)), images.add_noise((90, 100))
    run(engine_of(stub.base_url, max_image_side=100), [ask("both", image_ids=(large, small))])
    arrived = stub.calls[0].images
    assert (
        arrived[1] == small
        and arrived[0] == hashlib.sha256(scaled_down(images.content[large], 100)).hexdigest() != large
    )
    with Image.open(io.BytesIO(scaled_down(images.content[large], 100))) as seen:
        assert (seen.format, seen.size) == ("JPEG", (100, 40))
    (row,) = ledger(lake)
    assert row["images_sent"] == arrived and row["image_ids"] == [large, small]
    assert json.loads(row["messages"])[1]["content"][0] == {"type": "image", "image_id": large, "max_side": 100}


def test_the_side_is_part_of_the_call_only_where_it_is_set(stub, engine_of, images):
    image = images.add_noise((20, 20))
    run(engine_of(stub.base_url), [ask("a", image_ids=(image,)), ask("b")])
    assert engine_of(stub.base_url, max_image_side=100).missing([ask("a", image_ids=(image,))]) == 1
    assert engine_of(stub.base_url, max_image_side=100).missing([ask("b")]) == 0, "a text call has no image to scale"


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "1"])
def test_every_kind_of_image_can_be_scaled(mode, images):
    content = images.content[images.add_noise((64, 32), mode, "PNG")]
    with Image.open(io.BytesIO(scaled_down(content, 16))) as small:
        assert small.size == (16, 8) and small.mode == "RGB"


def test_the_picture_is_sent_where_the_image_is_not_it_and_recorded(stub, engine_of, images, lake, tmp_path):
    """A picture that lies on its side and one in a format that servers do not take, small and scaled down."""
    exif = Image.Exif()
    exif[0x0112] = 6
    turned, tiff = images.add_noise((64, 32), form="JPEG", exif=exif), images.add_noise((40, 30), "CMYK", "TIFF")
    plain = images.add_noise((20, 20), form="JPEG")
    seen = Pictured(images, tmp_path)
    requests = [ask("all", image_ids=(turned, tiff, plain))]
    run(engine_of(stub.base_url, images=seen), requests)
    run(engine_of(stub.base_url, images=seen, max_image_side=16), requests)
    whole, small = stub.calls[0].images, stub.calls[1].images
    pictures = [seen.picture_bytes(image_id) for image_id in (turned, tiff, plain)]
    assert whole == [sha256 for _, sha256 in pictures] and whole[2] == plain
    assert small == [hashlib.sha256(scaled_down(data, 16)).hexdigest() for data, _ in pictures]
    with Image.open(io.BytesIO(pictures[0][0])) as upright:
        assert (upright.format, upright.size) == ("PNG", (32, 64))
    assert sorted(row["images_sent"] for row in ledger(lake)) == sorted([whole, small])
    assert {tuple(row["image_ids"]) for row in ledger(lake)} == {(turned, tiff, plain)}


class Pictured:
    """Images by content with their pictures, as `PictureFiles` gives them."""

    def __init__(self, images, folder):
        self._images = images
        self._maker = PictureMaker(folder)

    def bytes(self, image_id):
        return self._images.bytes(image_id)

    def picture_bytes(self, image_id):
        return self._maker.bytes_of(image_id, lambda: self._images.bytes(image_id))


def test_what_cannot_be_decoded_stops_its_row_only(stub, engine_of, images):
    images.content["e" * 64] = b"\x89PNG no more"
    good = images.add_noise((300, 300))
    replies = run(
        engine_of(stub.base_url, max_image_side=50), [ask("x", image_ids=("e" * 64,)), ask("y", image_ids=(good,))]
    )
    assert [(r.ok, r.error) for r in replies] == [(False, "image_missing"), (True, None)]
