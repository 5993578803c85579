"""Ids of policies, configured checkpoints, folders of policies, and what is shown of a run."""

from __future__ import annotations

import json

import pytest

from wethink_assets.settings import TrainingSettings
from wethink_assets.training import identity, metadata
from wethink_assets.training.job import MANIFEST, Job, TrainingRow, read_lines, read_manifest


def test_the_id_of_a_policy_changes_with_what_makes_it_and_only_with_that():
    plain = TrainingSettings()
    made = identity.rl_id("base-1", "w", "release", plain, None)
    assert made == identity.rl_id("base-1", "w", "release", plain.model_copy(update={"threads": 7}), None)
    for other in (
        identity.rl_id("base-2", "w", "release", plain, None),
        identity.rl_id("base-1", "v", "release", plain, None),
        identity.rl_id("base-1", "w", "other", plain, None),
        identity.rl_id("base-1", "w", "release", plain, "judge"),
        identity.rl_id("base-1", "w", "release", plain.model_copy(update={"learning_rate": 1e-6}), None),
    ):
        assert other != made
    assert identity.base_id(plain) == identity.base_id(plain.model_copy(update={"steps": 3}))
    assert identity.base_id(plain) != identity.base_id(plain.model_copy(update={"seed": 3}))


def checkpoint(folder, **config):
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "model.safetensors").write_bytes(b"x")
    return str(folder)


def test_a_configured_checkpoint_must_take_images(tmp_path):
    good = checkpoint(tmp_path / "good", model_type="qwen2_5_vl", vision_config={})
    assert identity.inspect_checkpoint(good)["weights"] == [["model.safetensors", 1]]
    assert identity.inspect_checkpoint("Qwen/Qwen2.5-VL-7B-Instruct") == {"hub": "Qwen/Qwen2.5-VL-7B-Instruct"}
    text = checkpoint(tmp_path / "text", model_type="llama")
    with pytest.raises(identity.BaseError, match="llama model, which takes no images"):
        identity.inspect_checkpoint(text)
    with pytest.raises(identity.BaseError, match="neither a folder nor a hub name"):
        identity.inspect_checkpoint(str(tmp_path / "absent"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(identity.BaseError, match="config.json"):
        identity.inspect_checkpoint(str(tmp_path / "empty"))
    (tmp_path / "good" / "model.safetensors").unlink()
    with pytest.raises(identity.BaseError, match="safetensors"):
        identity.inspect_checkpoint(good)


def test_a_folder_is_complete_or_not_there(tmp_path):
    job = Job("rl-1", "rl", str(tmp_path), TrainingSettings().model_dump(mode="json"), manifest={"note": 1})
    row = TrainingRow("s", "What?", "red", "{}", "FIB", "rule", "i", "/x.png")
    path = job.write([row])
    assert Job.read(path) == job and job.rows() == [row]
    assert read_manifest(job.folder) is None
    made = job.work / "made"
    made.mkdir()
    (made / "model.safetensors").write_bytes(b"weights")
    job.finish(made, {"seconds": 1.0})
    manifest = read_manifest(job.folder)
    assert manifest["policy_id"] == "rl-1" and manifest["note"] == 1 and not job.work.exists()
    (job.folder / "model.safetensors").write_bytes(b"other")
    assert read_manifest(job.folder) is None, "altered weights are not the policy"
    (job.folder / MANIFEST).write_text("{cut")
    assert read_manifest(job.folder) is None


def test_a_line_that_a_crash_cut_off_is_left_out(tmp_path):
    path = tmp_path / "lines.jsonl"
    path.write_text('{"a": 1}\n{"a": ')
    assert list(read_lines(path)) == [{"a": 1}]
    assert list(read_lines(tmp_path / "absent")) == []


def test_plots_and_examples_are_small_and_survive_hostile_text():
    steps = [{"step": i, "metrics": {"reward": i / 10, "loss": None}} for i in range(1, 11)]
    picture = metadata.curves(steps, {"reward": "reward", "loss": "loss"}, "Reward")
    assert picture.startswith("![Reward](data:image/png;base64,") and len(picture) < 100_000
    assert metadata.rise(steps) == (pytest.approx(0.15), pytest.approx(0.95))
    assert metadata.rise([]) == (0.0, 0.0)
    rollouts = [
        {"sample_id": "s", "member": 0, "step": step, "completion": "<script>|`*\n" * 99, "reward": reward}
        for step, reward in ((1, None), (2, 0.3))
    ]
    table = metadata.examples(rollouts, {"s": ("Which | one?", "<b>")})
    assert len(table.splitlines()) == 3 and "<script>" not in table and "left out" in table and "0.30" in table


def test_a_checkpoint_of_the_last_step_is_none_to_go_on_from(tmp_path):
    """The trainer would make one step more; the one before it, whole, is taken instead."""
    from wethink_assets.training.grpo_worker import last_checkpoint

    for step in (2, 4):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        (folder / "trainer_state.json").write_text("{}")
        for name in ("rng_state.pth", "latest"):
            (folder / name).write_bytes(b"")
    assert last_checkpoint(tmp_path, 1, 6).name == "checkpoint-4"
    assert last_checkpoint(tmp_path, 1, 4).name == "checkpoint-2"
    assert last_checkpoint(tmp_path, 2, 6) is None
