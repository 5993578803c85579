"""The lake on a disk that is really full: one clear line, nothing half-written, and it goes on once there is space."""

from __future__ import annotations

import sys

import pytest

from tests.small_disk import run_on_small_disk

_SCRIPT = """
import os, sys
from pathlib import Path
from resources.lake.store import Commit, LakeError, LakeStore, Spool, Write

home = Path(sys.argv[1])
lake = LakeStore(f"sqlite:{home}/lake/catalog.sqlite", f"{home}/lake/data")

def rows(first, count):
    return [{"asset": "a", "batch": "b", "subject_id": str(n), "verdict": "dropped", "reason": "why",
             "detail": os.urandom(600).hex(), "run_id": "r"} for n in range(first, first + count)]

def write(first, count):
    lake.write(Commit("a", "b", "r"), [Write("verdicts", rows(first, count), mode="add_missing")])

def there():
    return lake.sql("SELECT count(*) AS n, count(DISTINCT subject_id) AS d FROM verdicts").row(0)

write(0, 1500)
filler = home / "filler"
with filler.open("wb", buffering=0) as file:  # a buffer would be written once more at its end
    try:
        while True:
            file.write(b"0" * 65536)
    except OSError:
        pass
try:
    write(1500, 3000)
except LakeError as error:
    print("error:", error)
else:
    print("error: none")
for name, action in {
    "spool": lambda: Spool("verdicts", home / "rows").append(rows(0, 3000)),
    "windows": lambda: lake.windows("quality/select_stops", home / "input", size=100, asset="a", batch="b"),
}.items():
    try:
        action()
    except LakeError as error:
        print(f"{name}:", error)
filler.unlink()
print("kept:", *there())
write(1500, 3000)
print("after:", *there())
"""


@pytest.mark.long
def test_a_full_disk_is_one_line_and_nothing_is_lost(tmp_path):
    script = tmp_path / "writer.py"
    script.write_text(_SCRIPT)
    done = run_on_small_disk(tmp_path / "disk", 12, [sys.executable, str(script), str(tmp_path / "disk")], {})
    assert done.returncode == 0, done.stderr[-2000:]
    report = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert "the lake could not write a" in report["error"] and "Free space" in report["error"]
    assert "rows cannot be put aside in" in report["spool"] and "Free space" in report["spool"]
    assert "Free space" in report["windows"], "the catalog, or the part, could not be written"
    assert report["kept"] == "1500 1500"
    assert report["after"] == "4500 4500"
