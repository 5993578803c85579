"""The manifest, what was left out, and the card: whole, true, and the same for the same release."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import UTC, datetime

import pytest

from resources.lake.resource import Commit, Write
from wethink_assets.dataset import card_examples, manifest
from wethink_assets.dataset.checkout import checkout, rows_of, verify
from wethink_assets.dataset.provenance import made_of
from wethink_assets.settings import EndpointSettings, ReleaseSettings

SECRET = "wethink-secret-place"


def lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]


def verified(house, folder, scratch):
    (release,) = (row for row in house.lake.rows("dataset/select_releases") if row["release_id"] == house.now)
    return verify(rows_of(house.lake.store, release, scratch, 100), release, folder).defects


@pytest.fixture
def told(released):
    """A house, and the manifest of its release."""
    released.now = released.releases()[0]["release_id"]
    return released, manifest.read(released.folder())


def test_it_lists_every_file_and_says_how_the_release_was_made(told):
    house, found = told
    folder = house.folder()
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    listed = {**found["files"], **{f"images/{path}": entry for path, entry in found["images"].items()}}
    assert there == {*listed, manifest.NAME}
    for name, entry in listed.items():
        content = (folder / name).read_bytes()
        assert entry["sha256"] == hashlib.sha256(content).hexdigest() and entry["bytes"] == len(content)
    release, (row,) = found["release"], house.lake.rows("dataset/select_releases")
    assert release == made_of(row) and release["release_id"] == row["release_id"]
    assert release["rows"] == {"train": row["train_rows"], "heldout": row["heldout_rows"]}
    assert release["settings"]["release"]["target"] == 40 and release["gates"]["evaluation_sets"] == house.versions()
    assert all(release["gates"].values()) and release["code"]["release"] and release["parent"] is None
    assert json.loads(row["config"])["manifest"] == manifest.sha256_of(folder / manifest.NAME)


def test_no_place_and_no_endpoint_of_the_machine_is_in_it(house):
    """Neither folders, nor addresses, nor names of keys."""
    endpoint = EndpointSettings(base_url=f"http://{SECRET}/v1", model="m", api_key_env=SECRET.upper())
    places = house.settings.sources.model_copy(update={"places": {"coco": f"/mnt/{SECRET}"}})
    house.materialise(endpoints={"vlm": endpoint}, sources=places)
    text = (house.folder() / manifest.NAME).read_text("utf-8")
    assert SECRET not in text.lower() and str(house.root) not in text


@pytest.mark.long
def test_a_later_release_names_its_parent_and_the_tags_of_the_day(told):
    house, found = told
    tag = {"tag": "paper-mix", "release_id": house.now, "moved_at": datetime.now(UTC), "moved_by": "ann"}
    house.lake.write(Commit("test"), [Write("release_tags", [tag])])
    house.add("batch2")
    house.materialise(release=ReleaseSettings(target=1000))
    later = manifest.read(house.folder())["release"]
    assert later["parent"] == house.now and later["tags"] == {"paper-mix": house.now}
    before = (house.settings.home / house.releases()[0]["path"] / manifest.NAME).read_bytes()
    gone = [Write(table, [], replace={"batch": "batch2"}) for table in ("samples", "materializations")]
    house.lake.write(Commit("test"), gone)
    house.materialise()
    assert (house.settings.home / house.releases()[0]["path"] / manifest.NAME).read_bytes() == before
    assert manifest.read(house.settings.home / house.releases()[0]["path"]) == found


@pytest.mark.parametrize(
    ("name", "defect"),
    [
        ("dropped.jsonl", "file_changed"),
        ("wethink.parquet", "file_changed"),
        ("README.md", "file_missing"),
        ("notes.txt", "file_unknown"),
        (manifest.NAME, "manifest_changed"),
    ],
)
def test_verify_holds_every_file_against_it(told, tmp_path, name, defect):
    house, found = told
    folder = tmp_path / "copy"
    shutil.copytree(house.folder(), folder)
    assert not verified(house, folder, tmp_path / "rows")
    if defect == "file_missing":
        (folder / name).unlink()
    elif name == manifest.NAME:
        found["release"]["settings"]["release"]["seed"] = 7
        (folder / name).write_bytes(manifest.text_of(found["release"], found["files"], found["images"]))
    else:
        with (folder / name).open("ab") as file:
            file.write(b"\n")
    found = verified(house, folder, tmp_path / "again")
    assert list(found) == [defect] and (name in found[defect][0] or name == manifest.NAME)


def test_a_checkout_has_the_same_manifest_and_a_damaged_card_is_not_taken_along(told, tmp_path):
    house, found = told
    (release,) = house.lake.rows("dataset/select_releases")
    rows = rows_of(house.lake.store, release, tmp_path / "rows", 100)
    checkout(rows, release, house.folder(), tmp_path / "again", lambda image_id: None)
    for path in house.folder().rglob("*"):
        if path.is_file():
            assert (tmp_path / "again" / path.relative_to(house.folder())).read_bytes() == path.read_bytes(), path
    (house.folder() / "README.md").write_text("other")
    checkout(rows, release, house.folder(), tmp_path / "third", lambda image_id: None)
    assert not (tmp_path / "third" / "README.md").exists()
    assert manifest.read(tmp_path / "third")["release"] == found["release"]


def test_what_was_left_out_stands_beside_the_export(house):
    stop = {
        "asset": "valid_questions",
        "batch": "batch1",
        "subject_id": "q1",
        "verdict": "dropped",
        "reason": "ill_posed",
        "detail": "two\u2028lines",
        "related_id": None,
        "run_id": "r",
    }
    other = {**stop, "batch": "batch9", "subject_id": "q2"}
    house.lake.write(Commit("test"), [Write("verdicts", [stop, other], replace={})])
    house.materialise(release=ReleaseSettings(target=10, shares={"ai2d": 0.0}))
    found = lines(house.folder() / "dropped.jsonl")
    assert [line["reason"] for line in found[:-1]].count("over_target") == 14 and len(found) == 27
    samples = {row["sample_id"]: row for row in house.lake.store.sql("SELECT * FROM samples").to_dicts()}
    for line in found[:-1]:
        row = samples[line["subject_id"]]
        assert line["asset"] == "release" and line["verdict"] == "dropped" and line["detail"]
        assert line["row"]["problem"] == row["problem"] and line["row"]["image_path"] == row["image_path"]
    assert found[-1] == {name: stop[name] for name in found[-1]} and found[-1]["reason"] == "ill_posed"
    assert manifest.read(house.folder())["release"]["stopped"]["dropped"] == {"not_in_mix": 12, "over_target": 14}


def test_the_card_shows_a_row_of_each_source_with_its_picture(told):
    house, _ = told
    card = (house.folder() / "README.md").read_text("utf-8")
    shown = [line.split('"')[1] for line in card.splitlines() if line.startswith("<img ")]
    assert len(shown) == 3 and all((house.folder() / path).is_file() for path in shown)
    assert {path.split("/")[1] for path in shown} == {"coco", "chartqa", "ai2d"}
    for heading in ("Contamination", "How it was made", "Examples", "Known limits", "Licences", "Why rows stopped"):
        assert f"\n## {heading}\n" in card
    assert "| OCRBench |" in card and "clusters of images" in card


def test_foreign_text_and_paths_are_text_in_an_example():
    row = {
        **dict.fromkeys(("problem", "refined_cot", "answer"), "<img src=x> ![a](http://tracker/a.png)\n\n## Known"),
        "source": 'a"b',
        "category": "DES",
        "image_path": 'a "b" <c>/(1).png',
        "sample_id": "s",
    }
    card = "before\n\n" + card_examples.section([row, row | {"image_path": "2.png"}]) + "\n\n## Known limits\n\nafter\n"
    assert card.count("<img ") == 2 and "![" not in card and card.count("\n## Known") == 1
    assert 'src="images/a%20%22b%22%20%3Cc%3E/%281%29.png"' in card and 'alt="a&quot;b"' in card
    source = card_examples.source_of("2.png")
    assert card_examples.shows(card, source) and not card_examples.shows(card, card_examples.source_of("3.png"))
    one = card_examples.only(card, [source])
    assert one.count("<img ") == 1 and "images/2.png" in one and one.endswith("\n\n## Known limits\n\nafter\n")
    assert card_examples.only(card, []) == "before\n\n## Known limits\n\nafter\n"
    assert card_examples.only("no examples\n", [source]) == "no examples\n"
