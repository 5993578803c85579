"""Consumers of images (release, export, training) get them from archives and buckets too."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from resources.settings import SettingsResource
from tests.dataset.house import House
from tests.resources.storage.conftest import tarred, zipped
from wethink_assets.picture_files import PictureFiles
from wethink_assets.settings import SourceSettings
from wethink_assets.training.rows import training_rows


@pytest.fixture
def scattered(lake, tmp_path, bucket):
    """A house whose three sources moved: one into a zip, one into a tar in a bucket, one into a bucket."""
    house = House(lake, tmp_path)
    house.add("batch-1")
    root = tmp_path / "sources"
    files = {
        key: {p.relative_to(root / key).as_posix(): p.read_bytes() for p in (root / key).rglob("*.png")}
        for key in ("coco", "chartqa", "ai2d")
    }
    (tmp_path / "coco-images.zip").write_bytes(zipped(files["coco"]))
    bucket.put("packed/chartqa.tar", tarred(files["chartqa"]))
    for name, content in files["ai2d"].items():
        bucket.put(f"loose/{name}", content)
    shutil.rmtree(root)
    places = {
        "coco": str(tmp_path / "coco-images.zip"),
        "chartqa": f"{bucket.url}/packed/chartqa.tar",
        "ai2d": f"{bucket.url}/loose",
    }
    sources = SourceSettings(places=places, cache_gb=1e-6)  # a kilobyte: everything is driven out at once
    house.settings = house.settings.model_copy(update={"sources": sources})
    return house


@pytest.mark.long
def test_release_and_training_from_archives_and_buckets(scattered):
    scattered.materialise()
    (row,) = scattered.releases()
    assert row["rows"] == 36
    folder = scattered.folder()
    images = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / "images").rglob("*.png")}
    stored = {r["image_uri"]: r["image_id"] for r in scattered.lake.store.sql("FROM source_images").to_dicts()}
    assert {str(path.relative_to(folder / "images")): digest for path, digest in images.items()} == stored
    assert sum(p.stat().st_size for p in scattered.settings.image_cache_dir.glob("??/*")) <= 1_000
    scattered.materialise()
    assert len(scattered.releases()) == 1
    selected = scattered.lake.rows("dataset/select_training_rows", release_id=row["release_id"])
    files = PictureFiles(lake=scattered.lake, settings=SettingsResource.of(scattered.settings))
    rows, failed, _ = training_rows(selected, files.picture)
    assert len(rows) == len(selected) > 20 and not failed
    for row in rows:  # all at once, although the cache holds a few
        with Path(row.image).open("rb") as handle:
            assert hashlib.file_digest(handle, "sha256").hexdigest() == row.image_id


@pytest.mark.long
def test_an_image_that_is_gone_from_its_bucket_is_one_failed_row(scattered, bucket):
    bucket.delete("loose/pictures/batch-1-0.png")
    bucket.put("loose/pictures/batch-1-1.png", b"other bytes")
    result = scattered.materialise()
    assert scattered.releases()[0]["rows"] == 30
    assert result.success
    why = scattered.lake.store.sql(
        "SELECT DISTINCT detail FROM verdicts WHERE reason = 'missing_image' ORDER BY detail"
    )["detail"]
    assert len(why) == 2 and all(f"{bucket.url}/loose/pictures" in detail for detail in why)
