"""The pack as a whole: planted defects are what the truth says, and making one is atomic and repeatable."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import imagehash
import numpy as np
import psutil
import pytest
from PIL import Image, ImageChops

from wethink_assets.demo.pack.benchmarks.figures import SETS
from wethink_assets.demo.pack.benchmarks.rows import rows
from wethink_assets.demo.pack.generate import PackError, add_images, generate
from wethink_assets.demo.pack.plan import SOURCES, Plan
from wethink_assets.demo.pack.planted import QUOTAS

from .conftest import files, lines

PROJECT = Path(__file__).resolve().parents[3]
csv.field_size_limit(1 << 30)


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def table(root: Path, name: str) -> list[dict[str, str]]:
    with (root / f"benchmarks/{name}.tsv").open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t"))


def images_of(items: list[dict[str, str]]) -> dict[str, list[bytes]]:
    """Images by index, read as VLMEvalKit's files ask for it."""
    cells = {r["index"]: r["image"] for r in items}
    out = {}
    for index, cell in cells.items():
        cell = cells[cell] if len(cell) <= 64 else cell
        out[index] = [base64.b64decode(c) for c in (json.loads(cell) if cell.startswith("[") else [cell])]
    return out


def prints(data: bytes | Path) -> tuple[np.ndarray, np.ndarray]:
    image = Image.open(io.BytesIO(data) if isinstance(data, bytes) else data).convert("RGB")
    return imagehash.phash(image).hash.ravel(), imagehash.phash(image, hash_size=16).hash.ravel()


def test_truth_names_every_readable_file_by_its_hash(demo_pack):
    planted = lines(demo_pack / "truth/planted.jsonl")
    unreadable = {p["image_uri"] for p in planted if p["kind"] == "unreadable"}
    cropped = {p["image_uri"] for p in planted if p["how"] == "cropped"}
    truth = lines(demo_pack / "truth/scenes.jsonl")
    assert len(truth) + len(unreadable) == len(SOURCES) * 24
    assert len({t["image_uri"] for t in truth}) == len(truth) and not unreadable & {t["image_uri"] for t in truth}
    for t in truth:
        path = demo_pack / "sources" / t["image_uri"]
        assert sha(path) == t["image_id"] and t["image_uri"].startswith(t["source"] + "/")
        with Image.open(path) as image:
            assert list(image.size) == t["scene"]["extra"]["size"] or t["image_uri"] in cropped


def test_planted_defects_are_what_the_truth_says(demo_pack):
    planted = lines(demo_pack / "truth/planted.jsonl")
    kinds = Counter(p["kind"] for p in planted)
    assert set(kinds) == {kind for kind, _ in QUOTAS}
    assert sum(QUOTAS.values()) - 4 <= len(planted) <= sum(QUOTAS.values())
    root = demo_pack / "sources"
    hidden = {f"{name}:{index}": data for name in SETS for index, data in images_of(table(demo_pack, name)).items()}
    across = 0
    for p in planted:
        path = root / p["image_uri"]
        match p["kind"]:
            case "exact_duplicate":
                assert path.read_bytes() == (root / p["of"]).read_bytes() and p["image_uri"] != p["of"]
                across += p["of"].split("/")[0] != p["source"]
            case "near_duplicate":
                assert path.read_bytes() != (root / p["of"]).read_bytes()
                (a, a256), (b, b256) = prints(path), prints(root / p["of"])
                assert (a != b).sum() <= 4 and (a256 != b256).sum() <= 26
            case "look_alike":
                differ = ImageChops.difference(*(Image.open(f).convert("RGB") for f in (path, root / p["of"])))
                box = differ.point(lambda level: 255 if level > 64 else 0).getbbox()
                assert box is not None and (box[2] - box[0]) * (box[3] - box[1]) < 0.05 * differ.width * differ.height
            case "benchmark_image":
                original = hidden[p["of"]][0]
                assert (path.read_bytes() == original) == (p["how"] == "identical")
                (a, a256), (b, b256) = prints(path), prints(original)
                assert (a != b).sum() <= 4 and (a256 != b256).sum() <= 26
            case "benchmark_question":
                name, index = p["of"].split(":")
                row = next(r for r in table(demo_pack, name) if r["index"] == index)
                assert row["question"] == p["question"]
                needle = json.dumps(p["question"], ensure_ascii=False)[1:-1]
                annotations = "".join(f.read_text() for f in (root / p["source"]).rglob("*.json*"))
                assert needle in annotations or needle.lower() in annotations
            case _:
                with pytest.raises(Exception):  # noqa: B017, PT011 - Pillow names each defect differently
                    Image.open(path).load()
    assert across


@pytest.mark.parametrize("seed", range(8))
def test_every_batch_has_every_kind_of_plant_and_growth_moves_none(seed):
    for batches in ((4,), (24,), (24, 6)):
        plants = Plan(seed, batches).plants
        start = sum(batches[:-1])
        batch = [p for p in [*plants.at.values(), *plants.asked.values()] if p.position >= start]
        assert {(p.kind, p.how) for p in batch} == set(QUOTAS)
        for p in plants.at.values():
            if p.kind.endswith("duplicate"):
                assert (p.of_source, p.of_position) not in plants.at
        if start:
            before = Plan(seed, batches[:1]).plants
            assert {k: p for k, p in plants.at.items() if k[1] < start} == before.at
            assert {k: p for k, p in plants.asked.items() if k[1] < start} == before.asked


@pytest.mark.parametrize("batches", [(667,), (300, 300)])
def test_a_large_pack_plants_no_figure_twice(batches):
    """In one manner: else the second file would be an exact duplicate of the first, which the truth does not know."""
    at = Plan(7, batches).plants.at.values()
    figures = Counter(
        (p.of_source, p.of_position % SETS[p.of_source].figures, p.how) for p in at if p.kind == "benchmark_image"
    )
    assert set(figures.values()) == {1} and len(figures) >= 100


@pytest.mark.long
def test_no_other_two_pictures_resemble_each_other(demo_pack):
    """64-bit hashes more than 4 apart, or 256-bit hashes more than 26: sources and benchmarks together."""
    planted = {p["image_uri"] for p in lines(demo_pack / "truth/planted.jsonl") if p["kind"] != "benchmark_question"}
    hashes = {
        t["image_uri"]: prints(demo_pack / "sources" / t["image_uri"])
        for t in lines(demo_pack / "truth/scenes.jsonl")
        if t["image_uri"] not in planted
    }
    seen: set[str] = set()
    for name in SETS:
        for index, data in images_of(table(demo_pack, name)).items():
            for i, one in enumerate(data):
                key = hashlib.sha256(one).hexdigest()
                if key not in seen:
                    seen.add(key)
                    hashes[f"{name}:{index}:{i}"] = prints(one)
    assert len(hashes) > 650
    for which, limit in ((0, 4), (1, 26)):
        bits = np.array([p[which] for p in hashes.values()], dtype=np.int32)
        ones = bits.sum(1)
        apart = ones[:, None] + ones[None] - 2 * bits @ bits.T + 1000 * np.eye(len(bits), dtype=np.int32)
        assert apart.min() > limit, [list(hashes)[i] for i in np.argwhere(apart == apart.min())[0]]


def test_benchmark_files_have_their_columns_shared_and_listed_images(demo_pack):
    truth = {}
    for t in lines(demo_pack / "truth/benchmark_scenes.jsonl"):
        truth.setdefault((t["benchmark"], t["item"]), []).append(t["image_id"])
    total = shared = listed = 0
    for name in SETS:
        items = table(demo_pack, name)
        assert len({r["index"] for r in items}) == len(items) == len(rows(7, name))
        total += len(items)
        shared += sum(len(r["image"]) <= 64 for r in items)
        listed += sum(r["image"].startswith("[") for r in items)
        for index, data in images_of(items).items():
            assert [hashlib.sha256(d).hexdigest() for d in data] == truth[name, index]
            assert all(Image.open(io.BytesIO(d)).size for d in data)
    assert 400 <= total <= 520 and shared and listed


def test_benchmark_sets_keep_their_own_rules(demo_pack):
    bench = table(demo_pack, "MMBench_TEST_EN_V11")
    groups: dict[int, list[dict[str, str]]] = {}
    for r in bench:
        groups.setdefault(int(r["index"]) % 1_000_000, []).append(r)
    for group in groups.values():
        assert len({r[r["answer"]] for r in group}) == 1 and len({r["answer"] for r in group}) == len(group)
        assert len(group) == sum(bool(group[0][k]) for k in "ABCD")
    chinese = table(demo_pack, "MMBench_TEST_CN_V11")
    assert [r["index"] for r in chinese] == [r["index"] for r in bench]
    assert [r["answer"] for r in chinese] == [r["answer"] for r in bench]
    assert all("图" in r["question"] for r in chinese) and images_of(chinese) == images_of(bench)
    variants = Counter(r["qid"] for r in table(demo_pack, "DynaMath"))
    assert set(variants.values()) == {10} and len(variants) == 6
    composites = {}
    for r in table(demo_pack, "WeMath"):
        composites.setdefault(r["ID"], set()).add(r["key"])
    assert all({f"{c[0]}steps_multi"} < keys and len(keys) == int(c[0]) + 1 for c, keys in composites.items())
    assert any(", " in r["answer"] for r in table(demo_pack, "LogicVista"))
    exams = table(demo_pack, "MMMU_DEV_VAL")
    assert {r["split"] for r in exams} == {"dev", "validation"} and all("<image 1>" in r["question"] for r in exams)
    golds = " ".join(r["answer"] for r in table(demo_pack, "MMVet"))
    assert "<AND>" in golds and "<OR>" in golds
    assert all(r["answer"].startswith("[") for r in table(demo_pack, "OCRBench"))
    for r in table(demo_pack, "HallusionBench"):
        assert r["index"] == f"VD_figure_0_{r['set_id']}_{r['figure_id']}_{r['question_id']}"
    assert {r["answer"] for r in table(demo_pack, "HallusionBench")} == {"Yes", "No"}


def test_no_question_of_a_source_is_a_benchmark_question_by_chance(demo_pack):
    asked = {q["question"].lower() for t in lines(demo_pack / "truth/scenes.jsonl") for q in t["scene"]["items"]}
    assert not asked & {r["question"].lower() for name in SETS for r in rows(7, name)}


def test_a_pack_that_is_there_is_kept_and_a_foreign_folder_refused(tiny_pack, tmp_path):
    root = tmp_path / "pack"
    shutil.copytree(tiny_pack, root)
    before = {p: p.stat().st_mtime_ns for p in root.rglob("*")}
    assert not generate(root, images_per_source=4, seed=11).is_new
    assert {p: p.stat().st_mtime_ns for p in root.rglob("*")} == before
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("years of work")
    with pytest.raises(PackError, match=r"mine holds files but no pack\.json.*choose another folder"):
        generate(tmp_path / "mine")
    with pytest.raises(PackError, match="no sample pack at"):
        add_images(tmp_path / "nothing", 4)
    assert (tmp_path / "mine/thesis.txt").read_text() == "years of work"


@pytest.fixture(scope="module")
def grown(tiny_pack, tmp_path_factory):
    """The tiny pack with two more images per source, and what growth said."""
    root = tmp_path_factory.mktemp("grown") / "pack"
    shutil.copytree(tiny_pack, root)
    return root, add_images(root, 2, workers=1)


def test_growth_adds_files_and_keeps_every_old_one(tiny_pack, grown):
    root, summary = grown
    before, after = files(tiny_pack), files(root)
    assert summary.batches == (4, 2) and summary.images == len(SOURCES) * 6
    kept = {n for n in before if n.endswith((".jpg", ".png", ".tsv", ".csv")) and "wikiart/" not in n}
    kept |= {n for n in before if n.startswith("sources/wikiart/images/")}
    assert all(after[n] == before[n] for n in kept)
    pictures = [n for n in after if n.endswith((".jpg", ".png"))]
    assert len(pictures) == len(SOURCES) * 6 and set(before) <= set(after)
    old = before["truth/scenes.jsonl"]
    assert after["truth/scenes.jsonl"].startswith(old) and len(after["truth/scenes.jsonl"]) > len(old)
    coco = json.loads(after["sources/coco/annotations/instances_train2017.json"])["images"]
    assert coco[:4] == json.loads(before["sources/coco/annotations/instances_train2017.json"])["images"]
    assert len(coco) == 6
    assert not generate(root, images_per_source=4, seed=11).is_new  # a grown pack is still that pack


def test_a_killed_growth_leaves_the_old_pack_and_is_made_up_for(tiny_pack, grown, tmp_path):
    """Killed at any step, growth starts again and ends with the very same files."""
    (whole, _), root = grown, tmp_path / "pack"
    # The state just before the last step: everything in place, but pack.json still the old one.
    shutil.copytree(whole, root)
    shutil.copy(tiny_pack / "pack.json", root / "pack.json")
    (root / ".drawing/sources/coco").mkdir(parents=True)
    (root / ".drawing/sources/coco/left.jpg").write_bytes(b"half")
    assert not generate(root, images_per_source=4, seed=11).is_new
    add_images(root, 2, workers=1)
    assert files(root) == files(whole)


@pytest.mark.long
def test_a_killed_generation_leaves_no_pack_and_no_process_and_the_next_gives_the_same_bytes(tiny_pack, tmp_path):
    """Killed in the middle: nothing counts as made, its workers end, and the next run sweeps up.

    A seed gives the same bytes with any number of workers: two drew the tiny pack.
    """
    root = tmp_path / "pack"
    command = [sys.executable, "-m", "wethink_assets.demo.pack", "--root", str(root), "--images-per-source", "100"]
    child = subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert child.stderr is not None and child.stderr.read(1)  # the first progress line: files are being written
    workers = psutil.Process(child.pid).children(recursive=True)
    os.kill(child.pid, signal.SIGKILL)
    child.wait(20)
    _gone, alive = psutil.wait_procs(workers, timeout=20)
    assert workers and not alive
    assert not root.exists() and list(tmp_path.glob(".pack.partial-*"))
    generate(root, images_per_source=4, seed=11, workers=1)
    assert files(root) == files(tiny_pack) and not list(tmp_path.glob(".pack.partial-*"))
