"""Releases by name: catalogue and tags, diff, why, verify, checkout; through the command line where a person would."""

from __future__ import annotations

import json
import shutil

import pytest
from click.testing import CliRunner

from resources.lake.maintenance import maintain
from resources.lake.resource import Commit, Write
from tests.dataset.house import House, copy_of
from wethink_assets.cli.main import main
from wethink_assets.dataset import catalogue
from wethink_assets.dataset.why import UnknownSubjectError, why
from wethink_assets.settings import ReleaseSettings


@pytest.fixture(scope="module")
def grown(made, tmp_path_factory):
    """A house with two releases: of one batch, and of two, in which one source has no share and one answer is new."""
    house = copy_of(made, tmp_path_factory.mktemp("grown") / "house")
    house.add("batch2")
    (old,) = house.lake.rows("dataset/select_releases")
    one = house.lake.store.sql("SELECT * FROM samples WHERE category = 'FIB' AND source = 'coco' AND batch = 'batch1'")
    row = one.to_dicts()[0] | {"sample_id": "a" * 64, "answer": "2024"}
    row["answer_typed"] = json.dumps(json.loads(row["answer_typed"]) | {"text": "2024", "value": "2024"})
    gone = one["sample_id"][0]
    house.lake.store.sql("DELETE FROM samples WHERE sample_id = $gone", gone=gone)
    house.lake.write(Commit("samples"), [Write("samples", [row])])
    house.materialise(release=ReleaseSettings(target=1000, shares={"ai2d": 0.0}), expect_success=False)
    house.ids = old["release_id"], house.lake.rows("dataset/select_latest_release")[0]["release_id"]
    house.gone = gone
    yield house
    house.lake.store.close()


def wethink(house: House, monkeypatch, *arguments: str, code: int = 0) -> str:
    for name, value in {
        "WETHINK_HOME": house.settings.home,
        "WETHINK_SOURCES_ROOT": house.settings.sources_root,
        "WETHINK_LAKE_CATALOG": house.lake.catalog,
        "WETHINK_LAKE_DATA": house.lake.data_path,
    }.items():
        monkeypatch.setenv(name, str(value))
    done = CliRunner().invoke(main, ["release", *arguments])
    assert done.exit_code == code, done.output
    return done.output


@pytest.mark.long
def test_releases_are_listed_and_found_by_id_beginning_and_tag(grown, tmp_path, monkeypatch):
    house = copy_of(grown, tmp_path / "house")
    old, new = grown.ids
    listed = json.loads(wethink(house, monkeypatch, "list", "--json"))
    assert [(row["release_id"], row["tags"], row["rows"]) for row in listed] == [(old, [], 36), (new, ["latest"], 48)]
    assert old in wethink(house, monkeypatch) and "paper-mix" not in wethink(house, monkeypatch)
    wethink(house, monkeypatch, "tag", "paper-mix", old[:6])
    assert "and was " + old in wethink(house, monkeypatch, "tag", "paper-mix", new)
    for name in (new, new[:5], "paper-mix", "latest"):
        assert catalogue.release_named(house.lake.store, name)["release_id"] == new
    assert "48 rows of 1,000" in wethink(house, monkeypatch, "show", "paper-mix")
    wethink(house, monkeypatch, "untag", "paper-mix")
    assert old in wethink(house, monkeypatch, "show", "paper-mix", code=1)
    for bad in ("latest", "abcdef", "a b", "-x" * 40):
        with pytest.raises(ValueError, match="a tag is"):
            catalogue.tag(house.lake.store, bad, old, "me")
    house.lake.store.close()


def test_what_a_release_is_made_of_adds_up(grown, monkeypatch):
    shown = json.loads(wethink(grown, monkeypatch, "show", grown.ids[0], "--json"))
    by_part: dict[str, int] = {}
    for row in shown["composition"]:
        by_part[row["part"]] = by_part.get(row["part"], 0) + row["rows"]
    assert set(by_part.values()) == {36} and len(by_part) == 7
    assert {r["value"]: r["rows"] for r in shown["composition"] if r["part"] == "source"} == {
        "ai2d": 12,
        "chartqa": 12,
        "coco": 12,
    }


def test_a_diff_says_what_came_went_and_was_answered_anew(grown, monkeypatch):
    old, new = grown.ids
    found = json.loads(wethink(grown, monkeypatch, "diff", old, new, "--json"))
    assert found["counts"] == {
        "kept": 23,
        "added": 24,
        "removed": 13,
        "answered_anew": 1,
        "moved": 0,
        "changed": 0,
    }
    assert found["by_part"]["source"]["ai2d"] == {"removed": 12}
    (anew,) = found["examples"]["answered_anew"]
    assert anew["new_answer"] == "2024" and anew["old_answer"] in "0123"
    text = wethink(grown, monkeypatch, "diff", old)
    assert "answered anew: coco/" in text and "→ 2024" in text
    assert "hold the same 36 rows" in wethink(grown, monkeypatch, "diff", old, old)


def test_why_names_the_stage_that_stopped_a_row(grown, tmp_path, monkeypatch):
    house = copy_of(grown, tmp_path / "house")
    image = house.lake.store.sql("SELECT * FROM images WHERE source = 'coco' AND batch = 'batch2' LIMIT 1").to_dicts()[
        0
    ]
    question = {
        "question_id": "e" * 64,
        "image_id": image["image_id"],
        "refined_id": "r",
        "batch": "batch2",
        "position": 0,
        "question": "How many?",
        "category": "FIB",
        "options": [],
        "abilities": ["reasoning", "math"],
        "call_id": "c",
        "run_id": "r",
    }
    stop = {
        "asset": "valid_questions",
        "batch": "batch2",
        "verdict": "dropped",
        "run_id": "r",
        "subject_id": "e" * 64,
        "reason": "ill_posed",
        "detail": "two things could be counted",
        "related_id": None,
    }
    file = {
        **stop,
        "asset": "source/coco",
        "subject_id": "coco/odd/x.gif",
        "verdict": "failed",
        "reason": "not_an_image",
    }
    house.lake.write(Commit("test"), [Write("questions", [question]), Write("verdicts", [stop, file])])

    assert "dropped by valid_questions: ill_posed: two things" in wethink(house, monkeypatch, "why", "e" * 9, code=1)
    assert "not_an_image" in wethink(house, monkeypatch, "why", "odd/x.gif", code=1)
    known = json.loads(wethink(house, monkeypatch, "why", image["image_uri"], "--json", code=1))
    assert [fate["kind"] for fate in known["fates"]] == ["file", "question"]
    one = house.lake.store.sql(
        "SELECT sample_id, image_id FROM samples WHERE source = 'ai2d' AND batch = 'batch1' LIMIT 1"
    )
    sample, image_id = one.row(0)
    release = catalogue.release_named(house.lake.store, "latest")
    house.lake.write(Commit("test"), [Write("questions", [question | {"question_id": sample, "image_id": image_id}])])
    (fate,) = why(house.lake.store, sample, release).fates
    assert not fate.released and "not_in_mix" in fate.because
    (fate,) = why(house.lake.store, sample, catalogue.release_named(house.lake.store, grown.ids[0])).fates
    assert fate.released and " row " in fate.where
    (fate,) = why(house.lake.store, grown.gone, catalogue.release_named(house.lake.store, grown.ids[0])).fates
    assert fate.released and "made again" in fate.because
    for name, words in (("nothing.png", "nothing goes by"), ("ab", "too short"), (".png", "nothing goes by")):
        with pytest.raises(UnknownSubjectError, match=words):
            why(house.lake.store, name, release)
    house.lake.store.close()


def test_verify_reads_every_byte(grown, tmp_path, monkeypatch):
    house = copy_of(grown, tmp_path / "house")
    old, _ = grown.ids
    assert "36 rows, 12 images read, intact" in wethink(house, monkeypatch, "verify", old)
    folder = house.settings.home / "releases" / old
    picture = next((folder / "images" / "coco" / "pictures").iterdir())
    data = bytearray(picture.read_bytes())
    data[-1] ^= 1  # of the same size
    picture.unlink()
    picture.write_bytes(data)
    (folder / "wethink.jsonl").write_bytes((folder / "wethink.jsonl").read_bytes().replace(b"small", b"large"))
    text = wethink(house, monkeypatch, "verify", old, code=1)
    assert "image_changed: 1" in text and "file_changed: 1, such as wethink.jsonl" in text and "row_changed" in text
    house.lake.store.sql("DELETE FROM release_rows WHERE release_id = $r AND position = 0", r=old)
    assert "rows_missing" in wethink(house, monkeypatch, "verify", old, code=1)
    house.lake.store.close()


def test_a_release_is_pushed_to_a_bucket_and_to_nothing_else(grown, bucket, monkeypatch):
    _, new = grown.ids
    told = wethink(grown, monkeypatch, "push", "latest", bucket.url)
    assert f"release {new} is at {bucket.url}/{new}: " in told
    there = bucket.client.list_objects_v2(Bucket=bucket.name, Prefix=f"{new}/")["KeyCount"]
    folder = grown.settings.releases_dir / new
    assert there == sum(path.is_file() for path in folder.rglob("*"))
    assert " 0 sent now" in wethink(grown, monkeypatch, "push", new, bucket.url)
    for place in ("hf://datasets/me/mine", "/somewhere", "s3://key:secret@bucket"):
        told = wethink(grown, monkeypatch, "push", "latest", place, code=1)
        assert ("is no bucket" in told or "credentials belong" in told) and "secret" not in told


@pytest.mark.long
def test_an_old_release_is_written_again_byte_for_byte(grown, tmp_path, monkeypatch):
    """From the lake although its samples and sources went and all else expired; from the export where rows are lost."""
    house = copy_of(grown, tmp_path / "house")
    old, _ = grown.ids
    folder = house.settings.home / "releases" / old

    def contents(root):
        return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}

    before = contents(folder)
    house.lake.store.sql("DELETE FROM samples")
    assert maintain(house.lake.store, keep_days=0, cleanup_after_s=0).expired
    shutil.rmtree(house.settings.sources_root / "coco")  # the export's own files are still there
    assert "from the lake" in wethink(house, monkeypatch, "checkout", old, str(tmp_path / "again"))
    assert contents(tmp_path / "again") == before
    assert "is there already" in wethink(house, monkeypatch, "checkout", old, str(tmp_path / "again"), code=1)

    shutil.rmtree(folder / "images" / "ai2d")  # those are at their source
    wethink(house, monkeypatch, "checkout", old, str(tmp_path / "third"))
    assert contents(tmp_path / "third") == before

    house.lake.store.sql("DELETE FROM release_rows WHERE release_id = $r AND position = 0", r=old)
    text = wethink(house, monkeypatch, "checkout", old, str(tmp_path / "fourth"), code=1)
    assert "is no copy" in text and not (tmp_path / "fourth").exists()
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "third", folder)
    assert "from its export" in wethink(house, monkeypatch, "checkout", old, str(tmp_path / "fourth"))
    assert contents(tmp_path / "fourth") == before
    house.lake.store.close()
