"""The databases of Dagster's event log stay open in a run: opened once, committed as often, closed at the end."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from jobs.run_history import MOST_OPEN, kept_open


@dg.asset
def one():
    return 1


@pytest.fixture
def instance(tmp_path):
    (tmp_path / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        yield instance


def links_of(folder: Path) -> list[str]:
    """The databases below `folder` that this process has open."""
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the listing's own is gone
            found.append(str(descriptor.readlink()))
    return [link for link in found if link.startswith(str(folder)) and link.endswith(".db")]


def test_a_run_opens_two_databases_once_and_leaves_what_a_run_without_it_leaves(instance, tmp_path, monkeypatch):
    plain = dg.materialize([one], instance=instance)
    opened = []
    original = sqlite3.dbapi2.connect
    monkeypatch.setattr(sqlite3.dbapi2, "connect", lambda *a, **k: opened.append(a[0]) or original(*a, **k))
    with kept_open(instance), kept_open(instance):
        kept = dg.materialize([one], instance=instance)
        still = set(links_of(tmp_path / "history"))
        assert {Path(link).stem for link in still} >= {"index", kept.run_id}
        reader = sqlite3.connect(str(tmp_path / "history" / "runs" / f"{kept.run_id}.db"))
        stored = reader.execute("SELECT dagster_event_type FROM event_logs ORDER BY id").fetchall()
        reader.close()
    events = [record.event_log_entry.dagster_event_type for record in _all(instance, kept.run_id)]
    assert [kind for (kind,) in stored] == [kind.value if kind else None for kind in events]  # committed, not held back
    assert events == [record.event_log_entry.dagster_event_type for record in _all(instance, plain.run_id)]
    history = [
        name for name in opened if "history" in str(name) and str(name).endswith(("index.db", f"{kept.run_id}.db"))
    ]
    assert len(history) <= 4, history  # the two, and what Dagster asks outside of its events
    assert instance.get_latest_materialization_event(one.key).run_id == kept.run_id


def test_after_an_error_the_next_use_opens_anew_and_nothing_of_it_stays(instance):
    storage = instance.event_log_storage
    with kept_open(instance):
        with pytest.raises(ZeroDivisionError):
            _fail_within(storage)
        assert instance.get_dynamic_partitions("p") == []
        instance.add_dynamic_partitions("p", ["y"])
        assert instance.get_dynamic_partitions("p") == ["y"]
    assert instance.get_dynamic_partitions("p") == ["y"]


def test_few_databases_are_open_at_once(instance, tmp_path):
    with kept_open(instance):
        for number in range(MOST_OPEN + 3):
            with instance.event_log_storage.run_connection(f"run-{number}"):
                pass
        assert len(links_of(tmp_path)) == MOST_OPEN
    assert links_of(tmp_path) == []


def test_dagster_still_has_what_is_replaced():
    own = SqliteEventLogStorage
    assert "_db_lock" in own.__init__.__code__.co_names
    names = own._connect.__wrapped__.__code__.co_names
    assert {"conn_string_for_shard", "_initialized_dbs", "_initdb", "begin"} <= set(names)


def _all(instance, run_id):
    return instance.event_log_storage.get_records_for_run(run_id).records


def _fail_within(storage):
    with storage.index_connection() as connection:
        connection.exec_driver_sql("INSERT INTO dynamic_partitions (partitions_def_name, partition) VALUES ('p', 'x')")
        raise ZeroDivisionError
