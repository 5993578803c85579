"""Whatever the place, a source has the same images in the same order with the same bytes and annotations."""

from __future__ import annotations

import pytest

from resources.storage.places import PlaceMissingError, Places
from tests.resources.storage.conftest import Shelf, coco, tarred, zipped
from wethink_assets.sources.catalog import source
from wethink_assets.sources.ingest import take
from wethink_assets.sources.listing import list_images

COCO = source("coco")


def rows_of(shelf, batch, earlier, quota, indexes=None):
    result, problems = take(COCO, shelf.places(indexes), batch, earlier, quota)
    result.check()
    assert not result.failed and not problems
    return result.rows["source_images"]


def test_batches_are_the_same_from_every_place(shelf, tmp_path):
    plain = Shelf("folder", tmp_path / "plain", None)
    earlier, reference = [], []
    for step in (shelf, plain):
        step.put(coco())
    indexes = tmp_path / "indexes"
    for number, quota in enumerate((2, 3, None), 1):
        rows = rows_of(shelf, f"b{number}", earlier, quota, indexes)
        same = rows_of(plain, f"b{number}", reference, quota)
        assert rows == same and len(rows) == (quota or 3)
        earlier += rows
        reference += same
    assert [row["image_uri"] for row in earlier] == sorted(row["image_uri"] for row in earlier)
    assert [row["position"] for row in earlier] == list(range(8))
    assert earlier[0]["context"] == '{"captions":["picture 1"]}' and earlier[0]["split"] == "train"
    assert rows_of(shelf, "b4", earlier, None, indexes) == []
    # new files, one before and one after what was taken
    shelf.put(coco(range(8)))
    assert rows_of(shelf, "b1", earlier, 9, indexes) == earlier[:2]
    new = rows_of(shelf, "b4", earlier, None, indexes)
    assert [row["image_uri"][-5:-4] for row in new] == ["0", "7"]
    assert all(row["context"] != "{}" for row in new)


def test_a_source_that_moved_keeps_its_rows(tmp_path, bucket):
    """From a folder into an archive, into a bucket: the batch that was taken is the same from each."""
    taken = None
    for number, kind in enumerate(("folder", "zip", "s3_tar", "archives_inside")):
        shelf = Shelf(kind, tmp_path / str(number), bucket)
        shelf.put(coco())
        rows = rows_of(shelf, "b1", taken or [], 3)
        assert taken is None or rows == taken
        taken = rows
        assert not {r["image_uri"] for r in rows_of(shelf, "b2", taken, None)} & {r["image_uri"] for r in taken}


def test_a_place_of_its_own(tmp_path, bucket):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/mscoco.tar").write_bytes(tarred(coco(), "./coco/"))
    bucket.put("deep/er/coco/train2017/1.jpg", b"1")
    bucket.put("deep/mscoco.zip", zipped(coco()))
    for place, count in (
        (str(tmp_path / "elsewhere/mscoco.tar"), 8),
        (f"{bucket.url}/deep/er/coco", 1),
        (f"{bucket.url}/deep/mscoco.zip", 8),
    ):
        uris = list(list_images(COCO, Places(str(tmp_path), {"coco": place})))
        assert len(uris) == count and all(uri.startswith("coco/train2017/") for uri in uris)


def test_nothing_there(tmp_path, bucket):
    (tmp_path / "image.zip").write_bytes(zipped({"vg/VG_100K/1.jpg": b"x"}))
    (tmp_path / "coco.tar.gz").write_bytes(b"x")
    for root, own in (
        (str(tmp_path), {}),
        (bucket.url, {}),
        ("s3://no-such-bucket", {}),
        (str(tmp_path / "image.zip"), {}),
        (str(tmp_path), {"coco": str(tmp_path / "no.zip")}),
        (bucket.url, {"coco": f"{bucket.url}/no.tar"}),
    ):
        with pytest.raises(PlaceMissingError):
            Places(root, own).tree("coco")
    with pytest.raises(PlaceMissingError, match="unpack it"):
        Places(str(tmp_path), {"coco": str(tmp_path / "coco.tar.gz")}).tree("coco")


def test_an_archive_beside_plain_files(tmp_path):
    """As if unpacked there; a name that is in both is one file."""
    shelf = Shelf("folder", tmp_path, None)
    files = coco()
    shelf.put({name: content for name, content in files.items() if name.startswith("train2017/00000000000")})
    (shelf.folder / "coco/train2017.zip").write_bytes(
        zipped({n: c for n, c in files.items() if n.startswith("train2017")})
    )
    (shelf.folder / "coco/more.zip").write_bytes(zipped({"train2017/zz.jpg": b"z"}))
    uris = list(list_images(COCO, shelf.places()))
    assert len(uris) == len(set(uris)) == 9 and uris == sorted(uris)
    tree = shelf.places().tree("coco")
    assert tree.local("train2017/000000000001.jpg") and tree.local("train2017/a/x.jpg") is None
    assert (
        tree.read("train2017/zz.jpg", 9) == b"z" and tree.read("train2017/a/x.jpg", 10**6) == files["train2017/a/x.jpg"]
    )
