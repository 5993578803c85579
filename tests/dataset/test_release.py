"""The release asset on a real lake with real image files: tables, export, checks, growth, repair."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from PIL import Image

from resources.lake.resource import Commit, Windows, Write
from resources.settings import SettingsResource
from tests.conftest import PROJECT_ROOT
from tests.dataset.house import House, copy_of, lake_at
from wethink_assets.dataset import card, export, export_defects, export_files
from wethink_assets.dataset.checkout import checkout, rows_of, verify
from wethink_assets.dataset.gates import RELEASE_GATES
from wethink_assets.gates import Scope
from wethink_assets.picture_files import PictureFiles
from wethink_assets.settings import ReleaseSettings, SynthesisSettings


def checks(result) -> dict[str, bool]:
    return {e.check_name: e.passed for e in result.get_asset_check_evaluations()}


def test_one_release_from_lake_to_disk_and_back(made):
    house = made
    assert checks(house.result) == {
        "rows_conserved": True,
        "no_defects": True,
        "no_contamination": True,
        "no_straddling_clusters": True,
        "held_against_all_sets": True,
        "mix_met": True,
        "batches_complete": True,
    }
    row = house.releases()[0]
    assert row["rows"] == 36 == row["train_rows"] + row["heldout_rows"] and row["batches"] == ["batch1"]
    folder = house.folder()
    assert sorted(p.name for p in folder.iterdir()) == [
        "README.md",
        "dropped.jsonl",
        "heldout.jsonl",
        "images",
        "licences.tsv",
        "manifest.json",
        "mix.png",
        "wethink.jsonl",
        "wethink.parquet",
    ]
    lines = [json.loads(line) for line in (folder / "wethink.jsonl").read_text("utf-8").splitlines()]
    assert len(lines) == row["train_rows"] and all(tuple(line) == export_files.FIELDS for line in lines)
    assert all((folder / "images" / line["image_path"]).is_file() for line in lines)
    assert pl.read_parquet(folder / "wethink.parquet").height == 36
    card = (folder / "README.md").read_text("utf-8")
    assert row["release_id"] in card and "licence of coco" in card and "| MC | 12 |" in card
    training = house.lake.rows("dataset/select_training_rows", release_id=row["release_id"])
    heldout = house.lake.rows("dataset/select_heldout_rows", release_id=row["release_id"])
    assert [r["problem"] for r in training] == [line["problem"] for line in lines]
    assert len(heldout) == row["heldout_rows"] and not {r["image_id"] for r in training} & {
        r["image_id"] for r in heldout
    }
    assert house.lake.rows("dataset/select_latest_release")[0]["release_id"] == row["release_id"]


def test_foreign_text_is_text_in_the_card_and_in_licences(tmp_path):
    licence = '=HYPERLINK("http://tracker","free")|![x](http://tracker/a.png) <img src=x>'
    row = {"image_path": "a.png", "source": "s", "licence": licence, "image_id": "i", "split": "train"}
    with export_files._TextFiles(tmp_path) as files:
        files.add([row | dict.fromkeys(export_files.FIELDS, "") | {"image_path": "a.png"}])
        files.end()
    assert (tmp_path / export_files.LICENCES).read_text("utf-8").splitlines()[1] == f"a.png\ts\t'{licence}"
    table = card._table(["licence", "rows"], [[licence, 1]])
    assert "![" not in table and "<img" not in table and table.splitlines()[2].endswith("&lt;img src=x&gt; | 1 |")


def test_the_second_run_is_the_same_release_and_leaves_the_export_alone(made, released):
    house, first = released, made.result
    before = {p: p.stat().st_mtime_ns for p in house.folder().rglob("*") if p.is_file()}
    second = house.materialise()
    assert before == {p: p.stat().st_mtime_ns for p in house.folder().rglob("*") if p.is_file()}
    assert len(house.releases()) == 1
    versions = [r.asset_materializations_for_node("release")[0].tags["dagster/data_version"] for r in (first, second)]
    assert versions[0] == versions[1] == house.releases()[0]["release_id"]


def test_growth_keeps_the_earlier_release_and_its_rows(released):
    house = released
    house.add("batch2")
    house.materialise(release=ReleaseSettings(target=1000))
    old, new = house.releases()
    assert (old["rows"], new["rows"]) == (36, 72)
    held = {
        r["sample_id"]: r["split"]
        for r in house.lake.store.sql(
            "SELECT * FROM release_rows WHERE release_id = $r", r=old["release_id"]
        ).to_dicts()
    }
    now = {
        r["sample_id"]: r["split"]
        for r in house.lake.store.sql(
            "SELECT * FROM release_rows WHERE release_id = $r", r=new["release_id"]
        ).to_dicts()
    }
    assert held.items() <= now.items()

    # A batch that counts as earlier, as one that is filled later does, takes the place of no released row.
    earlier = {"batch": "batch2", "position": 0, "created_at": datetime.now(UTC), "reason": "manual"}
    house.lake.write(Commit("test"), [Write("growth_batches", [earlier], mode="upsert")])
    house.materialise(release=ReleaseSettings(target=40))
    (small,) = [row["release_id"] for row in house.releases() if row["rows"] == 40]
    rows = house.lake.store.sql("SELECT source, sample_id FROM release_rows WHERE release_id = $r", r=small).to_dicts()
    later = {row["source"] for row in rows if row["sample_id"] not in held}
    assert later and all(sum(r["source"] == s and r["sample_id"] in held for r in rows) == 12 for s in later)


@pytest.mark.long
def test_look_alikes_take_one_side_and_the_check_finds_those_that_do_not(released):
    """Two images of both sides turn out to be alike; then each image of a new batch is like one of the first."""
    house = released
    (gate,) = (gate for gate in RELEASE_GATES if gate.name == "no_straddling_clusters")
    scope = Scope(house.lake, house.settings, "release", "")
    assert gate.judge(scope).passed and gate.blocking
    images = {row["image_id"]: row for row in house.lake.store.sql("SELECT * FROM images ORDER BY image_id").to_dicts()}
    side = dict(house.lake.store.sql("SELECT DISTINCT image_id, split FROM release_rows").rows())
    train, heldout = (min(image for image, split in side.items() if split == s) for s in ("train", "heldout"))
    look = {name: images[train][name] for name in ("phash", "phash256")}
    house.lake.write(Commit("test"), [Write("images", [images[heldout] | look], mode="upsert")])
    told = gate.judge(scope)
    assert not told.passed and told.metadata["straddling"] == 1 and train[:12] in told.description
    assert all(checks(house.materialise()).values())
    stopped = house.lake.store.sql("SELECT reason, detail, related_id FROM verdicts WHERE asset = 'release'").rows()
    assert stopped == [("look_alikes_on_both_sides", stopped[0][1], heldout)] * 3 and train in stopped[0][1]

    house.add("batch2")
    place = {row["image_uri"]: row for row in house.lake.store.sql("SELECT * FROM images").to_dicts()}
    twin = {row["image_id"]: place[uri.replace("batch2", "batch1")] for uri, row in place.items() if "batch2" in uri}
    new = [
        {**row, "phash": twin[row["image_id"]]["phash"], "phash256": twin[row["image_id"]]["phash256"]}
        for row in place.values()
        if row["image_id"] in twin
    ]
    house.lake.write(Commit("test"), [Write("images", new, mode="upsert")])
    assert all(checks(house.materialise(release=ReleaseSettings(target=1000))).values())
    held = "SELECT DISTINCT image_id, split, cluster_id FROM release_rows WHERE release_id = $r"
    for image_id, split, cluster_id in house.lake.store.sql(held, r=newest(house)).rows():
        first = twin.get(image_id, {"image_id": image_id})["image_id"]
        assert (split, cluster_id) == (side[train if first == heldout else first], train if first == heldout else first)


@pytest.mark.long
def test_a_near_duplicate_question_is_dropped_or_marked(house):
    """An image of chartqa is like one of coco, and is asked the same, with the same answers but for the description."""
    images = {row["image_uri"]: row for row in house.lake.store.sql("SELECT * FROM images").to_dicts()}
    first, second = (images[f"{source}/pictures/batch1-1.png"] for source in ("coco", "chartqa"))
    look = {name: first[name] for name in ("phash", "phash256")}
    house.lake.write(Commit("test"), [Write("images", [second | look], mode="upsert")])
    house.materialise(release=ReleaseSettings(target=40, similar_questions="keep"))
    assert not pl.read_parquet(house.folder() / export_files.PARQUET)["marks"].list.len().sum()
    assert all(checks(house.materialise()).values())
    assert len(house.releases()) == 1, "the same rows"
    marked = house.lake.store.sql("SELECT image_id, category FROM release_rows WHERE len(marks) > 0").rows()
    assert sorted(category for _, category in marked) == ["FIB", "MC"]
    assert {image for image, _ in marked} <= {first["image_id"], second["image_id"]}
    exported = pl.read_parquet(house.folder() / export_files.PARQUET)
    assert exported["marks"].to_list().count(["near_duplicate_question"]) == 2 and exported.height == 36
    assert exported.filter(pl.col("image_id") == second["image_id"])["cluster_id"].n_unique() == 1

    kept, drop = house.releases()[0]["release_id"], ReleaseSettings(target=40, similar_questions="drop")
    house.materialise(release=drop)
    assert house.releases()[0]["release_id"] == kept, "what was released stays, with its mark"
    house.lake.write(Commit("test"), [Write("releases", [], replace={}), Write("release_rows", [], replace={})])
    house.materialise(release=drop)
    stopped = house.lake.store.sql("SELECT reason, detail FROM verdicts WHERE asset = 'release'").rows()
    assert [reason for reason, _ in stopped] == ["near_duplicate_question"] * 2
    assert all("same answer (1.00" in detail for _, detail in stopped) and house.releases()[0]["rows"] == 34

    (sample,) = house.lake.store.sql(
        "SELECT s.question_id, s.answer_id, s.image_id, s.batch FROM samples s JOIN release_rows r USING (sample_id) "
        "ORDER BY s.sample_id LIMIT 1"
    ).to_dicts()
    told = {
        "role": "reasoner",
        "answers": 3,
        "scored": 3,
        "correct": 3,
        "solvable": True,
        "call_ids": [],
        "run_id": "t",
    }
    look = {"role": "adjudicator", "answers": 3, "scored": 3, "agreeing": 1, "confirmed": False, "call_ids": []}
    written = [
        Write("blind_checks", [sample | told], replace={}),
        Write("second_looks", [sample | look | {"run_id": "t"}], replace={}),
    ]
    house.lake.write(Commit("test"), written)
    house.materialise(release=drop)
    marked = house.lake.store.sql(
        "SELECT s.question_id, r.marks FROM release_rows r JOIN samples s USING (sample_id) WHERE len(r.marks) > 0"
    ).rows()
    assert marked == [(sample["question_id"], ["solvable_blind", "not_confirmed"])]


def test_a_release_is_what_is_trained_whatever_becomes_of_its_samples(released):
    """Its batch is made again: other texts for some, others gone. Rows of an old release still come from samples."""
    house = released
    (release,) = house.releases()
    named = {"release_id": release["release_id"]}
    questions = ("dataset/select_release_rows", "dataset/select_training_rows", "dataset/select_heldout_rows")
    before = {name: house.lake.rows(name, **named) for name in questions}
    sources = house.lake.rows("lineage/select_sources_of_release", **named)
    assert all(row["problem"] and row["abilities"] for row in before[questions[0]])
    samples = house.lake.store.sql("SELECT * FROM samples ORDER BY sample_id").to_dicts()
    changed = [{**row, "answer": "other", "reward": "model"} for row in samples[::2]]
    house.lake.write(Commit("samples"), [Write("samples", changed, replace={})])
    assert {name: house.lake.rows(name, **named) for name in questions} == before
    assert house.lake.rows("lineage/select_sources_of_release", **named) == sources
    assert not house.lake.rows("dataset/select_release_defects", **named)

    columns = ("release_id", "sample_id", "image_id", "split", "position", "run_id")
    old = house.lake.store.sql(f"SELECT {', '.join(columns)} FROM release_rows").to_dicts()
    house.lake.write(Commit("test"), [Write("samples", samples, replace={}), Write("release_rows", old, replace=named)])
    told = {name: house.lake.rows(name, **named) for name in questions}
    assert all(row["cluster_id"] is None for row in told[questions[0]]), "which version 0.1 did not record"
    assert {name: _without_clusters(rows) for name, rows in told.items()} == {
        name: _without_clusters(rows) for name, rows in before.items()
    }, "a release of version 0.1"
    assert house.lake.rows("lineage/select_sources_of_release", **named) == sources


def _without_clusters(rows) -> list[dict]:
    return [{name: value for name, value in row.items() if name != "cluster_id"} for row in rows]


def test_what_does_not_fit_is_dropped_with_its_reason(house):
    house.materialise(release=ReleaseSettings(target=10, shares={"ai2d": 0.0}))
    reasons = house.lake.store.sql(
        "SELECT reason, count(*) AS n FROM verdicts WHERE asset = 'release' GROUP BY reason"
    ).rows()
    assert dict(reasons) == {"not_in_mix": 12, "over_target": 14}


def test_missing_and_changed_images_fail_their_rows_only(house):
    pictures = sorted((house.root / "sources" / "coco" / "pictures").iterdir())
    pictures[0].unlink()
    pictures[1].write_bytes(b"other bytes")
    house.materialise()
    assert house.releases()[0]["rows"] == 30
    stopped = house.lake.store.sql("SELECT reason, detail FROM verdicts WHERE verdict = 'failed'").to_dicts()
    assert [s["reason"] for s in stopped] == ["missing_image"] * 6
    assert any("changed since" in s["detail"] for s in stopped)


@pytest.mark.long
def test_a_damaged_export_is_repaired(released):
    house = released
    (house.folder() / "wethink.jsonl").write_text("{}\n")
    next(p for p in (house.folder() / "images").rglob("*.png")).unlink()
    (house.folder().parent / f".{house.folder().name}.999.part").mkdir()
    assert all(checks(house.materialise()).values())
    assert not list(house.folder().parent.glob(".*"))


@pytest.mark.long
def test_a_set_that_comes_later_is_held_against_every_batch(house):
    """By bytes, by look, by a written question and by a source's own one; each row is named, with the cure."""
    house.add("batch2")
    everything = ReleaseSettings(target=1000)
    assert all(checks(house.materialise(release=everything)).values())
    images = house.lake.store.sql("SELECT * FROM images ORDER BY batch, image_id").to_dicts()
    files = {r["image_id"]: r for r in house.lake.store.sql("SELECT * FROM source_images").to_dicts()}
    samples = house.lake.store.sql("SELECT * FROM samples ORDER BY image_id, category").to_dicts()
    same, own_question = images[0], images[1]
    alike = {**images[-1], "phash": "0f" * 8, "phash256": "0f" * 32}
    gone = images[-2]
    asked = "Which of the four labelled organisms would be eaten first by the fox?"
    written = next(s for s in samples if s["image_id"] == images[2]["image_id"] and s["category"] == "MC")
    written["problem"] = asked.upper() + "\nA. red\nB. blue"
    source = files[own_question["image_id"]]
    source["context"] = json.dumps({"qa": [{"question": "How many stairs lead up to the door of the mill?"}]})
    house.lake.write(
        Commit("test"),
        [
            Write("images", [alike], mode="upsert"),
            Write("images", [], replace={"image_id": gone["image_id"]}),
            Write("samples", [written], mode="upsert"),
            Write("source_images", [source], mode="upsert"),
        ],
    )
    look = {"image_id": "f" * 64, "phash": "0f" * 7 + "0c", "phash256": "0f" * 31 + "0c"}
    bytes_ = {"image_id": same["image_id"], "phash": "a5" * 8, "phash256": "a5" * 32}
    house.know(
        {"benchmark": "MMStar", "item": "1", "image_ids": [same["image_id"]]},
        {"benchmark": "MMVet", "item": "2", "image_ids": [look["image_id"]]},
        {"benchmark": "AI2D_TEST", "item": "7", "question": asked},
        {"benchmark": "MathVision", "item": "5", "question": "How many stairs lead up to the door of the mill?"},
        images=[bytes_, look],
    )
    result = house.materialise(expect_success=False, release=everything)
    found = {e.check_name: e for e in result.get_asset_check_evaluations()}
    gate, alike_gate = found["no_contamination"], found["held_against_all_sets"]
    assert not gate.passed and gate.blocking and found["no_defects"].passed
    told = gate.metadata["colliding_rows"].value
    expected = {
        "MMStar:1": same["image_id"],
        "MMVet:2": alike["image_id"],
        "MathVision:5": own_question["image_id"],
        "no longer holds": gone["image_id"],
    }
    rows = house.lake.store.sql("SELECT sample_id, image_id FROM release_rows WHERE release_id = $r", r=newest(house))
    for item, image_id in expected.items():
        own = rows.filter(pl.col("image_id") == image_id)["sample_id"].to_list()
        assert own and all(
            any(s in line and item.replace("_", "\\_") in line for line in told.splitlines()) for s in own
        )
    assert any(written["sample_id"] in line and "AI2D\\_TEST:7" in line for line in told.splitlines())
    assert gate.metadata["collisions"].value == 4 * 3 + 1
    assert "image_pool" in gate.description and "batch1, batch2" in gate.description
    assert "dismissed" in gate.description
    assert not alike_gate.passed and not alike_gate.blocking
    assert all(f"{batch} was not held against AI2D_TEST" in alike_gate.description for batch in ("batch1", "batch2"))


def newest(house) -> str:
    (row,) = house.lake.rows("dataset/select_latest_release")
    return row["release_id"]


def test_a_release_that_nothing_can_be_held_against_says_so(house):
    house.know()
    result = house.materialise()
    gate = next(e for e in result.get_asset_check_evaluations() if e.check_name == "no_contamination")
    assert not gate.passed and gate.severity == dg.AssetCheckSeverity.WARN and "benchmarks_root" in gate.description


def test_without_samples_one_clear_line(lake, tmp_path):
    empty = House(lake, tmp_path)
    with pytest.raises(dg.Failure, match="no release: none of 0"):
        empty.materialise()


def test_defects_on_disk_are_found(released):
    house = released
    release_id = house.releases()[0]["release_id"]
    rows = house.lake.rows("dataset/select_training_rows", release_id=release_id)
    rows = [{**r, "split": "train"} for r in rows] + [
        {**r, "split": "heldout"} for r in house.lake.rows("dataset/select_heldout_rows", release_id=release_id)
    ]
    folder = house.folder()
    assert export_defects.defects(folder, [rows]) == {}
    path = folder / "wethink.jsonl"
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    lines[0]["refined_cot"] = rows[0]["refined_cot"] = "so <think> it is"
    rule = next(i for i, r in enumerate(rows) if r["reward"] == "rule" and i)
    rows[rule]["answer_typed"] = (
        rows[rule]["answer_typed"]
        .replace('"type": "', '"type": "in')
        .replace("intext", "number")
        .replace("inchoice", "number")
        .replace("innumber", "yes_no")
    )
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    (folder / "images" / lines[-1]["image_path"]).unlink()
    assert {"tag_in_refined_cot", "image_missing", "rule_row_unverifiable"} <= set(
        export_defects.defects(folder, [rows])
    )
    (folder / "manifest.json").unlink()
    assert list(export_defects.defects(folder, [rows])) == ["manifest_unreadable"]


@pytest.mark.long
def test_a_release_is_the_same_whatever_its_windows(full, made, tmp_path):
    house = copy_of(full, tmp_path / "house")
    house.materialise(synthesis=SynthesisSettings(window_rows=5))
    assert house.releases()[0]["release_id"] == made.releases()[0]["release_id"]
    for file in made.folder().iterdir():
        if file.is_file():
            assert (house.folder() / file.name).read_bytes() == file.read_bytes(), file.name
    order = "SELECT sample_id, split, position FROM release_rows ORDER BY ALL"
    assert house.lake.store.sql(order).rows() == made.lake.store.sql(order).rows()
    assert list(house.settings.scratch_dir.glob("*/")) == []
    house.lake.store.close()


def test_the_parquet_file_is_the_same_whatever_files_its_rows_lie_in(tmp_path):
    rows = 150_000  # more than Polars puts into a row group by itself
    text = pl.DataFrame({"n": range(rows)}).select(pl.col("n").cast(pl.String))["n"]
    frame = pl.DataFrame(dict.fromkeys((*export_files._PARQUET_COLUMNS, "picture_id"), text))
    frame.write_parquet(tmp_path / "whole.parquet")
    for size in (8_192, 20_000):
        windows = Windows(size)
        for number, part in enumerate(frame.iter_slices(size)):
            windows.files.append(tmp_path / f"{size}-{number}.parquet")
            part.write_parquet(windows.files[-1])
        export_files.write_parquet(windows, tmp_path / "made.parquet")
        assert (tmp_path / "made.parquet").read_bytes() == (tmp_path / "whole.parquet").read_bytes()


@pytest.mark.long
def test_what_unicode_calls_a_line_separator_ends_no_line(released):
    house = released
    house.lake.write(
        Commit("test"),
        [
            Write(
                "samples",
                house.lake.store.sql(
                    "SELECT * REPLACE (refined_cot || chr(8232) || 'and' || chr(133) AS refined_cot) FROM samples"
                ),
                mode="upsert",
            )
        ],
    )
    assert all(checks(house.materialise()).values())
    text = (house.folder() / "wethink.jsonl").read_text("utf-8")
    assert len(text.splitlines()) == text.count("\n")
    assert all("\u2028and\x85" in json.loads(line)["refined_cot"] for line in text.splitlines())


KILLED_RUN = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from resources.lake.resource import Lake
from tests.dataset.house import House
from wethink_assets.dataset import export
from wethink_assets.settings import ReleaseSettings

catalog, data_path, root = sys.argv[1:]
export.write_parquet = lambda *args: os.kill(os.getpid(), signal.SIGKILL)
House(Lake.at(catalog, data_path), Path(root)).materialise(release=ReleaseSettings(target=1000))
"""


@pytest.mark.long
def test_a_run_killed_in_mid_export_leaves_the_old_release_whole_and_the_next_run_makes_the_new(released):
    house = released
    old, before = house.releases(), _bytes(house.folder())
    house.add("batch2")
    house.lake.store.close()
    argv = [sys.executable, "-c", KILLED_RUN, house.lake.catalog, house.lake.data_path, str(house.root)]
    killed = subprocess.run(argv, cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=240)
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    house = House(lake_at(house.lake.catalog, house.lake.data_path), house.root)
    assert house.releases() == old and _bytes(house.folder()) == before
    named = [path for path in house.folder().parent.iterdir() if not path.name.startswith(".")]
    assert [path.name for path in named] == [old[0]["release_id"]]
    assert all(checks(house.materialise(release=ReleaseSettings(target=1000))).values())
    assert [row["rows"] for row in house.releases()] == [36, 72]
    assert _bytes(house.settings.home / old[0]["path"]) == before
    assert not list(house.folder().parent.glob(".*")) and not list(house.settings.scratch_dir.glob("*/"))
    house.lake.store.close()


def _bytes(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_full_disk_leaves_nothing_half_written(house, monkeypatch):
    write = pl.LazyFrame.sink_parquet

    def full(self, path, **options):
        if Path(path).name == export_files.PARQUET:
            raise OSError(28, "No space left on device")
        return write(self, path, **options)

    monkeypatch.setattr(pl.LazyFrame, "sink_parquet", full)
    with pytest.raises(export.ExportError, match="No space left"):
        house.materialise()
    assert list(house.settings.releases_dir.iterdir()) == [] and house.releases() == []


@pytest.mark.long
def test_an_export_holds_the_picture_that_was_sent_and_names_it(house, tmp_path):
    """A transparent PNG: the file at its path is on white, for whoever reads the export, and after a checkout too."""
    path = sorted((house.root / "sources" / "coco" / "pictures").iterdir())[0]
    old = hashlib.sha256(path.read_bytes()).hexdigest()
    Image.new("RGBA", (8, 8), (200, 0, 0, 0)).save(path)
    new = hashlib.sha256(path.read_bytes()).hexdigest()
    renamed = [
        Write(
            table,
            house.lake.store.sql(f"SELECT * REPLACE (replace(image_id, '{old}', '{new}') AS image_id) FROM {table}"),
            mode="upsert",
        )
        for table in ("source_images", "images", "samples")
    ]
    house.lake.write(Commit("test"), renamed)
    assert all(checks(house.materialise()).values())
    manifest = json.loads((house.folder() / "manifest.json").read_text())
    (entry,) = (entry for entry in manifest["images"].values() if "copy_of" in entry)
    assert entry["copy_of"] == new != entry["sha256"]
    exported = house.folder() / "images" / next(p for p, e in manifest["images"].items() if e == entry)
    assert hashlib.sha256(exported.read_bytes()).hexdigest() == entry["sha256"]
    assert Image.open(exported).convert("RGB").getcolors() == [(64, (255, 255, 255))]
    told = pl.read_parquet(house.folder() / export_files.PARQUET).filter(pl.col("image_id") != pl.col("picture_id"))
    assert set(told["image_id"]) == {new} and set(told["picture_id"]) == {entry["sha256"]}
    before = exported.stat().st_mtime_ns
    house.materialise()
    assert exported.stat().st_mtime_ns == before, "an export with copies is intact"
    (release,) = house.releases()
    rows = rows_of(house.lake.store, release, tmp_path / "rows", 100)
    assert not verify(rows, release, house.folder()).defects
    pictures = PictureFiles(lake=house.lake, settings=SettingsResource.of(house.settings))
    for number, own in enumerate((house.folder(), tmp_path / "gone")):
        checkout(rows, release, own, tmp_path / str(number), pictures.picture)
        again = json.loads((tmp_path / str(number) / "manifest.json").read_text())
        assert all(again[part] == manifest[part] for part in ("images", "release"))
        assert again["files"].items() <= manifest["files"].items()  # the card went with the export
        assert (again["files"] == manifest["files"]) is own.exists()
