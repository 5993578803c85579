"""One picture saved again is a copy; another number, mark, label or colour in it is another picture."""

from __future__ import annotations

import io
from itertools import combinations

import pytest
from PIL import Image, ImageDraw, ImageEnhance

from wethink_assets.decoding.decode import decode, raster
from wethink_assets.demo.pack.encode import altered
from wethink_assets.demo.pack.palette import font
from wethink_assets.demo.pack.render import draw, make_scene
from wethink_assets.images import same_picture
from wethink_assets.images.alignment import greys, placement
from wethink_assets.images.same_picture import PIXELS, difference
from wethink_assets.images.signatures import Surroundings, are_strangers, signature


def chart(title: str = "Sales 1937", values: tuple[int, ...] = (60, 140, 90, 170), paper: str = "white") -> Image.Image:
    image = Image.new("RGB", (420, 300), paper)
    pen = ImageDraw.Draw(image)
    pen.text((210, 20), title, font=font(16), fill="black", anchor="mm")
    for number, value in enumerate(values):
        left = 60 + 85 * number
        pen.rectangle((left, 250 - value, left + 50, 250), fill=("navy", "orange", "green", "purple")[number])
        pen.text((left + 25, 240 - value), str(value), font=font(12), fill="black", anchor="mm")
    pen.line((40, 250, 400, 250), fill="black", width=2)
    return image


PICTURES = {kind: draw(make_scene(kind, 3)) for kind in ("photo", "map", "line_chart", "document", "geometry")}
PICTURES["chart"] = chart()


def saved(image: Image.Image, quality: int, kind: str = "JPEG") -> Image.Image:
    out = io.BytesIO()
    image.save(out, kind, quality=quality)
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")


def sized(image: Image.Image, factor: float) -> Image.Image:
    return image.resize((round(image.width * factor), round(image.height * factor)), Image.Resampling.LANCZOS)


def cropped(image: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    w, h = image.size
    return image.crop((round(w * left), round(h * top), w - round(w * right), h - round(h * bottom)))


def watermarked(image: Image.Image) -> Image.Image:
    veil = Image.new("L", image.size)
    size = max(14, min(image.size) // 6)
    centre = image.width // 2, image.height // 2
    ImageDraw.Draw(veil).text(centre, "sample.org", font=font(size), fill=50, anchor="mm")
    marked = image.copy()
    marked.paste("black", mask=veil)
    return marked


COPIES = {
    "jpeg 90": lambda i: saved(i, 90),
    "jpeg 60": lambda i: saved(i, 60),
    "jpeg 30": lambda i: saved(i, 30),
    "webp": lambda i: saved(i, 80, "WEBP"),
    "half": lambda i: saved(sized(i, 0.5), 85),
    "larger": lambda i: sized(i, 1.5),
    "cropped": lambda i: cropped(i, 0.01, 0.01, 0.01, 0.01),
    "cropped at one side": lambda i: cropped(i, 0.02, 0, 0, 0),
    "cropped at a corner": lambda i: saved(cropped(i, 0.02, 0.02, 0, 0), 85),
    "darker": lambda i: ImageEnhance.Brightness(i).enhance(0.92),
    "contrast": lambda i: ImageEnhance.Contrast(i).enhance(1.1),
    "colour": lambda i: saved(ImageEnhance.Color(i).enhance(0.85), 85),
    "watermarked": watermarked,
}


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("picture", PICTURES)
def test_copies(picture, how):
    original = PICTURES[picture]
    copy = COPIES[how](original)
    for pair in ((original, copy), (copy, original)):
        left = difference(*pair)
        assert left.is_copy, str(left)
    assert not are_strangers(Surroundings(signature(original)), signature(copy))


@pytest.mark.parametrize("how", ["number", "mark", "colour"])
@pytest.mark.parametrize("picture", PICTURES)
def test_look_alikes_of_a_pack(picture, how):
    image = PICTURES[picture]
    assert not difference(image, saved(altered(image, how, 3), 85)).is_copy


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (chart("Sales 1937"), chart("Sales 1931")),
        (chart("Sales 1937"), chart("Tales 1937")),
        (chart(), chart(values=(60, 140, 98, 170))),
        (chart(), chart(paper="lightblue")),
        (Image.new("RGB", (300, 200), (200, 210, 255)), Image.new("RGB", (300, 200), (200, 235, 255))),
        (Image.new("RGB", (300, 200), "white"), Image.new("RGB", (300, 200), "black")),
        (chart(), chart().transpose(Image.Transpose.FLIP_LEFT_RIGHT)),
        (chart(), cropped(chart(), 0, 0, 0.15, 0)),
    ],
    ids=["digit", "letter", "bar", "paper", "plain", "white or black", "mirrored", "a part"],
)
def test_different_pictures(one, other):
    assert not difference(one, other).is_copy and not difference(other, one).is_copy


def test_a_number_changes_also_in_a_copy_that_was_made_anew():
    """Cropped, toned and saved as well: what was done to the whole does not hide what was done in one place."""
    other = ImageEnhance.Contrast(cropped(chart("Sales 1931"), 0.01, 0.01, 0.01, 0.01)).enhance(1.08)
    assert not difference(chart("Sales 1937"), saved(other, 70)).is_copy


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (20, 20), (700, 11)])
def test_any_size(size):
    noise = Image.effect_noise(size, 90).convert("RGB")
    assert difference(noise, noise.copy()).is_copy
    assert not difference(noise, Image.new("RGB", size, "red")).is_copy


def test_what_agrees_nearly_everywhere_is_judged_as_it_is(monkeypatch):
    """Aligning costs most of a look, and neither a re-encoded copy nor another number in the same place needs it."""
    aligned = []
    monkeypatch.setattr(same_picture, "placement", lambda *args: aligned.append(args) or placement(*args))
    image = chart()
    for copy in (image.copy(), saved(image, 60), sized(image, 0.5)):
        assert difference(image, copy).is_copy
    for other in (chart("Sales 1931"), chart("Tales 1937"), altered(image, "mark", 1)):
        assert not difference(image, saved(other, 85)).is_copy
    assert not aligned
    assert difference(image, COPIES["cropped"](image)).is_copy and aligned


def test_a_faint_number_where_nothing_was_moved():
    """By less than a coarse JPEG changes at edges, and by more than this one changes anywhere."""
    one, other = (chart() for _ in range(2))
    for image, number in ((one, "37"), (other, "31")):
        ImageDraw.Draw(image).text((350, 60), number, font=font(13), fill="#d4d4d4")
    left = difference(one, other)
    assert not left.is_copy and left.luma < 27
    for how in ("jpeg 30", "half", "watermarked"):
        assert difference(one, COPIES[how](one)).is_copy


def test_an_icon_of_another_colour():
    """Of one brightness: red on the one, blue on the other."""
    one, other = (Image.new("RGB", (16, 16), "white") for _ in range(2))
    one.paste((180, 40, 40), (4, 4, 12, 12))
    other.paste((40, 86, 160), (4, 4, 12, 12))
    assert not difference(one, other).is_copy


def test_where_a_crop_lies():
    found = placement(greys(PICTURES["photo"], cropped(PICTURES["photo"], 0.02, 0, 0.02, 0.04)))
    assert found.scale_x == pytest.approx(0.96, abs=0.004) and found.scale_y == pytest.approx(0.96, abs=0.004)
    assert found.shift_x == pytest.approx(0, abs=0.003) and found.shift_y == pytest.approx(-0.02, abs=0.003)


def test_signatures_tell_strangers_only():
    kinds = [signature(image) for image in PICTURES.values()]
    assert [are_strangers(Surroundings(kinds[0]), kind) for kind in kinds] == [False] + [True] * (len(kinds) - 1)
    blue, green = (signature(Image.new("RGB", (64, 64), c)) for c in ("#c8d2ff", "#c8ffd2"))
    assert are_strangers(Surroundings(blue), green)


def test_a_longer_bar_is_seen_in_the_signature():
    assert are_strangers(Surroundings(signature(chart())), signature(chart(values=(60, 190, 90, 170))))


@pytest.mark.long
def test_pairs_of_real_pictures(realdata):
    """Charts, maps and figures with close hashes: the different ones are told apart, the same ones are not."""
    folder = realdata / "near_duplicates"
    seen = {}

    def picture(path):
        if path not in seen:
            seen[path] = raster(decode(path.read_bytes()).image, PIXELS)
        return seen[path]

    wrong = []
    for line in (folder / "pairs.tsv").read_text("utf-8").splitlines()[1:]:
        first, second, label = line.split("\t")[:3]
        if difference(picture(folder / first), picture(folder / second)).is_copy != (label == "same"):
            wrong.append(line)
    assert not wrong
    variants = sorted((realdata / "bench/DynaMath").glob("trial*/image/image104.png"))[:5]
    for one, other in combinations(variants, 2):
        same = picture(one).tobytes() == picture(other).tobytes()
        assert difference(picture(one), picture(other)).is_copy == same, (one, other)


@pytest.mark.parametrize("how", COPIES)
def test_a_small_picture_is_no_stranger_to_its_copies(how):
    """A cell of a signature is a few pixels there, and a line fills it or does not."""
    small = chart().resize((280, 150), Image.Resampling.LANCZOS)
    assert not are_strangers(Surroundings(signature(small)), signature(COPIES[how](small)))
