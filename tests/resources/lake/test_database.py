"""DuckDB within bounds: what does not fit is spilled to a private folder, and what cannot spill is one clear line."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from resources.lake.database import Database, LakeError, Memory, database, machine_memory
from resources.lake.resource import Lake
from resources.lake.store import LakeStore
from tests.conftest import PROJECT_ROOT
from tests.fresh_lakes import fresh_lake_of
from wethink_assets.settings import Settings, SettingsError, load_settings

LIMIT = 80_000_000
# Sorts some 200 MB; DuckDB counts what it wrote meanwhile.
LARGE = """
SELECT max(k), count(*) AS n
FROM (SELECT md5('a' || i) || md5('b' || i) AS k FROM range(1500000) AS t(i) ORDER BY k)
"""


@pytest.fixture
def small(lake, tmp_path):
    store = LakeStore(lake.catalog, lake.data_path, memory=Memory(LIMIT, str(tmp_path / "spill")))
    yield store
    store.close()


def folders(root: Path) -> list[Path]:
    return sorted(root.glob("*duckdb-*"))


@pytest.mark.long
def test_what_does_not_fit_is_spilled_to_a_private_folder_that_goes_with_the_lake(small, tmp_path):
    root = tmp_path / "spill"
    with small.connection() as con:
        profile = json.loads(con.execute(f"EXPLAIN (ANALYZE, FORMAT json) {LARGE}").fetchall()[0][1])
        place = con.execute("SELECT current_setting('temp_directory')").fetchall()[0][0]
    assert profile["system_peak_temp_dir_size"] > LIMIT / 2
    assert small.sql(LARGE)["n"][0] == 1_500_000
    (folder,) = folders(root)
    assert Path(place).parent == folder
    assert [stat.S_IMODE(p.stat().st_mode) for p in (root, folder)] == [0o700, 0o700]
    small.close()
    assert folders(root) == []


def test_what_cannot_spill_is_one_line_that_names_the_setting(lake, tmp_path):
    (tmp_path / "file").write_text("in the way")
    place = str(tmp_path / "file" / "spill")
    store = LakeStore(lake.catalog, lake.data_path, memory=Memory(LIMIT, place))
    with pytest.raises(LakeError) as read:
        store.sql(LARGE)
    with pytest.raises(LakeError) as searched, database(Memory(LIMIT, place)) as con:
        con.execute(LARGE).fetchall()
    for caught in (read, searched):
        message = str(caught.value)
        assert "80 MB that the setting `memory` of [lake] allows" in message and place in message
        assert "\n" not in message
    assert store.sql("SELECT 1 AS one")["one"][0] == 1
    store.close()


def test_databases_of_one_place_have_folders_of_their_own(tmp_path):
    first, second = (Database(Memory(LIMIT, str(tmp_path))) for _ in range(2))
    assert len(folders(tmp_path)) == 2
    first.close()
    assert folders(tmp_path) == [second.spill]
    second.close()
    assert folders(tmp_path) == []


def test_the_folder_of_a_killed_process_goes_with_the_next_database(tmp_path):
    code = (
        "import os, sys\n"
        "from resources.lake.database import Database, Memory\n"
        f"kept = Database(Memory({LIMIT}, sys.argv[1]))\n"
        "print('open', flush=True)\n"
        "sys.stdin.read()\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=PROJECT_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout.readline() == b"open\n"
    (left,) = folders(tmp_path)
    with database(Memory(LIMIT, str(tmp_path))):
        assert left in folders(tmp_path), "its process lives"
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert folders(tmp_path) == [left]
    with database(Memory(LIMIT, str(tmp_path))):
        assert left not in folders(tmp_path)


def test_a_forked_child_leaves_its_parents_folder(tmp_path):
    kept = Database(Memory(LIMIT, str(tmp_path)))
    child = os.fork()
    if not child:
        kept._remove()
        os._exit(0)
    os.waitpid(child, 0)
    assert folders(tmp_path) == [kept.spill]
    kept.close()


def test_the_setting_reaches_every_lake(tmp_path):
    settings = Settings.model_validate({"home": tmp_path, "lake": {"memory": "512MB"}})
    fresh_lake_of(settings)
    lake = Lake.of(settings)
    for store in (lake.store, LakeStore.of(settings)):
        assert store.sql("SELECT current_setting('memory_limit') AS m")["m"][0] == "488.2 MiB"
        store.close()
    assert folders(tmp_path / ".work" / "spill") == []


@pytest.mark.parametrize("memory", ["1MB", "much", "4", "-4GB"])
def test_a_limit_that_is_none_is_refused(tmp_path, memory):
    file = tmp_path / "w.toml"
    file.write_text(f'[lake]\nmemory = "{memory}"\n')
    with pytest.raises(SettingsError, match=r"lake\.memory"):
        load_settings({"WETHINK_CONFIG": str(file)})


def test_without_a_setting_it_is_a_quarter_of_the_memory_and_a_gigabyte_at_least(monkeypatch):
    for machine, limit in ((64 * 10**9, 16 * 10**9), (2 * 10**9, 10**9)):
        monkeypatch.setattr("resources.lake.database.machine_memory", lambda machine=machine: machine)
        assert Memory().bytes == limit


@pytest.mark.parametrize(
    ("groups", "files", "limit"),
    [
        ("0::/a/b\n", {"a/memory.max": "3000000\n", "a/b/memory.max": "max\n"}, 3_000_000),
        ("0::/\n", {"memory.max": "4000000\n"}, 4_000_000),
        ("5:cpu,memory:/c\n0::/\n", {"memory/c/memory.limit_in_bytes": "5000000\n"}, 5_000_000),
        ("0::/\n", {}, None),
    ],
)
def test_the_memory_is_what_the_cgroup_allows(tmp_path, groups, files, limit):
    (tmp_path / "proc" / "self").mkdir(parents=True)
    (tmp_path / "proc" / "self" / "cgroup").write_text(groups)
    for name, text in files.items():
        path = tmp_path / "sys" / "fs" / "cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert machine_memory(tmp_path) == (limit or whole)


def test_every_database_is_opened_within_bounds():
    opening = [
        path.relative_to(PROJECT_ROOT).as_posix()
        for package in ("wethink_assets", "resources", "jobs")
        for path in (PROJECT_ROOT / package).rglob("*.py")
        if "duckdb.connect(" in path.read_text("utf-8")
    ]
    assert opening == ["resources/lake/database.py"]
