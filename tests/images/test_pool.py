"""The pool on a sample pack, through Dagster and the lake: everything planted is found, nothing is lost."""

from __future__ import annotations

import json
import random

import dagster as dg
import polars as pl
import pytest

from resources.lake.resource import Commit, Write
from resources.settings import SettingsResource
from resources.storage.places import Places
from tests.benchmark_sets.known_rows import known
from wethink_assets.benchmark_sets.image_store import ImageStore
from wethink_assets.benchmark_sets.items import read_benchmarks
from wethink_assets.decoding.hashing import distance
from wethink_assets.decoding.inspect import Inspected
from wethink_assets.gates import Scope
from wethink_assets.images import assets
from wethink_assets.images.assets import pool_asset
from wethink_assets.images.gates import POOL_GATES
from wethink_assets.images.near_duplicates import NEAR
from wethink_assets.images.pool import build_pool
from wethink_assets.sources.assets import source_assets
from wethink_assets.sources.catalog import BY_KEY
from wethink_assets.sources.ingest import take

ASSETS = [pool_asset()]
SOURCES = source_assets()
EMPTY = pl.DataFrame(schema={"image_id": pl.String, "phash": pl.String, "phash256": pl.String})


def run(assets, batch, lake, settings):
    instance = dg.DagsterInstance.ephemeral()
    instance.add_dynamic_partitions("growth_batch", [batch])
    resources = {"lake": lake, "settings": SettingsResource.of(settings)}
    result = dg.materialize(assets, partition_key=batch, instance=instance, resources=resources, raise_on_error=False)
    return result, {c.check_name: c for c in result.get_asset_check_evaluations()}


def fill_sources(lake, settings, batch, quota):
    """What the source assets write, without Dagster's overhead, in one commit."""
    rows = []
    for source in BY_KEY.values():
        asset = f"sources/{source.asset}"
        earlier = lake.rows("sources/select_taken", source=source.key, asset=asset, batch=batch)
        result, problems = take(source, Places.of(settings), batch, earlier, quota)
        assert not problems
        rows += [{**row, "run_id": "test"} for row in result.rows["source_images"]]
    lake.write(Commit("sources", batch), [Write("source_images", rows, replace={"batch": batch})])


def test_pool_of_a_sample_pack(tiny_pack, tiny_settings, lake):
    settings = tiny_settings
    benchmarks = read_benchmarks(settings.benchmarks_dir, ImageStore(settings.image_store_dir))
    lake.write(
        Commit("benchmark_items"),
        [
            *(Write(t, [{**row, "run_id": "t"} for row in rows], replace={}) for t, rows in benchmarks.rows.items()),
            *known(benchmarks.rows["benchmark_items"], benchmarks.rows["benchmark_images"]),
        ],
    )

    fill_sources(lake, settings, "b1", 2)
    first, checks = run(ASSETS, "b1", lake, settings)
    assert first.success and all(c.passed for c in checks.values()), checks
    fill_sources(lake, settings, "b2", 2)
    second, checks = run(ASSETS, "b2", lake, settings)
    assert second.success and all(c.passed for c in checks.values()), checks

    versions = {row["benchmark"]: row["version"] for row in lake.rows("benchmark_sets/select_known_sets")}
    accounts = lake.store.sql("SELECT details FROM materializations WHERE asset = 'image_pool'")["details"]
    assert len(versions) > 10 and [json.loads(d)["held_against"] for d in accounts] == [versions, versions]

    planted = [json.loads(line) for line in (tiny_pack / "truth/planted.jsonl").read_text().splitlines()]
    kept = dict(lake.store.sql("SELECT image_uri, phash FROM images").iter_rows())
    for plant in planted:
        if plant["kind"].endswith("duplicate"):
            pair = [kept.get(plant["image_uri"]), kept.get(plant["of"])]
            assert None in pair or (plant["how"] == "cropped" and distance(*pair) > NEAR), plant
        elif plant["kind"] == "look_alike":
            assert plant["image_uri"] in kept, plant
        else:
            assert plant["image_uri"] not in kept, plant
    verdicts = lake.store.sql("SELECT * FROM verdicts WHERE asset = 'image_pool'").to_dicts()
    reasons = {v["subject_id"]: v for v in verdicts}
    for plant in planted:
        if plant["kind"].startswith("benchmark"):
            assert reasons[plant["image_uri"]]["reason"] == plant["kind"]
            assert reasons[plant["image_uri"]]["related_id"].split(":")[0] == plant["of"].split(":")[0]
        if plant["kind"] == "unreadable":
            assert reasons[plant["image_uri"]]["verdict"] == "failed"
    assert len(kept) + len(verdicts) == 4 * len(BY_KEY)
    alike = {p["image_uri"] for p in planted if p["kind"] == "look_alike"}
    innocent = {v["subject_id"] for v in verdicts} - {p["image_uri"] for p in planted} - {p["of"] for p in planted}
    assert not innocent and alike and not alike & reasons.keys()

    metadata = second.asset_materializations_for_node("image_pool")[0].metadata
    for name in ("contact_sheet", "look_alikes", "images_per_source", "why_dropped", "hash_distances", "rejected"):
        value = metadata[name].value
        assert value.startswith("![") or (name in ("rejected", "hash_distances") and value.startswith("_")), name
        assert len(value) < 100_000
    assert "unreadable: " in checks["planted_defects_found"].description
    before = lake.store.sql("SELECT * EXCLUDE (run_id) FROM images ORDER BY image_id").rows()
    again, checks = run(ASSETS, "b1", lake, settings)
    assert again.success and all(c.passed for c in checks.values())
    assert lake.store.sql("SELECT * EXCLUDE (run_id) FROM images ORDER BY image_id").rows() == before


@pytest.mark.long
def test_the_gate_looks_for_itself(tiny_settings, lake, monkeypatch, tmp_path):
    """When the rules let an evaluation image and a question through, the check that asks the lake blocks."""
    from PIL import Image

    folder = tmp_path / "coco/train2017"
    folder.mkdir(parents=True)
    rng = random.Random(3)
    for number in range(3):
        Image.frombytes("RGB", (48, 48), rng.randbytes(48 * 48 * 3)).save(folder / f"{number}.png")
    settings = tiny_settings.model_copy(update={"sources_root": tmp_path, "truth_root": tmp_path})
    run(SOURCES[:1], "b1", lake, settings)
    rows = lake.store.sql("SELECT * FROM source_images ORDER BY image_uri").to_dicts()
    asked = "Which of the four labelled organisms would be eaten first by the fox?"
    rows[2]["context"] = json.dumps({"qa": [{"question": asked.upper()}]})
    lake.write(Commit("sources/coco", "b1"), [Write("source_images", rows, replace={"batch": "b1"})])
    result, checks = run(ASSETS, "b1", lake, settings)
    assert result.success and not checks["no_contamination"].passed  # nothing to compare with: a warning
    held = lake.store.sql("SELECT * FROM images ORDER BY image_uri").to_dicts()
    image = {k: held[0][k] for k in ("image_id", "phash", "phash256")}
    alike = {"image_id": "0" * 64, "phash": held[1]["phash"], "phash256": held[1]["phash256"]}
    items = [
        {"benchmark": "MMStar", "item": "1", "image_ids": [image["image_id"]]},
        {"benchmark": "OCRBench", "item": "2", "image_ids": [alike["image_id"]]},
        {"benchmark": "AI2D_TEST", "item": "7", "question": asked},
    ]
    lake.write(Commit("benchmark_items"), known(items, [image, alike]))
    good, checks = run(ASSETS, "b1", lake, settings)
    assert good.success and checks["no_contamination"].passed
    assert lake.store.sql("SELECT count(*) AS n FROM images")["n"][0] == 0
    monkeypatch.setattr(assets, "build_pool", lambda taken, seen, earlier, *_: build_pool(taken, seen, earlier, [], []))
    bad, checks = run(ASSETS, "b1", lake, settings)
    gate = checks["no_contamination"]
    assert not bad.success or not gate.passed
    assert not gate.passed and gate.metadata["hits"].value == 3
    for item in ("MMStar:1", "OCRBench:2", "AI2D_TEST:7"):
        assert item in gate.description


def test_exact_duplicates_of_a_later_batch(tiny_settings, lake, tmp_path):
    """The earlier batch's rows stay as they are; lineage names every file with the image's bytes."""
    from PIL import Image

    from wethink_assets.lineage.lineage import walk

    rng = random.Random(4)
    for folder in ("coco/train2017", "vg/VG_100K", "gqa/images"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("coco/train2017/1.png", "vg/VG_100K/2.png"):
        Image.frombytes("RGB", (48, 48), rng.randbytes(48 * 48 * 3)).save(tmp_path / name)
    (tmp_path / "vg/VG_100K/1.png").write_bytes((tmp_path / "coco/train2017/1.png").read_bytes())
    settings = tiny_settings.model_copy(update={"sources_root": tmp_path, "truth_root": tmp_path})

    def grow(batch):
        for key in ("coco", "vg", "gqa"):
            asset = f"sources/{BY_KEY[key].asset}"
            earlier = lake.rows("sources/select_taken", source=key, asset=asset, batch=batch)
            result, _ = take(BY_KEY[key], Places.of(settings), batch, earlier, None)
            rows = [{**row, "run_id": "test"} for row in result.rows["source_images"]]
            lake.write(Commit(asset, batch), [Write("source_images", rows, replace={"source": key, "batch": batch})])
        return run(ASSETS, batch, lake, settings)

    _, checks = grow("b1")
    assert checks["no_duplicates"].passed
    before = lake.store.sql("SELECT * FROM images ORDER BY image_id").to_dicts()
    shared = next(row for row in before if row["source"] == "coco")
    assert len(before) == 2 and shared["origins"] == ["coco/train2017/1.png", "vg/VG_100K/1.png"]

    (tmp_path / "gqa/images/9.png").write_bytes((tmp_path / "coco/train2017/1.png").read_bytes())
    _, checks = grow("b2")
    assert checks["no_duplicates"].passed
    assert lake.store.sql("SELECT * FROM images ORDER BY image_id").to_dicts() == before
    verdict = lake.store.sql("SELECT * FROM verdicts WHERE asset = 'image_pool' AND batch = 'b2'").to_dicts()
    assert [(v["subject_id"], v["reason"], v["related_id"]) for v in verdict] == [
        ("gqa/images/9.png", "exact_duplicate", shared["image_id"])
    ]
    files = [node.text for node in walk(lake.store, shared["image_id"]).children if node.text.startswith("file ")]
    assert [text.split(":")[0].removesuffix(" (same bytes)") for text in files] == [
        "file coco/train2017/1.png",
        "file vg/VG_100K/1.png",
        "file gqa/images/9.png",
    ]

    twin = {**shared, "image_id": "f" * 64, "batch": "b3"}
    lake.write(
        Commit("image_pool", "b3"), [Write("images", [{**shared, "batch": "b3"}, twin], replace={"batch": "b3"})]
    )
    unique = next(gate for gate in POOL_GATES if gate.name == "no_duplicates")
    outcome = unique.judge(Scope(lake, tiny_settings, "image_pool", "b3"))
    assert not outcome.passed and outcome.metadata["repeated"] == 1 and outcome.metadata["not_to_be_read"] == 1


@pytest.mark.long
def test_a_lost_file_costs_only_itself(tiny_settings, lake, tmp_path):
    """Of two files with the same bytes the first is gone: the second becomes the pool's, now and in a later run."""
    from PIL import Image

    folder = tmp_path / "coco/train2017"
    folder.mkdir(parents=True)
    Image.frombytes("RGB", (48, 48), random.Random(4).randbytes(48 * 48 * 3)).save(folder / "1.png")
    for name in ("2.png", "3.png"):
        (folder / name).write_bytes((folder / "1.png").read_bytes())
    settings = tiny_settings.model_copy(update={"sources_root": tmp_path, "truth_root": tmp_path})
    lake.write(Commit("benchmark_items"), [])
    result, _ = take(BY_KEY["coco"], Places.of(settings), "b1", [], None)
    rows = [{**row, "run_id": "test"} for row in result.rows["source_images"]]
    lake.write(Commit("sources/coco", "b1"), [Write("source_images", rows, replace={"source": "coco", "batch": "b1"})])
    (folder / "1.png").unlink()
    (folder / "2.png").write_bytes(b"other bytes")
    for _ in range(2):
        _made, checks = run(ASSETS, "b1", lake, settings)
        assert checks["rows_conserved"].passed, checks
        pool = lake.store.sql("SELECT image_uri, origins FROM images").to_dicts()
        assert pool == [{"image_uri": "coco/train2017/3.png", "origins": ["coco/train2017/3.png"]}]
        stopped = lake.store.sql("SELECT subject_id, reason FROM verdicts WHERE asset = 'image_pool' ORDER BY 1").rows()
        assert stopped == [("coco/train2017/1.png", "unreadable"), ("coco/train2017/2.png", "changed_since_taken")]


def taken_row(number, uri, image_id, context="{}"):
    return {
        "source": uri.split("/")[0],
        "batch": "b",
        "image_uri": uri,
        "image_id": image_id,
        "position": number,
        "licence": "CC BY 4.0",
        "context": context,
    }


def seen(image_id, rng, width=64, height=48, **more):
    return Inspected(
        image_id,
        format="PNG",
        width=width,
        height=height,
        phash=f"{rng.getrandbits(64):016x}",
        phash256=f"{rng.getrandbits(256):064x}",
        **more,
    )


def test_rules_in_order():
    rng = random.Random(1)
    rows = [
        taken_row(0, "vg/VG_100K/2.jpg", "two"),
        taken_row(0, "coco/train2017/1.jpg", "one"),
        taken_row(1, "coco/train2017/2.jpg", "two", '{"qa":[{"question":"one two three four five six seven eight"}]}'),
        taken_row(2, "coco/train2017/3.jpg", "three"),
        taken_row(3, "coco/train2017/4.jpg", "bad"),
        taken_row(4, "coco/train2017/5.jpg", "spacer"),
        taken_row(5, "coco/train2017/6.jpg", "line"),
        taken_row(6, "coco/train2017/7.jpg", "old"),
    ]
    what = {k: seen(k, rng) for k in ("one", "two", "three", "old")}
    what["spacer"], what["line"] = seen("spacer", rng, 1, 9), seen("line", rng, 9000, 20)
    what["bad"] = Inspected("bad", "truncated", "image file is truncated")
    earlier = pl.DataFrame([{"image_id": "old", "phash": what["old"].phash, "phash256": what["old"].phash256}])
    items = [{"benchmark": "MMStar", "item": "4", "question": "One, two, three, four, five, six, seven, eight?"}]
    result = build_pool(rows, what, earlier, [], items)
    result.check()
    assert [r["image_id"] for r in result.rows["images"]] == ["one", "three"]
    stops = {s.subject_id: (s.reason, s.related_id) for s in [*result.dropped, *result.failed]}
    assert stops == {
        "vg/VG_100K/2.jpg": ("exact_duplicate", "two"),
        "coco/train2017/2.jpg": ("benchmark_question", "MMStar:4"),
        "coco/train2017/4.jpg": ("truncated", "bad"),
        "coco/train2017/5.jpg": ("too_small", None),
        "coco/train2017/6.jpg": ("extreme_shape", None),
        "coco/train2017/7.jpg": ("exact_duplicate", "old"),
    }
    clean = build_pool(rows[:2], what, EMPTY, [], [])
    assert clean.rows["images"][1]["origins"] == ["vg/VG_100K/2.jpg"]
    both = build_pool(rows[:3], what, EMPTY, [], [])
    assert both.rows["images"][1]["origins"] == ["coco/train2017/2.jpg", "vg/VG_100K/2.jpg"]
