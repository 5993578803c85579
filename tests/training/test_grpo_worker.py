"""The GRPO worker without a model: which checkpoint it goes on from."""

from __future__ import annotations

from wethink_assets.training.grpo_worker import last_checkpoint


def test_a_checkpoint_of_the_last_step_is_none_to_go_on_from(tmp_path):
    """The trainer would make one step more; the one before it, whole, is taken instead."""
    for step in (2, 4):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        (folder / "trainer_state.json").write_text("{}")
        for name in ("rng_state.pth", "latest"):
            (folder / name).write_bytes(b"")
    assert last_checkpoint(tmp_path, 1, 6).name == "checkpoint-4"
    assert last_checkpoint(tmp_path, 1, 4).name == "checkpoint-2"
    assert last_checkpoint(tmp_path, 2, 6) is None
