"""Every nasty file ends as one correct RGB picture or as a reason."""

from __future__ import annotations

import csv
import io

import imagehash
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from wethink_assets.decoding.decode import MAX_PIXELS, UndecodableError, decode, thumbnail
from wethink_assets.decoding.hashing import distance, perceptual_hashes, sha256_of, sha256_of_file

REASONS = {
    "truncated_image.png": "truncated",
    "truncated_jpeg.jpg": "truncated",
    "broken.png": "not_an_image",
    "broken_data_stream.png": "corrupt",
    "zero_width.gif": "not_an_image",
    "unknown_compression_method.png": "not_an_image",
    "00r0_gray_l.jp2": "corrupt",
    "decompression_bomb.gif": "too_many_pixels",
    "png_decompression_dos.png": "corrupt",
    "broken.jpg": "corrupt",
}


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def test_all_nasty_files(realdata):
    folder = realdata / "nasty_images"
    rows = list(csv.DictReader((folder / "index.tsv").open(), delimiter="\t"))
    assert len(rows) == 65
    for row in rows:
        data = (folder / row["file"]).read_bytes()
        if row["file"] in REASONS:
            with pytest.raises(UndecodableError) as caught:
                decode(data)
            assert caught.value.reason == REASONS[row["file"]], (row["file"], str(caught.value))
            continue
        decoded = decode(data)
        assert decoded.image.mode == "RGB"
        width, height = (int(v) for v in row["size"].split("x"))
        expected = (height, width) if row["exif_orientation"] in {"5", "6", "7", "8"} else (width, height)
        assert decoded.size == expected, row["file"]
        assert decoded.format == row["pillow13_format"]


def test_all_orientations_of_a_picture_look_alike(realdata):
    folder = realdata / "nasty_images"
    turned = [decode((folder / f"hopper_orientation_{n}.jpg").read_bytes()).image for n in (2, 4, 6, 8)]
    assert len({perceptual_hashes(image)[0] for image in turned}) == 1
    assert decode((folder / "orientation_rectangle.jpg").read_bytes()).size == (1, 2)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation(orientation):
    picture = Image.new("RGB", (40, 20), "blue")
    picture.paste((255, 0, 0), (0, 0, 20, 10))
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = decode(encoded(picture, "PNG", exif=exif)).image
    corner = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}[orientation]
    at = (2 + corner[0] * (upright.width - 5), 2 + corner[1] * (upright.height - 5))
    assert upright.getpixel(at) == (255, 0, 0)


def test_colour_modes_keep_their_colours():
    assert decode(encoded(Image.new("CMYK", (9, 9), (0, 255, 255, 0)), "JPEG")).image.getpixel((4, 4))[0] > 240
    clear = decode(encoded(Image.new("RGBA", (9, 9), (10, 20, 30, 0)))).image
    assert clear.getpixel((4, 4)) == (255, 255, 255)
    palette = Image.new("RGB", (9, 9), (200, 10, 10)).quantize(4)
    assert decode(encoded(palette, "GIF")).image.getpixel((4, 4)) == (200, 10, 10)
    deep = Image.new("I;16", (9, 9), 32768)
    assert decode(encoded(deep)).image.getpixel((4, 4)) == (128, 128, 128)
    frames = [Image.new("RGB", (9, 9), c) for c in ("red", "green")]
    animation = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert decode(animation).image.getpixel((4, 4)) == (255, 0, 0)


def test_pixel_limit_and_size_limits():
    side = int(MAX_PIXELS**0.5) + 1
    with pytest.raises(UndecodableError) as caught:
        decode(encoded(Image.new("1", (side, side))))
    assert caught.value.reason == "too_many_pixels"
    with pytest.raises(UndecodableError) as caught:
        decode(b"")
    assert caught.value.reason == "empty_file"


@settings(deadline=None)
def decoded_or_error(data: bytes) -> tuple[Image.Image | None, UndecodableError | None]:
    try:
        return decode(data).image, None
    except UndecodableError as error:
        return None, error


@settings(deadline=None)
@given(st.binary(max_size=400), st.integers(0, 300), st.sampled_from(["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP"]))
def test_any_bytes(noise, place, kind):
    data = bytearray(encoded(Image.new("RGB", (12, 10), "red"), kind))
    place %= len(data)
    data[place : place + len(noise) % 20] = noise[: len(noise) % 20]
    for attempt in (noise, bytes(data), bytes(data[:place])):
        image, error = decoded_or_error(attempt)
        assert image.mode == "RGB" if image else error.reason and str(error)


def test_hashes_are_the_librarys(realdata):
    image = Image.open(realdata / "coco/train2017/000000000790.jpg").convert("RGB")
    assert perceptual_hashes(image) == (str(imagehash.phash(image)), str(imagehash.phash(image, hash_size=16)))
    assert distance("0f", "f0") == 8
    path = realdata / "coco/train2017/000000000790.jpg"
    assert sha256_of_file(path) == (sha256_of(path.read_bytes()), path.stat().st_size)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 90),
    st.integers(1, 90),
    st.sampled_from(["RGB", "L", "1", "CMYK", "RGBA", "P"]),
    st.integers(0, 2**32),
    st.sampled_from(["flat", "gradient", "noise"]),
)
def test_hashes_of_any_picture_are_the_librarys(width, height, mode, seed, kind):
    """Bit for bit, from the file to both hashes, against the library asked on its own."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    if kind == "flat":
        pixels[:] = pixels[0, 0]
    elif kind == "gradient":
        pixels[:] = (np.arange(width) * 255 // width).astype(np.uint8)[None, :, None]
    picture = Image.fromarray(pixels).convert(mode)
    data = encoded(picture, "TIFF" if mode == "CMYK" else "PNG")
    plain = Image.open(io.BytesIO(data))
    assert perceptual_hashes(decode(data).image) == (
        str(imagehash.phash(plain.convert("RGB"))),
        str(imagehash.phash(plain.convert("RGB"), hash_size=16)),
    )


def test_thumbnail_fits():
    small = Image.open(io.BytesIO(thumbnail(Image.new("RGB", (400, 100)), 64)))
    assert small.size == (64, 16)


def test_an_icon_is_its_largest_picture_on_white():
    icon = Image.new("RGBA", (32, 32), (0, 0, 200, 0))
    icon.paste((0, 0, 200, 255), (0, 0, 16, 32))
    decoded = decode(encoded(icon, "ICO", sizes=[(16, 16), (32, 32)]))
    assert (decoded.format, decoded.size, decoded.plain) == ("ICO", (32, 32), False)
    assert decoded.image.getpixel((4, 4)) == (0, 0, 200) and decoded.image.getpixel((30, 4)) == (255, 255, 255)


def test_every_suffix_that_is_set_aside_has_a_reason():
    """What no decoder here opens ends as a failed row that says so, whatever its name promises."""
    for data in (
        b"\x00\x00\x00\x18ftypheic" + bytes(60),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"8BPS\x00\x01",
    ):
        with pytest.raises(UndecodableError) as caught:
            decode(data)
        assert caught.value.reason in ("not_an_image", "corrupt")
