"""The shortest way in: folders of images as the image archive unzips them, with no annotation at all."""

from __future__ import annotations

import pytest

from resources.storage.places import Places
from tests.sources.layouts import LAYOUTS
from wethink_assets.sources.catalog import SOURCES, source
from wethink_assets.sources.ingest import take
from wethink_assets.sources.listing import list_images


@pytest.mark.parametrize("key", LAYOUTS)
def test_images_alone_are_enough(roots, key):
    assert LAYOUTS.keys() == {s.key for s in SOURCES}
    taken = []
    for root in roots:
        result, problems = take(source(key), Places.at(root), "b1", [], None)
        result.check()
        assert not result.failed and not problems
        rows = result.rows["source_images"]
        assert sorted(r["image_uri"] for r in rows) == sorted(f"{key}/{name}" for name in LAYOUTS[key])
        assert all(r["context"] == "{}" and r["licence"] for r in rows)
        taken.append(rows)
    assert taken[0] == taken[1]


def test_training_folders_come_first(roots):
    places = Places.at(roots[0])
    assert next(list_images(source("docvqa"), places)).startswith("docvqa/train/")
    splits = {
        r["image_uri"]: r["split"] for r in take(source("CLEVR_v1.0"), places, "b", [], None)[0].rows["source_images"]
    }
    assert list(splits.values()) == ["train", "val", "test"]


def test_a_folder_within_a_listed_folder_is_listed_once(tmp_path):
    for name in ("images/train/1.png", "images/extra/2.png"):
        path = tmp_path / "CLEVR_v1.0" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x")
    assert [u[len("CLEVR_v1.0/images/") :] for u in list_images(source("CLEVR_v1.0"), Places.at(tmp_path))] == [
        "train/1.png",
        "extra/2.png",
    ]
