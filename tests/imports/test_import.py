"""A published file becomes a release: taken, dropped and failed lines, once, whole, and like any other release."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from resources.lake.store import LakeStore
from resources.lake.writes import Commit
from tests.benchmark_sets.known_rows import known
from tests.imports.conftest import SET
from tests.imports.published import CHOICE, GOOD, LINES, STOPPED, TAKEN, publish
from wethink_assets.cli.imports import import_file
from wethink_assets.cli.main import main
from wethink_assets.dataset import catalogue
from wethink_assets.dataset.contamination import collisions
from wethink_assets.gates import Scope
from wethink_assets.imports.job import ImportFailedError, run
from wethink_assets.imports.mend import REPAIRS

ALL = len(TAKEN) + len(STOPPED) + len(LINES)
TABLES = ("releases", "release_rows", "imported_images", "import_stops", "release_tags")


def wethink(settings, monkeypatch, *arguments: str, code: int = 0) -> str:
    monkeypatch.setenv("WETHINK_HOME", str(settings.home))
    monkeypatch.setenv("WETHINK_SOURCES_ROOT", str(settings.sources_root))
    done = CliRunner().invoke(main, ["release", *map(str, arguments)])
    assert done.exit_code == code, done.output
    return done.stdout


def sizes(store) -> dict[str, int]:
    return {name: store.sql(f"SELECT count(*) AS n FROM {name}")["n"][0] for name in TABLES}


def test_every_line_is_taken_or_stopped_for_its_own_reason(imported):
    _, store, _, done = imported
    assert done.lines == ALL and done.taken == len(TAKEN)
    stopped = [*STOPPED, *LINES]
    assert done.dropped == Counter(reason for verdict, reason in stopped if verdict == "dropped")
    assert done.failed == Counter(reason for verdict, reason in stopped if verdict == "failed")
    assert done.repairs == dict.fromkeys(REPAIRS, 1) and done.held_against.keys() == {"OCRBench"}
    aside = [json.loads(line) for line in Path(done.set_aside).read_text("utf-8").split("\n")[:-1]]
    reasons = {line["line"]: (line["verdict"], line["reason"]) for line in aside}
    assert [reasons[number] for number in range(len(TAKEN) + 1, ALL + 1)] == stopped
    assert all(line["detail"] for line in aside) and "/" not in done.name
    rows = store.rows("dataset/select_release_rows", release_id=done.release_id)
    assert Counter(row["split"] for row in rows) == done.rows
    assert {row["source"]: row["licence"] for row in rows}["odd"] == "not stated"
    choice = next(row for row in rows if row["problem"].startswith("Which hull"))
    assert choice["problem"] == "Which hull is it?\nA. red\nB. blue\nC. green" and choice["answer"] == "B"
    judged = next(row for row in rows if row["problem"] == "Which box?")
    assert (judged["reward"], judged["answer_type"]) == ("model", "free_form")


@pytest.mark.long
def test_an_imported_release_does_what_others_do(house, published, tmp_path, monkeypatch):
    settings, store = house
    file, images = published
    told = wethink(settings, monkeypatch, "import", file, "--images", images, "--name", "theirs")
    (release,) = store.rows("dataset/select_releases")
    assert release["release_id"] in told and release["tags"] == ["theirs"]
    assert release["release_id"] in wethink(settings, monkeypatch, "list")
    assert "15 rows of 15" in wethink(settings, monkeypatch, "show", "theirs")
    assert "intact" in wethink(settings, monkeypatch, "verify", "theirs")
    wethink(settings, monkeypatch, "diff", "theirs", "theirs")
    assert "imported" in wethink(settings, monkeypatch, "why", "coco/1.png", "--release", "theirs")
    gone = json.loads(wethink(settings, monkeypatch, "why", "coco/gone.png", "--release", "theirs", "--json", code=1))
    assert "missing_image" in gone["fates"][0]["because"]
    line = gone["fates"][0]["id"]
    assert "missing_image" in wethink(settings, monkeypatch, "why", line, "--release", "theirs", code=1)
    wethink(settings, monkeypatch, "why", "line 99999", "--release", "theirs", code=1)
    wethink(settings, monkeypatch, "export", "theirs", tmp_path / "trl", "--format", "trl")
    parts = [pl.read_parquet(path) for path in (tmp_path / "trl").rglob("*.parquet")]
    assert sum(part.height for part in parts) == 15
    exported = settings.home / release["path"]
    card = (exported / "README.md").read_text("utf-8")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert "Imported from the file `published.jsonl`" in card and digest in card and str(file.parent) not in card
    shown = card.replace("\\", "")
    assert all(f"{name}: {told}" in shown for name, told in REPAIRS.items())
    assert "dropped: tag_in_text" in shown and "`OCRBench`" in card
    # The export's pictures and the published folder go: the image store has the bytes still.
    (images / "coco/1.png").unlink()
    (exported / "images/coco/1.png").unlink()
    wethink(settings, monkeypatch, "checkout", "theirs", tmp_path / "again")
    for name in ("wethink.jsonl", "heldout.jsonl", "README.md", "images/coco/1.png", "images/coco/2.png"):
        there = tmp_path / "again" / name
        assert there.is_file() and (
            not (exported / name).exists() or there.read_bytes() == (exported / name).read_bytes()
        )


def test_training_reads_the_pictures_of_an_imported_release(imported):
    from resources.lake.resource import Lake
    from resources.settings import SettingsResource
    from wethink_assets.picture_files import PictureFiles
    from wethink_assets.training.rows import training_rows

    settings, store, _, done = imported
    rows = store.rows("dataset/select_training_rows", release_id=done.release_id)
    files = PictureFiles(lake=Lake.of(settings), settings=SettingsResource.of(settings))
    files.prefetch([row["image_id"] for row in rows])
    ready, failed, aside = training_rows(rows, files.picture)
    files.teardown_after_execution(None)
    assert len(ready) == done.rows["train"] and not failed and not aside
    copied = {row.image_id for row in ready if row.picture_id != row.image_id}
    assert len(copied) == 1  # the one with transparency


def test_a_second_import_of_the_same_rows_writes_nothing(imported, monkeypatch):
    settings, store, (file, images), first = imported
    before, snapshot = sizes(store), store.snapshot_id()
    shutil.copy(file, file.with_name("other.jsonl"))
    second = run(store, settings, file.with_name("other.jsonl"), images)
    assert (second.release_id, second.new) == (first.release_id, False)
    assert sizes(store) == before and store.snapshot_id() == snapshot
    told = wethink(settings, monkeypatch, "import", file.with_name("other.jsonl"), "--images", images)
    assert "is there already" in told


def test_a_dry_run_says_the_same_and_writes_nothing(house, published, tmp_path, monkeypatch):
    settings, store = house
    file, images = published
    before = store.snapshot_id()
    dry = json.loads(
        wethink(
            *(settings, monkeypatch, "import", file, "--images", images, "--json"),
            *("--dry-run", "--name", "theirs", "--set-aside", tmp_path / "aside"),
        )
    )
    assert store.snapshot_id() == before and not any(sizes(store).values())
    assert not any(path.exists() for path in (settings.releases_dir, settings.image_store_dir, settings.pictures_dir))
    assert [path.name for path in (tmp_path / "aside").iterdir()] == [f"{dry['release_id']}.set_aside.jsonl"]
    done = run(store, settings, file, images)
    names = ("release_id", "taken", "repairs", "dropped", "failed", "rows", "sha256")
    assert {name: dry[name] for name in names} == {name: getattr(done, name) for name in names}


def test_images_and_questions_of_evaluation_sets_stay_out(house, tmp_path):
    settings, store = house
    rows = [
        {**GOOD, "problem": SET["question"]},
        {**CHOICE, "problem": f"{SET['question']}\nA. red\nB. blue", "image_path": "coco/2.png"},
        {**GOOD, "image_path": "chartqa/3.png"},
        {**GOOD, "image_path": "odd/4.png"},
    ]
    file, images = publish(tmp_path / "published", rows)
    leaked = hashlib.sha256((images / "odd/4.png").read_bytes()).hexdigest()
    image = {"image_id": leaked, "benchmark": "OCRBench", "item": "1", "phash": "0" * 16, "phash256": "0" * 64}
    item = {**SET, "image_ids": [leaked]}
    place = {"image_uri": "x.png", "format": "PNG", "width": 1, "height": 1}
    store.write(Commit("benchmark_items"), known([item], [{**image, **place}]))
    done = run(store, settings, file, images)
    assert done.taken == 1 and done.dropped == {"benchmark_question": 2, "benchmark_image": 1}
    scope = Scope(store, settings, "release", "")
    assert collisions(scope, done.release_id) == []
    later = {**SET, "question": GOOD["problem"]}
    store.write(Commit("benchmark_items"), known([later]))
    assert len(collisions(scope, done.release_id)) == 1


def test_nothing_is_imported_where_no_line_can_be_used(house, tmp_path, monkeypatch):
    settings, store = house
    file, images = publish(tmp_path / "published", [], [b"", b"[]"])
    told = wethink(settings, monkeypatch, "import", file, "--images", images, code=1)
    assert "no line can be used" in told and not any(sizes(store).values())
    file.write_bytes(b"")
    assert run(store, settings, file, images).lines == 0
    with pytest.raises(ImportFailedError, match="is no folder"):
        run(store, settings, file, images / "gone")
    with pytest.raises(catalogue.TagError):
        import_file(store, settings, file, images, tag="abcd", dry_run=False, set_aside=None, as_json=False)


KILLED = """
import os, signal, sys
from pathlib import Path
from resources.lake.store import LakeStore
from wethink_assets.dataset import export
from wethink_assets.imports import job
from wethink_assets.settings import Settings

place, calls = export.place, []
def killing(*given):
    calls.append(given)
    if len(calls) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return place(*given)
export.place = killing
home, file, images = map(Path, sys.argv[1:])
settings = Settings(home=home, sources_root=home / "sources")
job.run(LakeStore.of(settings), settings, file, images)
"""


@pytest.mark.long
def test_a_killed_import_leaves_no_release_and_the_next_one_is_whole(house, published, monkeypatch):
    settings, store = house
    command = [sys.executable, "-c", KILLED, str(settings.home), *map(str, published)]
    killed = subprocess.run(command, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, check=False)
    assert killed.returncode == -signal.SIGKILL and not any(sizes(store).values())
    assert [path.name for path in settings.releases_dir.glob(".*.part")]
    with monkeypatch.context() as patch:
        patch.setattr(LakeStore, "write", _full)  # the export is whole by then, and its release is not there
        with pytest.raises(ImportFailedError, match="No space left"):
            run(store, settings, *published)
    assert not any(sizes(store).values())
    done = run(store, settings, *published)
    assert done.new and done.taken == len(TAKEN) and sizes(store)["release_rows"] == len(TAKEN)
    assert not list(settings.home.rglob("*.part")) and not list(settings.scratch_dir.glob("*-import-*"))
    names = sorted(path.name for path in settings.releases_dir.iterdir())
    assert names == [done.release_id, f"{done.release_id}.set_aside.jsonl"]


def _full(*given):
    raise OSError(errno.ENOSPC, "No space left on device")
