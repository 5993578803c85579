"""The shortest way in: folders of images as the image archive unzips them, with no annotation at all."""

from __future__ import annotations

import zipfile

import pytest

from resources.storage.places import Places
from wethink_assets.sources.catalog import SOURCES, source
from wethink_assets.sources.ingest import take
from wethink_assets.sources.listing import list_images

# The layouts that the issue and the record's `image_path` name; some sources have several.
LAYOUTS = {
    "coco": ["train2017/000000000009.jpg"],
    "sam": ["images/sa_1.jpg"],
    "vg": ["VG_100K/1.jpg", "VG_100K_2/2.jpg"],
    "gqa": ["images/1.jpg"],
    "ocr_vqa": ["images/0001.jpg", "images/0002.gif"],
    "textvqa": ["train_images/1.jpg"],
    "share_textvqa": ["images/1.jpg"],
    "web-celebrity": ["images/1.jpg"],
    "web-landmark": ["images/1.webp"],
    "wikiart": ["images/Été à Oslo.jpg"],
    "llava": ["llava_pretrain/images/00453/004539375.jpg"],
    "chartqa": ["train/png/1.png", "val/png/2.png"],
    "sqa": ["train/7/image.png", "test/9/image.png"],
    "geoqa+": ["images/0.png"],
    "ai2d": ["images/1.png", "abc_images/1.png"],
    "docvqa": ["train/documents/a_1.png", "val/b_2.png", "test/c_3.png"],
    "pisc": ["image/00001.jpg"],
    "CLEVR_v1.0": [
        "images/train/CLEVR_train_000000.png",
        "images/val/CLEVR_val_000000.png",
        "images/test/CLEVR_test_000000.png",
    ],
}
NOISE = ["readme.txt", "._1.jpg", ".cache/1.jpg", "Thumbs.db", "notes/1.jpg.part"]


@pytest.fixture(scope="module")
def roots(tmp_path_factory):
    """The same images as folders and as one archive."""
    folder = tmp_path_factory.mktemp("layouts")
    with zipfile.ZipFile(folder / "image.zip", "w") as archive:
        for key, names in LAYOUTS.items():
            for name in [*names, *NOISE]:
                content = f"{key}/{name}".encode()
                archive.writestr(f"{key}/{name}", content)
                path = folder / key / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
    return folder, folder / "image.zip"


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
