"""Contact sheets hold what is a picture and stay small."""

from __future__ import annotations

from resources.storage.places import Located
from wethink_assets.presentation import contact_sheet
from wethink_assets.presentation.thumbnails import thumbnails


def test_a_sheet_of_files_leaves_out_what_is_no_picture(tmp_path, pictures, picture_of):
    (tmp_path / "text.png").write_bytes(b"no picture")
    sheet = contact_sheet.of_files(
        {p.name: Located(p) for p in [*pictures, tmp_path / "text.png"]} | {"path": pictures[0]}, title="six"
    )
    assert sheet.startswith("![six](data:image/jpeg;base64,") and len(sheet) < 100_000
    assert picture_of(sheet).size == (7 * 76, 76)
    assert contact_sheet.of_files({}) == "_no images_"


def test_captions_and_pairs(pictures, picture_of):
    pair = list(thumbnails({p.name: p for p in pictures[:2]}, contact_sheet.CELL).values())
    pairs = contact_sheet.captioned([("2/64 9/256", pair), ("1/64 3/256", pair[:1])], columns=5, title="pairs")
    assert picture_of(pairs).size == (2 * 2 * 76, 76 + 13)
    full = contact_sheet.captioned([("x" * 90, pair)] * 40, columns=5, title="pairs")
    assert len(full) < 100_000
