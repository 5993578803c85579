"""A team's installation: lake on PostgreSQL and S3, Dagster's storage on PostgreSQL, runs at once, from a terminal.

It takes some 150 CPU-s, so it runs where WETHINK_TEST_TEAM=1 is set. Training and evaluation on such an installation,
and whether they give what an embedded one gives, are benchmarks/team_graph.py's.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from resources.lake.store import LakeStore
from tests.conftest import PROJECT_ROOT
from tests.resources.lake.postgres import postgres_server
from tests.resources.storage.s3 import Bucket
from wethink_assets.partitions import GROWTH_BATCH
from wethink_assets.sources.catalog import SOURCES

pytestmark = [
    pytest.mark.skipif(not os.environ.get("WETHINK_TEST_TEAM"), reason="WETHINK_TEST_TEAM=1 runs it: minutes"),
    pytest.mark.timeout(1_200),
]
BATCHES = ("ours", "theirs")
ACTIVE = ("coco", "chartqa", "sam")
CONFIG = """
home = "{home}"
[lake]
catalog = "{catalog}"
data_path = "{data}"
[sources]
quota = 2
paused = {paused}
"""
DAGSTER_YAML = """
telemetry:
  enabled: false
concurrency:
  pools:
    default_limit: 1
    granularity: op
storage:
  postgres:
    postgres_url: {url}
"""


class Team:
    """The installation, and the lake that it made."""

    def __init__(self, home: Path, pack: Path, catalog: str, data: str, dagster_url: str) -> None:
        self.home, self.catalog, self.data = home, catalog, data
        shutil.copytree(pack, home / "sample_pack")
        (home / "dagster").mkdir()
        (home / "dagster/dagster.yaml").write_text(DAGSTER_YAML.format(url=dagster_url))
        config = home / "wethink.toml"
        paused = [source.key for source in SOURCES if source.key not in ACTIVE]
        config.write_text(CONFIG.format(home=home, catalog=catalog, data=data, paused=json.dumps(paused)))
        kept = {name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"}
        self.env = {**kept, "WETHINK_CONFIG": str(config), "COLUMNS": "200"}

    def start(self, *command: str) -> subprocess.Popen[str]:
        argv = [sys.executable, "-m", "wethink_assets.cli.main", *command]
        return subprocess.Popen(argv, cwd=PROJECT_ROOT, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True)  # fmt: skip

    def run(self, *command: str, status: int = 0) -> str:
        process = self.start(*command)
        said = process.communicate(timeout=1_000)[0]
        assert process.returncode == status, said[-4000:]
        return said

    def lake(self) -> LakeStore:
        return LakeStore(self.catalog, self.data, create=False)


@pytest.fixture(scope="module")
def team(tmp_path_factory, tiny_pack, s3) -> Iterator[Team]:
    pytest.importorskip("dagster_postgres", reason="`make setup` installs dagster-postgres")
    bucket = Bucket(s3, "team")
    with postgres_server() as server:
        for name in ("lake", "dagster"):
            server.create(name)
        home = tmp_path_factory.mktemp("team") / "home"
        home.mkdir(mode=0o700)
        team = Team(home, tiny_pack, server.catalog("lake"), f"{bucket.url}/wethink/data", server.url("dagster"))
        with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
            instance.add_dynamic_partitions(GROWTH_BATCH, list(BATCHES))
        team.bucket = bucket
        yield team


def test_two_runs_at_once_take_each_file_once_and_end_in_one_release(team):
    running = [team.start("run", "--part", "data", "--batch", batch) for batch in BATCHES]
    for process in running:
        said = process.communicate(timeout=1_000)[0]
        assert process.returncode == 0, said[-4000:]
    team.run("run", "--part", "release")
    lake = team.lake()
    taken = lake.sql("SELECT batch, image_uri FROM source_images").rows()
    assert Counter(batch for batch, _ in taken) == dict.fromkeys(BATCHES, 2 * len(ACTIVE))
    assert len({uri for _, uri in taken}) == len(taken)
    calls = lake.sql("SELECT count(*) AS n, count(DISTINCT call_id) AS d FROM calls").row(0)
    assert calls[0] == calls[1] > 0
    for row in lake.sql("FROM materializations").to_dicts():
        assert row["rows_in"] == row["continued"] + row["dropped"] + row["failed"], row["asset"]
    (release,) = lake.sql("FROM releases").to_dicts()
    assert sorted(release["batches"]) == sorted(BATCHES) and release["rows"] > 0
    lake.close()


def test_nothing_of_lake_or_run_history_lies_on_this_machine(team):
    kept = {path.suffix for path in team.home.rglob("*") if path.is_file()}
    assert not list((team.home / "dagster").rglob("*.db")) and ".sqlite" not in kept
    team.run("maintain")  # at this size all rows lie in the catalog until then
    stored = team.bucket.client.list_objects_v2(Bucket="team", Prefix="wethink/data/")["Contents"]
    assert any(one["Key"].endswith(".parquet") for one in stored)
    assert not (team.home / "lake").exists()
    said = team.run("doctor")
    assert "0 faults" in said, said
