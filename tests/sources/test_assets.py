"""Source assets through Dagster on a sample pack: rows, checks, metadata, growth."""

from __future__ import annotations

from dataclasses import replace

import pytest

from resources import image_files
from resources.image_files import ImageFiles, ImageMissingError
from resources.lake.store import Commit, Write
from resources.settings import SettingsResource
from tests.sources.running import materialize
from wethink_assets.sources.assets import source_assets, source_code_version
from wethink_assets.sources.catalog import SOURCES, source

ASSETS = source_assets()
NAMES = (
    "coco sam vg gqa llava pisc web_celebrity web_landmark wikiart clevr_v1_0 textvqa share_textvqa docvqa ocr_vqa "
    "chartqa ai2d sqa geoqa_plus"
).split()


def test_an_asset_per_source_with_a_description():
    assert [a.key.path for a in ASSETS] == [["sources", name] for name in NAMES]
    assert sum(s.share for s in SOURCES) == 120_000
    for asset in ASSETS:
        spec = asset.get_asset_spec()
        assert spec.group_name == "sources" and spec.description and spec.owners == ["team:data-platform"]


def test_all_sources_of_a_pack_and_their_growth(tiny_settings, lake):
    grown = tiny_settings.model_copy(update={"sources": tiny_settings.sources.model_copy(update={"quota": 2})})
    first = materialize(ASSETS, "b1", lake, grown)
    assert first.success
    checks = first.get_asset_check_evaluations()
    assert len(checks) == 3 * len(SOURCES) and all(c.passed for c in checks)
    rows = lake.store.sql("SELECT * FROM source_images WHERE batch = 'b1'").to_dicts()
    assert len(rows) == 2 * len(SOURCES) and {r["source"] for r in rows} == {s.key for s in SOURCES}
    assert all(r["licence"] and len(r["image_id"]) == 64 for r in rows)
    metadata = first.asset_materializations_for_node("sources__coco")[0].metadata
    assert metadata["annotated_share"].value == 1.0
    sheet = metadata["contact_sheet"].value
    assert sheet.startswith("![MS-COCO") and len(sheet) < 100_000
    some = ASSETS[:3]
    assert materialize(some, "b1", lake, grown).success
    assert materialize(some, "b2", lake, grown).success
    keys = ["coco", "sam", "vg"]
    taken = lake.store.sql("SELECT batch, image_uri FROM source_images WHERE list_contains($keys, source)", keys=keys)
    assert taken.height == 12 and taken["image_uri"].n_unique() == 12
    assert taken.group_by("batch").len()["len"].to_list() == [6, 6]
    images = ImageFiles(lake=lake, settings=SettingsResource.of(grown))
    image_id = rows[0]["image_id"]
    assert images.path(image_id).is_file() and len(images.bytes(image_id)) == rows[0]["file_bytes"]
    with pytest.raises(ImageMissingError, match="in no table"):
        images.bytes("0" * 64)


def test_missing_folder_fails_in_one_line(tmp_path, tiny_settings, lake):
    empty = tiny_settings.model_copy(update={"sources_root": tmp_path})
    result = materialize(ASSETS[:1], "b1", lake, empty, raise_on_error=False)
    assert not result.success
    failure = next(e for e in result.all_events if e.is_step_failure).step_failure_data.error
    message = str(failure.cause.message if failure.cause else failure.message)
    assert f"no folder {tmp_path / 'coco'}" in message and 'paused = ["coco"]' in message
    paused = empty.model_copy(update={"sources": empty.sources.model_copy(update={"paused": ("coco",)})})
    assert materialize(ASSETS[:1], "b1", lake, paused).success


def test_changed_bytes_are_not_served(tmp_path, tiny_settings, lake, monkeypatch):
    monkeypatch.setattr(image_files, "LOOK_AGAIN_S", 0.0)
    folder = tmp_path / "coco/train2017"
    folder.mkdir(parents=True)
    (folder / "1.jpg").write_bytes(b"one")
    own = tiny_settings.model_copy(update={"sources_root": tmp_path})
    assert materialize(ASSETS[:1], "b1", lake, own).success
    image_id = lake.store.sql("SELECT image_id FROM source_images")["image_id"][0]
    images = ImageFiles(lake=lake, settings=SettingsResource.of(own))
    assert images.bytes(image_id) == b"one"
    (folder / "1.jpg").write_bytes(b"two")
    with pytest.raises(ImageMissingError, match="holds other bytes"):
        images.bytes(image_id)
    row = lake.store.sql("FROM source_images").to_dicts()[0]
    for number in (2, 3):  # a later batch finds the same bytes in another file
        (folder / f"{number}.jpg").write_bytes(b"one")
        (folder / f"{number - 1}.jpg").unlink()
        file = {**row, "image_uri": f"coco/train2017/{number}.jpg", "batch": f"b{number}"}
        lake.write(Commit("test"), [Write("source_images", [file])])
        found = images.bytes(image_id) if number == 2 else images.path(image_id).read_bytes()
        assert found == b"one"


def test_a_code_version_is_that_of_the_reader_and_the_row():
    versions = {key: source_code_version(source(key)) for key in ("coco", "llava", "share_textvqa")}
    assert len(set(versions.values())) == 3  # two of them share a reader, and differ in their rows
    changed = replace(source("coco"), reader="gqa"), replace(source("coco"), folders=("images",))
    assert versions["coco"] not in map(source_code_version, changed)
    same = replace(source("coco"), title="COCO", home="example.org", share=1)
    assert source_code_version(same) == versions["coco"]
    assert ASSETS[0].get_asset_spec().code_version == versions["coco"]
