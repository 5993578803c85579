"""Names and files that were made to hurt: each costs itself alone, with one reason, in bounded time and memory."""

from __future__ import annotations

import json
import os
import tracemalloc
from collections import Counter
from pathlib import Path

import pytest

from resources.storage.names import LONGEST_NAME, LONGEST_PATH, too_long
from resources.storage.places import Places
from tests.resources.storage.conftest import tarred, zipped
from wethink_assets.sources.catalog import source
from wethink_assets.sources.ingest import take

MANY = 300


def in_one(n: int) -> str:
    """A name of 4,000 bytes, which no disk holds."""
    return f"{n:05d}{'y' * 3_991}.jpg"


def in_folders(n: int) -> str:
    """A path of 4,000 bytes, of names that a disk holds."""
    return f"{'x' * 248}/" * 16 + f"{n:012d}.jpg"


def told(root: Path, key: str = "coco"):
    result, problems = take(source(key), Places.at(root), "b1", [], None)
    result.check()
    return result, Counter(s.reason for s in result.failed), problems


@pytest.mark.parametrize("pack", [tarred, zipped], ids=["tar", "zip"])
@pytest.mark.parametrize("name", [in_one, in_folders])
def test_members_with_names_of_4000_bytes_have_one_reason_each(tmp_path, pack, name):
    """A release could not lay them on a disk."""
    members = {f"train2017/{name(n)}": b"x" for n in range(MANY)} | {"train2017/good.jpg": b"x"}
    (tmp_path / "coco").mkdir()
    (tmp_path / f"coco/all.{pack.__name__.removesuffix('red').removesuffix('ped')}").write_bytes(pack(members))
    result, reasons, problems = told(tmp_path)
    assert reasons == {"name_too_long": MANY} and not problems
    assert [row["image_uri"] for row in result.rows["source_images"]] == ["coco/train2017/good.jpg"]
    assert max(len(stopped.detail) for stopped in result.failed) < 200


def test_files_of_a_disk_below_4000_bytes_of_folders_have_one_reason_each(tmp_path):
    folder = tmp_path / "coco/train2017"
    folder.mkdir(parents=True)
    (folder / "good.jpg").write_bytes(b"x")
    there = Path.cwd()
    try:
        os.chdir(folder)
        for _ in range(15):  # by steps: the whole path is longer than Linux takes
            Path("d" * 248).mkdir()
            os.chdir("d" * 248)
        for n in range(20):
            Path(f"{n:05d}.jpg").write_bytes(b"x")
    finally:
        os.chdir(there)
    result, reasons, _ = told(tmp_path)
    assert reasons == {"name_too_long": 20} and result.continued == 1


def test_a_path_is_too_long_by_its_bytes():
    assert too_long("a/" + "é" * 128) and not too_long("a/" + "é" * 127)
    assert "256 bytes" in too_long("é" * 128) and f"at most {LONGEST_NAME}" in too_long("é" * 128)
    deep = "d/" * (LONGEST_PATH // 2)
    assert too_long(deep + "a") and not too_long(deep[:-1])


def test_pipes_devices_and_links_have_one_reason_each_and_are_not_waited_for(tmp_path):
    folder, notes = tmp_path / "coco/train2017", tmp_path / "coco/annotations"
    folder.mkdir(parents=True)
    notes.mkdir()
    (folder / "good.jpg").write_bytes(b"x")
    os.mkfifo(folder / "pipe.jpg")
    os.mkfifo(notes / "captions_train2017.json")
    for name, target in {
        "circle.jpg": "circle.jpg",
        "environ.jpg": "/proc/self/environ",
        "opened.jpg": "/proc/self/fd/0",
        "behind.jpg": "/proc/self/root/etc/passwd",
        "endless.jpg": "/dev/zero",
        "processes": "/proc",
        "../annotations/instances_train2017.json": "/proc/kmsg",
    }.items():
        (folder / name).symlink_to(target)
    result, _, problems = told(tmp_path)
    assert {s.subject_id.rpartition("/")[2]: s.reason for s in result.failed} == {
        "pipe.jpg": "not_a_file",
        "circle.jpg": "not_a_file",
        **dict.fromkeys(("environ.jpg", "opened.jpg", "behind.jpg", "endless.jpg"), "outside_root"),
    }
    assert result.continued == 1
    assert {p.file.rpartition("/")[2]: p.reason for p in problems} == {
        "captions_train2017.json": "not_a_file",
        "instances_train2017.json": "outside_root",
    }


def test_annotations_that_name_thousands_of_such_paths_cost_no_memory_and_no_image(tmp_path):
    (tmp_path / "llava/images").mkdir(parents=True)
    (tmp_path / "llava/images/1.jpg").write_bytes(b"x")

    def peak(entries: int) -> int:
        names = (in_one, in_folders, lambda n: "/proc/self/" + in_one(n))
        talk = [{"from": "human", "value": "<image>\nWhat?"}, {"from": "gpt", "value": "A dog."}]
        rows = [{"id": str(n), "image": names[n % 3](n), "conversations": talk} for n in range(entries)]
        (tmp_path / "llava/llava.json").write_text(json.dumps([*rows, rows[0] | {"image": "1.jpg"}]))
        del rows
        tracemalloc.start()
        try:
            result, _, problems = told(tmp_path, "llava")
            used = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert [(p.reason, p.count) for p in problems] == [("unsafe_path", entries // 3)]
        assert "A dog." in result.rows["source_images"][0]["context"] and len(problems[0].detail) < 200
        return used

    assert peak(3_000) < 1.5 * peak(300)
