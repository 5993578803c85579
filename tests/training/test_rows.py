"""What a policy learns from: pictures, and none that its image processor would refuse."""

from __future__ import annotations

import polars as pl
from PIL import Image

from wethink_assets.decoding.pictures import PictureFile
from wethink_assets.training.row_file import RowFile, TrainingRow
from wethink_assets.training.rows import training_rows, what_became


def selected(*image_ids: str) -> list[dict]:
    texts = dict.fromkeys(("problem", "answer", "answer_typed", "category", "reward"), "x")
    return [{"sample_id": f"s-{image_id}", "image_id": image_id, **texts} for image_id in image_ids]


def test_a_picture_that_the_processor_refuses_is_set_aside_with_its_reason(tmp_path):
    """By the size that a row says, or else by the file's own: one such picture ended a whole training."""
    for name, size in (("line", (2276, 10)), ("dot", (5, 5)), ("good", (40, 30)), ("long", (6001, 30))):
        Image.new("RGB", size).save(tmp_path / f"{name}.png")
    (tmp_path / "none.png").write_bytes(b"no image")
    sizes = {"good": (40, 30), "long": (6001, 30)}

    def find(image_id: str) -> PictureFile:
        if image_id == "gone":
            raise FileNotFoundError("gone")
        return PictureFile(tmp_path / f"{image_id}.png", f"copy-{image_id}", sizes.get(image_id))

    rows, failed, aside = training_rows(selected("line", "dot", "good", "long", "none", "gone"), find)
    assert [(row.image_id, row.picture_id) for row in rows] == [("dot", "copy-dot"), ("good", "copy-good")]
    assert [(s.subject_id, s.reason) for s in failed] == [("s-none", "image_unreadable"), ("s-gone", "image_missing")]
    assert [(s.subject_id, s.reason) for s in aside] == [
        ("s-line", "image_extreme_shape"),
        ("s-long", "image_extreme_shape"),
    ]
    nothing = pl.LazyFrame(schema={"sample_id": pl.String, "reward": pl.Float64})
    result = what_became(["s-dot", "s-good"], nothing, 6, failed, aside)
    assert (len(result.dropped), len(result.failed)) == (4, 2)
    result.check()


def test_rows_of_plain_pictures_are_the_rows_that_they_were(tmp_path):
    def digest(name: str, *picture_id: str) -> str:
        with RowFile(tmp_path / name) as file:
            file.append([TrainingRow("s", "p", "a", "{}", "MC", "rule", "i", "/i.png", *picture_id)])
        return file.digest

    assert digest("a") == digest("b", "i") != digest("c", "copy")
