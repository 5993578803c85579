"""The data half of the graph, whole: sources to release through Dagster, with the real teacher over HTTP.

One installation lives through the module: a first batch, the same batch again, a grown pack, a second batch.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing

import dagster as dg
import pytest

from jobs.growth import next_batch
from jobs.jobs import DATA, DATA_SET
from resources.lake.store import LakeStore
from tests import secrets_left
from tests.fresh_lakes import fresh_lake_of
from tests.paths_left import places_of
from wethink_assets.demo.pack.generate import add_images, generate
from wethink_assets.graph import build_definitions
from wethink_assets.lineage.lineage import walk
from wethink_assets.lineage.walk import UnknownIdError
from wethink_assets.memoisation import GO_ON_TAG
from wethink_assets.partitions import growth_batches
from wethink_assets.settings import ROLES, Settings, SourceSettings
from wethink_assets.sources.catalog import SOURCES
from wethink_assets.synthesis.registry import tables_written


class Installation:
    """A data folder, its lake and its Dagster instance."""

    def __init__(self, home) -> None:
        plain, keyed = Settings(home=home), {"api_key_env": secrets_left.KEY}
        endpoints = {role: plain.endpoint(role).model_copy(update=keyed) for role in ROLES}
        self.settings = Settings(home=home, sources=SourceSettings(quota=2), endpoints=endpoints)
        generate(self.settings.sample_pack_dir, images_per_source=2, seed=5, workers=1)
        (home / "dagster").mkdir()
        self.instance = dg.DagsterInstance.local_temp(str(home / "dagster"))
        fresh_lake_of(self.settings)
        self.lake = LakeStore(self.settings.lake_catalog, self.settings.lake_data_path)

    def grow(
        self, batch: str | None = None, tags: dict[str, str] | None = None
    ) -> tuple[str, dg.ExecuteInProcessResult]:
        batch = batch or next_batch(self.lake, self.instance)
        self.instance.add_dynamic_partitions(growth_batches.name, [batch])
        job = dg.define_asset_job("data", selection=DATA | DATA_SET, executor_def=dg.in_process_executor)
        definitions = dg.Definitions.merge(build_definitions(self.settings), dg.Definitions(jobs=[job]))
        result = definitions.resolve_job_def("data").execute_in_process(
            instance=self.instance, partition_key=batch, raise_on_error=True, tags=tags
        )
        return batch, result

    def table(self, name: str, batch: str | None = None) -> list[tuple]:
        where = " WHERE batch = $batch" if batch else ""
        rows = self.lake.sql(f"FROM {name}{where} ORDER BY ALL", **({"batch": batch} if batch else {}))
        return rows.drop([c for c in ("run_id", "committed_at", "seconds", "details") if c in rows.columns]).rows()

    def calls(self) -> set[str]:
        return set(self.lake.sql("SELECT call_id FROM calls")["call_id"])


# Without what is written only where it is asked for.
DATA_TABLES = (
    "source_images",
    "images",
    *(n for n in tables_written() if n not in ("blind_checks", "second_looks")),
    "verdicts",
)


@pytest.fixture(scope="module")
def installation(tmp_path_factory) -> Iterator[Installation]:
    """Its environment is full of marked secrets."""
    with secrets_left.marked_environment():
        installation = Installation(tmp_path_factory.mktemp("installation"))
        installation.watch = secrets_left.Watch()
        installation.first, installation.first_result = installation.grow()
        installation.watch.close()
        installation.instance = dg.DagsterInstance.ephemeral()  # of the later runs nobody searches the storage
        yield installation


def test_the_first_batch_ends_in_a_release(installation):
    assert installation.first_result.success
    counts = {name: len(installation.table(name, installation.first)) for name in DATA_TABLES}
    assert counts["source_images"] == len(SOURCES) * 2
    assert all(counts.values()), counts
    release = installation.lake.sql("FROM releases").to_dicts()
    assert len(release) == 1 and release[0]["rows"] == counts["samples"]


def test_every_asset_conserves_its_rows_and_every_stopped_row_has_a_reason(installation):
    for row in installation.lake.sql("FROM materializations").to_dicts():
        assert row["rows_in"] == row["continued"] + row["dropped"] + row["failed"], row["asset"]
    assert installation.lake.sql("SELECT count(*) AS n FROM verdicts WHERE trim(reason) = ''")["n"][0] == 0


def test_blocking_checks_were_evaluated_and_passed(installation):
    checks = installation.first_result.get_asset_check_evaluations()
    names = {(c.asset_key.to_user_string(), c.check_name) for c in checks}
    assert ("samples", "rows_conserved") in names and ("release", "rows_conserved") in names
    assert any(name == "image_pool" and check != "rows_conserved" for name, check in names)
    failed = [c for c in checks if not c.passed and c.severity == dg.AssetCheckSeverity.ERROR]
    assert not failed


def test_no_absolute_path_of_the_home_lies_anywhere_in_it(installation):
    home = installation.settings.home
    assert places_of(str(home), home) == []


@pytest.mark.long
def test_the_same_batch_again_pays_nothing_and_changes_nothing(installation):
    before = {name: installation.table(name, installation.first) for name in DATA_TABLES}
    calls = installation.calls()
    _, result = installation.grow(installation.first)
    assert result.success
    assert installation.calls() == calls
    assert {name: installation.table(name, installation.first) for name in DATA_TABLES} == before
    assert len(installation.table("releases")) == 1


def test_any_row_leads_up_to_its_file_and_down_to_its_release(installation):
    sample = installation.lake.sql("FROM samples ORDER BY sample_id LIMIT 1").to_dicts()[0]
    for key in ("sample_id", "question_id", "answer_id", "path_id", "image_id"):
        tree = walk(installation.lake, sample[key])
        text = "\n".join(_lines(tree))
        assert sample["source"] in text and sample["image_path"].rsplit("/", 1)[-1] in text
        assert "sample-teacher-vlm" in text and "cost" in text and "release" in text
    with pytest.raises(UnknownIdError, match="begins with 'nosuchid'"):
        walk(installation.lake, "nosuchid")


def test_a_dropped_image_says_why(installation):
    verdict = installation.lake.sql("FROM verdicts WHERE asset = 'image_pool' ORDER BY subject_id LIMIT 1").to_dicts()[
        0
    ]
    taken = installation.lake.sql(
        "SELECT image_id FROM source_images WHERE image_uri = $s OR image_id = $s LIMIT 1", s=verdict["subject_id"]
    )
    assert verdict["reason"] in "\n".join(_lines(walk(installation.lake, taken["image_id"][0])))


@pytest.mark.long
def test_a_second_batch_grows_the_release_and_leaves_the_first_alone(installation):
    before = {name: installation.table(name, installation.first) for name in DATA_TABLES}
    calls = installation.calls()
    old_images = {r[0] for r in installation.lake.sql("SELECT image_id FROM source_images").rows()}
    written = "SELECT DISTINCT run_id FROM samples WHERE batch = $batch"
    runs = installation.lake.sql(written, batch=installation.first).rows()
    add_images(installation.settings.sample_pack_dir, images_per_source=2, workers=1)
    second, result = installation.grow()
    assert result.success and second == "batch-0002"
    # nothing of the first batch is written, counted or decided again
    assert {name: installation.table(name, installation.first) for name in DATA_TABLES} == before
    assert installation.lake.sql(written, batch=installation.first).rows() == runs
    assert installation.lake.sql(written, batch=second).rows() == [(result.run_id,)]
    # nothing of the first batch is asked or paid again: every new call belongs to the second
    new = installation.lake.sql("SELECT call_id, batch, image_ids FROM calls").to_dicts()
    new = [c for c in new if c["call_id"] not in calls]
    assert new and {c["batch"] for c in new} == {second}
    assert not old_images & {i for c in new for i in c["image_ids"]}
    assert calls <= installation.calls()
    # the new files were taken, none twice, and the release holds both batches
    assert len(installation.table("source_images", second)) == len(SOURCES) * 2
    assert len({r[0] for r in installation.lake.sql("SELECT image_uri FROM source_images").rows()}) == len(SOURCES) * 4
    releases = installation.lake.sql("FROM releases ORDER BY rows").to_dicts()
    assert len(releases) == 2 and releases[1]["rows"] > releases[0]["rows"]
    assert sorted(releases[1]["batches"]) == [installation.first, second]


@pytest.mark.long
def test_a_run_that_goes_on_makes_only_what_is_not_made_of_the_same(installation):
    commits = "SELECT asset, run_id FROM materializations WHERE batch = $batch"
    before = dict(installation.lake.sql(commits, batch=installation.first).rows())
    # as if reasoning_paths had been made by other code
    installation.lake.alone(
        "UPDATE materializations SET details = '{}' WHERE asset = 'reasoning_paths' AND batch = $batch",
        batch=installation.first,
    )
    rows = {name: installation.table(name, installation.first) for name in DATA_TABLES}
    _, result = installation.grow(installation.first, {GO_ON_TAG: "yes"})
    after = dict(installation.lake.sql(commits, batch=installation.first).rows())
    again = {asset for asset in before if after[asset] == result.run_id}
    assert again == {"reasoning_paths"}, "its rows are what they were, so that nothing behind it is made again"
    assert all(after[asset] == run for asset, run in before.items() if after[asset] != result.run_id)
    assert {name: installation.table(name, installation.first) for name in DATA_TABLES} == rows
    # the steps that were left alone are there in the run, with their checks
    left = {e.asset_key.to_user_string() for e in result.get_asset_materialization_events() if e.asset_key}
    assert "image_pool" in left
    assert ("image_pool", "rows_conserved") in {
        (c.asset_key.to_user_string(), c.check_name) for c in result.get_asset_check_evaluations()
    }


def test_no_secret_is_left_in_files_rows_events_or_children(installation):
    """In runs that had them all, with Dagster's storage on disk."""
    seen = " ".join(installation.watch.seen)
    assert "wethink_assets.decoding.worker" in seen and "wethink_assets.demo.teacher" in seen
    assert not installation.watch.marked
    assert not secrets_left.left_in_files(installation.settings.home)
    assert not secrets_left.left_in_lake(installation.lake)


def test_the_search_for_secrets_finds_what_is_there(tmp_path):
    (tmp_path / "a.log").write_text(f"key: {secrets_left.MARK}")
    with closing(sqlite3.connect(tmp_path / "runs.db")) as con, con:
        con.execute("CREATE TABLE snapshots (body BLOB)")
        con.execute("INSERT INTO snapshots VALUES (?)", [zlib.compress(f"a{secrets_left.MARK}".encode())])
    assert secrets_left.left_in_files(tmp_path) == [f"{tmp_path}/a.log", f"{tmp_path}/runs.db: snapshots"]


def _lines(node) -> list[str]:
    return [node.text, *(line for child in node.children for line in _lines(child))]
