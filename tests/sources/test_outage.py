"""A bucket that is away for a minute: few files are left to the next batch, many fail the source, none is forgotten."""

from __future__ import annotations

import errno

import pytest

from resources.storage.bucket import BucketFolder
from tests.sources.running import materialize
from wethink_assets.settings import SourceSettings
from wethink_assets.sources.assets import source_asset
from wethink_assets.sources.catalog import source
from wethink_assets.sources.new_files import new_files

ASSETS = [source_asset(source("coco"))]
FILES = [f"coco/train2017/{n:02}.jpg" for n in range(40)]


@pytest.fixture
def settings(bucket, tiny_settings):
    for path in FILES:
        bucket.put(path, path.encode())
    return tiny_settings.model_copy(update={"sources_root": bucket.url, "sources": SourceSettings(quota=20)})


@pytest.fixture
def away(monkeypatch):
    """Set of the files that cannot be read now."""
    gone: set[str] = set()
    read = BucketFolder.read

    def refuse(self, path, most=None):
        if path.rsplit("/", 1)[-1] in gone:
            raise OSError(errno.EIO, "ConnectTimeoutError: timed out", path)
        return read(self, path, most)

    monkeypatch.setattr(BucketFolder, "read", refuse)
    return gone


def taken(lake) -> dict[str, list[int]]:
    rows = lake.store.sql("SELECT batch, image_uri FROM source_images ORDER BY ALL").rows()
    return {b: [int(uri[-6:-4]) for batch, uri in rows if batch == b] for b, _ in rows}


@pytest.mark.long
def test_what_failed_because_of_the_place_is_taken_by_the_next_batch(settings, lake, away):
    away |= {"03.jpg", "04.jpg"}
    assert materialize(ASSETS, "b1", lake, settings).success
    verdicts = lake.store.sql("SELECT subject_id, reason FROM verdicts").rows()
    assert verdicts == [(FILES[3], "unreachable_place"), (FILES[4], "unreachable_place")]
    assert new_files(lake, settings).untaken["coco"] == 22
    away.clear()
    assert materialize(ASSETS, "b2", lake, settings).success
    assert taken(lake)["b2"] == [3, 4, *range(20, 38)]
    assert materialize(ASSETS, "b1", lake, settings).success  # what the next batch took stays with it
    assert taken(lake)["b1"] == [0, 1, 2, *range(5, 20)] and new_files(lake, settings).untaken["coco"] == 2


def test_a_batch_reads_again_what_it_could_not(settings, lake, away):
    away |= {"03.jpg", "04.jpg"}
    assert materialize(ASSETS, "b1", lake, settings).success
    away.clear()
    assert materialize(ASSETS, "b1", lake, settings).success
    assert taken(lake) == {"b1": list(range(20))}


def test_an_outage_fails_the_source_which_has_taken_nothing(settings, lake, away):
    away |= {f"{n:02}.jpg" for n in range(40)}
    failed = materialize(ASSETS, "b1", lake, settings, raise_on_error=False)
    (failure,) = [e.step_failure_data.error for e in failed.all_events if e.is_step_failure]
    message = str((failure.cause or failure).message)
    assert "source coco: 20 of 20 files could not be read, the first: coco/train2017/00.jpg" in message
    assert "max_failed_share (now 0.2)" in message
    assert taken(lake) == {} and lake.rows("sources/select_taken_of_source", source="coco") == []
    away.clear()
    assert materialize(ASSETS, "b1", lake, settings).success and taken(lake) == {"b1": list(range(20))}
