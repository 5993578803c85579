"""A lake whose rows lie in a bucket: the same tables, only the attach string differs."""

from __future__ import annotations

import subprocess
import sys

import duckdb
import polars as pl
import pytest

from resources.lake.maintenance import maintain
from resources.lake.ownership import MARKER
from resources.lake.shell import read_only
from resources.lake.store import Commit, LakeError, LakeStore, Write
from tests.conftest import PROJECT_ROOT
from tests.fresh_lakes import fresh_lake
from tests.resources.storage.s3 import CREDENTIALS, Bucket
from wethink_assets.settings import Settings

_WRITER = """
import sys
from resources.lake.maintenance import maintain
from resources.lake.ownership import MARKER
from resources.lake.store import Commit, LakeStore, Write
catalog, data, writer = sys.argv[1:]
lake = LakeStore(catalog, data)
for n in range(3):
    batch = {"asset": f"w{writer}", "batch": str(n)}
    rows = [{**batch, "subject_id": f"{n}-{i}", "verdict": "dropped", "reason": "why", "run_id": "r"}
            for i in range(1200)]
    lake.write(Commit(f"w{writer}", str(n), "r"), [Write("verdicts", rows, replace=batch)])
"""


@pytest.fixture(scope="module")
def bucket(s3):
    return Bucket(s3, "lake")


@pytest.mark.long
def test_processes_write_one_lake_in_a_bucket(bucket, tmp_path):
    (catalog, _), data = fresh_lake(tmp_path), f"{bucket.url}/team/data"
    lake = LakeStore(catalog, data)
    before = lake.snapshot_id()
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, catalog, data, str(w)], cwd=PROJECT_ROOT) for w in range(2)
    ]
    assert [w.wait(timeout=120) for w in writers] == [0, 0]
    counts = lake.sql(
        "SELECT asset, count(*) AS n, count(DISTINCT subject_id) AS d FROM verdicts GROUP BY asset ORDER BY asset"
    )
    assert counts.rows() == [("w0", 3600, 3600), ("w1", 3600, 3600)]
    stored = bucket.client.list_objects_v2(Bucket=bucket.name, Prefix="team/data/")["Contents"]
    assert len(stored) >= 6 and all(o["Key"].endswith((".parquet", f"/{MARKER}")) for o in stored)
    assert not list(tmp_path.rglob("*.parquet"))

    # A slice is replaced, an earlier snapshot still shows the old rows, and maintenance merges the files.
    lake.write(Commit("w0", "0"), [Write("verdicts", [], replace={"asset": "w0", "batch": "0"})])
    assert lake.sql("SELECT count(*) AS n FROM verdicts WHERE asset = 'w0'")["n"][0] == 2400
    assert lake.sql(f"SELECT count(*) AS n FROM verdicts AT (VERSION => {before})")["n"][0] == 0
    maintain(lake, keep_days=0, cleanup_after_s=0)
    assert lake.sql("SELECT count(*) AS n FROM verdicts")["n"][0] == 6000
    lake.close()


def test_keys_stay_in_memory(bucket, tmp_path):
    lake = LakeStore(fresh_lake(tmp_path)[0], f"{bucket.url}/secret/data")
    rows = pl.DataFrame(
        {
            "asset": ["a"],
            "batch": ["b"],
            "subject_id": ["x"],
            "verdict": ["dropped"],
            "reason": ["why"],
            "run_id": ["r"],
        }
    )
    lake.write(Commit("a", "b"), [Write("verdicts", rows)])
    lake.close()
    secret = CREDENTIALS["AWS_SECRET_ACCESS_KEY"].encode()
    assert not [p for p in tmp_path.rglob("*") if p.is_file() and secret in p.read_bytes()]


def test_a_lake_of_a_team_is_read_by_hand_and_nothing_beside_it(bucket, database, tmp_path):
    settings = Settings(home=tmp_path, lake={"catalog": database(), "data_path": f"{bucket.url}/by-hand/"})
    rows = [
        {"asset": "a", "batch": "b", "subject_id": str(n), "verdict": "dropped", "reason": "why", "run_id": "r"}
        for n in range(1200)  # too many to lie in the catalog
    ]
    lake = LakeStore(settings.lake_catalog, settings.lake_data_path)
    lake.write(Commit("a", "b"), [Write("verdicts", rows)])
    lake.close()
    bucket.put("beside/other.csv", b"a\n1\n")
    with read_only(settings) as con:
        assert con.execute("SELECT count(DISTINCT subject_id) FROM verdicts").fetchone() == (1200,)
        with pytest.raises(duckdb.PermissionException):
            con.execute(f"FROM '{bucket.url}/beside/other.csv'")
        assert con.execute("SELECT count(*) FROM stop_lineage").fetchone() == (1200,)
        (path,) = con.execute("SELECT path FROM duckdb_databases() WHERE database_name = 'lake'").fetchone()
    assert path == settings.lake_catalog  # the connection string, in which the settings take no password


def test_a_bucket_that_is_not_there_is_one_line(bucket, tmp_path):
    lake = LakeStore(f"sqlite:{tmp_path}/catalog.sqlite", "s3://nobody-has-this/data")
    rows = [
        {"asset": "a", "batch": "b", "subject_id": str(n), "verdict": "dropped", "reason": "w", "run_id": "r"}
        for n in range(2000)
    ]
    with pytest.raises(LakeError, match="s3://nobody-has-this/data") as error:
        lake.write(Commit("a", "b"), [Write("verdicts", rows)])
    assert "\n" not in str(error.value) and CREDENTIALS["AWS_SECRET_ACCESS_KEY"] not in str(error.value)
    lake.close()
