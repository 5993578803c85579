"""Checkpoints: which one a killed run goes on from, and which are kept."""

from __future__ import annotations

import json

import pytest

from wethink_assets.training.checkpoints import SEAL, complete, keep_newest, last_checkpoint, seal


def checkpoint(folder, step, processes=1, *, sealed=True):
    path = folder / f"checkpoint-{step}"
    (path / f"global_step{step}").mkdir(parents=True)
    (path / "trainer_state.json").write_text("{}")
    for rank in range(processes):
        (path / f"global_step{step}" / f"rank_{rank}_optim_states.pt").write_bytes(b"states")
        (path / f"rng_state_{rank}.pth").write_bytes(b"random")
    if sealed:
        seal(path, processes)
    return path


def test_a_checkpoint_of_the_last_step_is_none_to_go_on_from(tmp_path):
    """The trainer would make one step more; the one before it, whole, is taken instead."""
    for step in (2, 4, 10):
        checkpoint(tmp_path, step)
    assert last_checkpoint(tmp_path, 1, 12).name == "checkpoint-10", "by number, not by name"
    assert last_checkpoint(tmp_path, 1, 10).name == "checkpoint-4"
    assert last_checkpoint(tmp_path, 2, 12) is None, "parts of another number of processes do not fit"
    assert last_checkpoint(tmp_path / "absent", 1, 12) is None


def test_files_alone_do_not_make_a_checkpoint(tmp_path):
    """All files of it are there, and yet the other process may be in the middle of one of them."""
    checkpoint(tmp_path, 2, 2)
    checkpoint(tmp_path, 4, 2, sealed=False)
    assert last_checkpoint(tmp_path, 2, 9).name == "checkpoint-2"


@pytest.mark.parametrize("harm", ["cut", "gone", "seal cut", "seal of nothing"])
def test_a_checkpoint_that_was_harmed_is_not_gone_on_from(tmp_path, harm):
    checkpoint(tmp_path, 2)
    path = checkpoint(tmp_path, 4)
    if harm == "cut":
        (path / "rng_state_0.pth").write_bytes(b"ran")
    elif harm == "gone":
        (path / "global_step4" / "rank_0_optim_states.pt").unlink()
    else:
        text = (path / SEAL).read_text()
        (path / SEAL).write_text(text[:-3] if harm == "seal cut" else json.dumps([]))
    assert last_checkpoint(tmp_path, 1, 9).name == "checkpoint-2"


def test_the_newest_complete_ones_are_kept_and_an_unfinished_one_is_not_among_them(tmp_path):
    for step in (2, 4, 6):
        checkpoint(tmp_path, step)
    checkpoint(tmp_path, 8, sealed=False)
    keep_newest(tmp_path, 2)
    assert [p.name for p in complete(tmp_path)] == ["checkpoint-6", "checkpoint-4"]
    assert len(list(tmp_path.iterdir())) == 2
