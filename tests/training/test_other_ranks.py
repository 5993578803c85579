"""A policy left unfinished on another number of ranks is found by what decides it, and by nothing else."""

from __future__ import annotations

from tests.training.test_checkpoints import checkpoint
from wethink_assets.settings import TrainingSettings
from wethink_assets.training.job import Job
from wethink_assets.training.other_ranks import in_words, unfinished_elsewhere


def job(home, policy_id, processes):
    return Job(policy_id, "rl", str(home), TrainingSettings().model_dump(mode="json"), processes=processes)


def same(ranks: int) -> str:
    return f"rl-same-{ranks}"


def left(home, policy_id, processes, step):
    run = job(home, policy_id, processes)
    run.write()
    checkpoint(run.work / "checkpoints", step, processes)


def test_the_furthest_run_of_the_same_policy_is_found_and_named(tmp_path):
    here = job(tmp_path, same(2), 2)
    assert unfinished_elsewhere(here, same) is None
    left(tmp_path, "rl-other-4", 4, 90)
    left(tmp_path, same(1), 1, 4)
    left(tmp_path, same(8), 8, 30)
    (tmp_path / "rl-broken.work").mkdir()
    (tmp_path / "rl-broken.work" / "job.json").write_text("{cut")
    other, step = unfinished_elsewhere(here, same)
    assert (other.policy_id, step) == (same(8), 30)
    line = in_words(here, other, step)
    assert "up to step 30 of 120 on 8 processes" in line and "training.processes = 8" in line and "\n" not in line


def test_a_run_that_can_go_on_or_is_finished_goes_its_way(tmp_path):
    left(tmp_path, same(1), 1, 4)
    here = job(tmp_path, same(2), 2)
    left(tmp_path, same(2), 2, 2)
    assert unfinished_elsewhere(here, same) is None
    finished = job(tmp_path, same(3), 3)
    assert unfinished_elsewhere(finished, same) is not None
    finished.folder.mkdir()
    assert unfinished_elsewhere(finished, same) is None
