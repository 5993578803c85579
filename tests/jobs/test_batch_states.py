"""Growth batches as people see them: how far each has come, what is to be gone on with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from jobs.batch_states import UnknownBatchError, batch_states, choose
from resources.lake.store import Commit, Write
from resources.workers.process_identity import ProcessIdentity
from tests.jobs.runs import past_run
from wethink_assets.partitions import GROWTH_BATCH
from wethink_assets.settings import Settings
from wethink_assets.sources.batches import begin_batch
from wethink_assets.sources.catalog import SOURCES

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ONE = Settings(sources={"paused": tuple(s.key for s in SOURCES if s.key not in ("coco", "geoqa+"))})


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as one:
        yield one


def done(lake, batch: str, asset: str, minute: int, rows: int = 3, **details) -> None:
    """The asset's accounting row, as if committed at this minute."""
    row = {
        "asset": asset,
        "batch": batch,
        "run_id": "r",
        "rows_in": rows,
        "continued": rows,
        "dropped": 0,
        "failed": 0,
        "rows_written": rows,
        "seconds": 0.0,
        "committed_at": NOW + timedelta(minutes=minute),
        "details": details,
    }
    writes = [Write("materializations", [row], replace={"asset": asset, "batch": batch})]
    lake.write(Commit(asset, batch, "r"), [*writes, *(begin_batch(lake, batch, {}) if batch else ())])


def states_of(lake, instance):
    return {s.batch: s for s in batch_states(lake, instance, ONE)}


def test_a_batch_comes_from_nothing_to_a_release_and_may_fall_back(lake, instance):
    instance.add_dynamic_partitions(GROWTH_BATCH, ["batch-0001"])
    assert states_of(lake, instance)["batch-0001"].state == "not begun"
    done(lake, "batch-0001", "sources/coco", 1)
    half = states_of(lake, instance)["batch-0001"]
    assert (half.state, half.sources, half.missing, half.filled) == ("incomplete", ("coco",), ("geoqa+",), 1)
    done(lake, "batch-0001", "sources/geoqa_plus", 2)
    done(lake, "batch-0001", "samples", 3, rows=2)
    one = states_of(lake, instance)["batch-0001"]
    assert (one.state, one.missing, one.samples, one.released) == ("data finished", (), 2, 0)
    assert one.unfinished(whole=True) and not one.unfinished(whole=False)
    done(lake, "", "release", 4, release_id="rel")
    in_release = {
        "release_id": "rel",
        "sample_id": "s",
        "image_id": "i",
        "split": "train",
        "position": 0,
        "run_id": "r",
        "batch": "batch-0001",
    }
    release = {
        "release_id": "rel",
        "batches": ["batch-0001"],
        "target": 1,
        "rows": 1,
        "train_rows": 1,
        "heldout_rows": 0,
        "config": {},
        "snapshot_id": 1,
        "path": "releases/rel",
        "run_id": "r",
    }
    lake.write(Commit("release", "", "r"), [Write("releases", [release]), Write("release_rows", [in_release])])
    done(lake, "", "scoreboard", 5)
    whole = states_of(lake, instance)["batch-0001"]
    assert (whole.state, whole.released) == ("finished", 1) and not whole.unfinished(whole=True)
    done(lake, "batch-0001", "sources/coco", 6)
    assert states_of(lake, instance)["batch-0001"].state == "filled later"


def test_the_failed_step_and_the_end_of_a_killed_run_are_told(lake, instance):
    done(lake, "batch-0001", "sources/coco", 1)
    run = past_run(instance, "batch-0001", dg.DagsterRunStatus.STARTED)
    here = ProcessIdentity.here()
    instance.add_run_tags(run.run_id, {"wethink/process": f"{run.run_id} {here}"})
    assert states_of(lake, instance)["batch-0001"].state == "under way"
    instance.report_run_failed(instance.get_run_by_id(run.run_id), "it was killed: out of memory")
    state = states_of(lake, instance)["batch-0001"]
    assert state.state == "incomplete" and "it was killed: out of memory" in state.why and state.run_id == run.run_id


def test_the_newest_unfinished_batch_is_gone_on_with_unless_another_is_named(lake, instance):
    def chosen(asked, *, whole):
        return choose(lake, instance, batch_states(lake, instance, ONE), asked, whole=whole)[0]

    assert chosen(None, whole=True) == "batch-0001"
    done(lake, "batch-0001", "sources/coco", 1)
    done(lake, "batch-0002", "sources/coco", 2)
    assert chosen(None, whole=False) == "batch-0002" and chosen("new", whole=False) == "batch-0003"
    done(lake, "batch-0002", "samples", 3)
    assert chosen(None, whole=False) == "batch-0001" and chosen(None, whole=True) == "batch-0002"
    done(lake, "batch-0001", "samples", 4)
    assert chosen(None, whole=False) == "batch-0003" and chosen("batch-0001", whole=True) == "batch-0001"
    with pytest.raises(UnknownBatchError, match=r"batch-0001, batch-0002.*`--batch new` opens batch-0003"):
        chosen("batch-000l", whole=True)
