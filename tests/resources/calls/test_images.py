"""Images as they are sent: scaled down the same way each time, upright, and recorded."""

from __future__ import annotations

import hashlib
import io
import json

import pytest
from PIL import Image

from resources.calls.images import scaled_down
from tests.resources.calls.asking import ask, ledger, run


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


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "CMYK"])
def test_every_kind_of_image_can_be_scaled(mode, images):
    content = images.content[images.add_noise((64, 32), mode, "TIFF" if mode == "CMYK" else "PNG")]
    with Image.open(io.BytesIO(scaled_down(content, 16))) as small:
        assert small.size == (16, 8) and small.mode == "RGB"


def test_an_image_lying_on_its_side_is_sent_upright(images):
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: rotate by 90 degrees to see it
    content = images.content[images.add_noise((64, 32), form="JPEG", exif=exif)]
    with Image.open(io.BytesIO(scaled_down(content, 16))) as small:
        assert small.size == (8, 16)


def test_what_cannot_be_decoded_stops_its_row_only(stub, engine_of, images):
    images.content["e" * 64] = b"\x89PNG no more"
    good = images.add_noise((300, 300))
    replies = run(
        engine_of(stub.base_url, max_image_side=50), [ask("x", image_ids=("e" * 64,)), ask("y", image_ids=(good,))]
    )
    assert [(r.ok, r.error) for r in replies] == [(False, "image_missing"), (True, None)]
