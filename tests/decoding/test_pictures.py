"""One picture, one set of pixels: whoever reads an image sees the same, by the file or by its copy."""

from __future__ import annotations

import hashlib
import io
import struct
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from tests.conftest import PROJECT_ROOT
from wethink_assets.decoding.decode import decode, thumbnail
from wethink_assets.decoding.hashing import perceptual_hashes
from wethink_assets.decoding.picture_maker import PictureError, PictureMaker
from wethink_assets.decoding.pictures import PictureCopies, plain_by_header
from wethink_assets.training.training_set import OpenImages

WAYS = {  # every mode with the formats that hold it
    "RGB": ("PNG", "JPEG", "WEBP", "TIFF", "BMP"),
    "L": ("PNG", "JPEG", "TIFF"),
    "1": ("PNG", "TIFF"),
    "P": ("PNG", "GIF"),
    "RGBA": ("PNG", "WEBP", "TIFF"),
    "LA": ("PNG",),
    "CMYK": ("JPEG", "TIFF"),
    "I;16": ("PNG", "TIFF"),
    "I": ("TIFF",),
    "F": ("TIFF",),
}


@pytest.fixture(scope="module")
def maker(tmp_path_factory):
    return PictureMaker(tmp_path_factory.mktemp("pictures"))


def encoded(image, kind="PNG", **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def drawn(mode: str, size: tuple[int, int], seed: int) -> Image.Image:
    rng, (width, height) = np.random.default_rng(seed), size
    if mode in ("I;16", "I", "F"):
        kind = {"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode]
        return Image.fromarray(rng.integers(0, 60_000, (height, width)).astype(kind))
    picture = Image.fromarray(rng.integers(0, 256, (height, width, 4), dtype=np.uint8))
    return picture if mode == "RGBA" else picture.convert(mode)


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def as_others_do(data: bytes) -> Image.Image:
    """What a server or trainer of others makes of a file."""
    return Image.open(io.BytesIO(data)).convert("RGB")


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    way=st.sampled_from([(mode, kind) for mode, kinds in WAYS.items() for kind in kinds]),
    size=st.tuples(st.integers(14, 60), st.integers(14, 60)),
    orientation=st.integers(0, 8),
    clear=st.booleans(),
    frames=st.integers(1, 2),
    seed=st.integers(0, 2**32 - 1),
)
def test_all_see_the_same_pixels(maker, tmp_path, way, size, orientation, clear, frames, seed):
    """The hashes', the thumbnails', a server's, the trainer's, and those of whoever opens an export."""
    mode, kind = way
    image = drawn(mode, size, seed)
    options = {}
    if orientation and kind in ("PNG", "JPEG", "WEBP", "TIFF"):
        options["exif"] = Image.Exif()
        options["exif"][0x0112] = orientation
    if clear and mode in ("P", "L", "1") and kind in ("PNG", "GIF"):
        options["transparency"] = 0
    if frames > 1 and kind in ("GIF", "WEBP") and mode != "I;16":
        options |= {"save_all": True, "append_images": [drawn(mode, size, seed + 1)]}
    data = encoded(image, kind, **options)
    decoded = decode(data)
    sent, sha256 = maker.bytes_of(sha(data), lambda: data)
    file = tmp_path / "picture"
    file.write_bytes(sent)
    seen = [as_others_do(sent), decode(sent).image, OpenImages(Unfitting(), keep=1).of(str(file), "s")]
    for other in seen:
        assert other.mode == "RGB" and other.tobytes() == decoded.image.tobytes(), way
    assert perceptual_hashes(as_others_do(sent)) == perceptual_hashes(decoded.image)
    assert thumbnail(as_others_do(sent), 16) == thumbnail(decoded.image, 16)
    assert sha256 == sha(sent) and (sent == data) == decoded.plain
    assert decoded.plain or not plain_by_header(data), "the header must not promise what decoding does not keep"
    if not decoded.plain:
        assert sent.startswith(b"\x89PNG") and decode(sent).plain


class Unfitting:
    """A processor of another family, for which pictures keep their size."""

    image_processor = None


def test_every_kind_of_picture_that_others_read_in_other_ways_has_a_copy(maker):
    """Each of these was sent, or trained on, as it lay."""
    exif = Image.Exif()
    exif[0x0112] = 6
    rgb = drawn("RGB", (20, 30), 1)
    for data in (
        encoded(rgb, "JPEG", exif=exif),
        encoded(drawn("RGBA", (20, 30), 1)),
        encoded(drawn("LA", (20, 30), 1)),
        encoded(drawn("P", (20, 30), 1), transparency=3),
        encoded(drawn("I;16", (20, 30), 1)),
        encoded(rgb.convert("CMYK"), "JPEG"),
        encoded(rgb, "TIFF"),
        encoded(rgb, "BMP"),
        encoded(rgb, "GIF"),
    ):
        assert maker.of(sha(data), lambda data=data: data).sha256 != sha(data)
    plain = [encoded(rgb), encoded(rgb, "JPEG"), encoded(rgb, "WEBP"), encoded(rgb.convert("L"), "JPEG")]
    assert all(map(plain_by_header, plain)), "no process is asked"
    for data in (*plain, encoded(rgb.convert("RGBA"))):
        assert maker.of(sha(data), lambda data=data: data).sha256 == sha(data), "as it was sent before"


@pytest.mark.parametrize("bits", [9, 10, 12, 14, 16])
def test_grey_reaches_white_at_the_depth_that_a_tiff_declares(bits):
    most = 2**bits - 1
    deep = np.linspace(0, most, 64).astype(np.uint16)[None, :].repeat(4, 0)
    for data in (
        encoded(Image.fromarray(deep), "TIFF", tiffinfo={281: most} if bits < 16 else {}),  # 16 bits that say the most
        packed_12_bit(deep) if bits == 12 else encoded(Image.fromarray((deep * (65_535 / most)).astype(np.uint16))),
    ):
        row = np.asarray(decode(data).image)[0, :, 0]
        assert row[0] == 0 and row[-1] == 255 and abs(int(row[32]) - 129) <= 2
        assert (np.diff(row.astype(int)) >= 0).all()


def packed_12_bit(values) -> bytes:
    """A TIFF of 12-bit grey, two samples in three bytes."""
    pairs = values.astype(int).reshape(-1, 2)
    body = b"".join(bytes([a >> 4, (a & 15) << 4 | b >> 8, b & 255]) for a, b in pairs)
    tags = {256: values.shape[1], 257: values.shape[0], 258: 12, 259: 1, 262: 1, 273: 8, 277: 1, 278: len(values)}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in (tags | {279: len(body)}).items())
    return struct.pack("<2sHI", b"II", 42, 8 + len(body)) + body + struct.pack("<H", 9) + entries + bytes(4)


def test_deep_grey_with_black_and_white_changed_and_with_a_clear_grey():
    deep = np.linspace(0, 65_535, 64).astype(np.uint16)[None, :].repeat(4, 0)
    turned = np.asarray(decode(encoded(Image.fromarray(deep), "TIFF", tiffinfo={262: 0})).image)[0, :, 0]
    assert turned[0] == 255 and turned[-1] == 0
    clear = np.asarray(decode(encoded(Image.fromarray(deep), transparency=0)).image)[0, :, 0]
    assert clear[0] == 255 and clear[1] < 8


def test_float_and_32_bit_grey_is_stretched_over_its_own_range():
    for kind in (np.float32, np.int32):
        ramp = np.linspace(-50, 1_000, 64).astype(kind)[None, :].repeat(4, 0)
        row = np.asarray(decode(encoded(Image.fromarray(ramp), "TIFF")).image)[0, :, 0]
        assert row[0] == 0 and row[-1] >= 254


def test_a_copy_is_made_once_and_found_by_its_original(tmp_path):
    data, read = encoded(drawn("RGBA", (30, 20), 5)), []
    first = PictureMaker(tmp_path).of(sha(data), lambda: read.append(1) or data)
    again = PictureMaker(tmp_path).of(sha(data), lambda: read.append(1) or data)
    named = PictureMaker(tmp_path).of(sha(data), lambda: read.append(1) or data, first.sha256)
    assert first == again == named and len(read) == 1
    assert first.path.read_bytes() == maker_bytes(tmp_path, data)


def maker_bytes(folder, data) -> bytes:
    return PictureMaker(folder).bytes_of(sha(data), lambda: data)[0]


def test_a_copy_holds_pixels_alone():
    """A profile of the file would be taken for that of the copy, and a date in it makes other bytes each time."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encoded(drawn("CMYK", (30, 20), 5), "TIFF", icc_profile=profile)
    picture = decode(data).image
    assert picture.info == {} and "icc_profile" not in Image.open(io.BytesIO(thumbnail(picture, 16))).info


def test_that_an_opaque_alpha_channel_needs_no_copy_is_remembered(tmp_path):
    data = encoded(drawn("RGB", (30, 20), 5).convert("RGBA"))
    assert not plain_by_header(data)
    for _ in range(2):
        assert PictureMaker(tmp_path).of(sha(data), lambda: data).sha256 == sha(data)
    assert PictureCopies(tmp_path).find(sha(data)).sha256 == sha(data)


def test_a_damaged_copy_is_made_again(tmp_path):
    data = encoded(drawn("RGBA", (30, 20), 5))
    copy = PictureMaker(tmp_path).of(sha(data), lambda: data)
    whole = copy.path.read_bytes()
    copy.path.write_bytes(whole[:-20])
    assert maker_bytes(tmp_path, data) == whole == copy.path.read_bytes()


def test_a_process_killed_while_it_writes_leaves_no_copy_and_nothing_behind(tmp_path):
    data = encoded(drawn("RGBA", (30, 20), 5))
    killed = (
        "import os, sys\nfrom pathlib import Path\nfrom PIL import Image\n"
        "from wethink_assets.decoding.pictures import PictureCopies\n"
        "class Dying(Image.Image):\n"
        "    def save(self, out, *_, **__):\n        out.write(b'half'); out.flush(); os.kill(os.getpid(), 9)\n"
        "PictureCopies(Path(sys.argv[1])).keep(sys.argv[2], Dying())\n"
    )
    done = subprocess.run([sys.executable, "-c", killed, str(tmp_path), sha(data)], cwd=PROJECT_ROOT)
    assert done.returncode == -9
    assert [path.suffix for path in tmp_path.rglob("*") if path.is_file()] == [".part"]
    assert PictureCopies(tmp_path).find(sha(data)) is None
    assert PictureMaker(tmp_path).of(sha(data), lambda: data).path is not None
    assert [path.suffix for path in tmp_path.rglob("*") if path.is_file()] == [".png"]


def test_what_is_no_picture_is_told(tmp_path):
    with pytest.raises(PictureError, match="not_an_image") as caught:
        PictureMaker(tmp_path).of(sha(b"no image"), lambda: b"no image")
    assert caught.value.reason == "not_an_image"
    with pytest.raises(PictureError, match="changed_since_taken"):
        PictureMaker(tmp_path).of("0" * 64, lambda: encoded(drawn("RGBA", (30, 20), 5)))
