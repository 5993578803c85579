"""Folders of policies: complete or not there, and their line files after a crash."""

from __future__ import annotations

from wethink_assets.settings import TrainingSettings
from wethink_assets.training.job import MANIFEST, Job, read_lines, read_manifest


def test_a_folder_is_complete_or_not_there(tmp_path):
    job = Job("rl-1", "rl", str(tmp_path), TrainingSettings().model_dump(mode="json"), manifest={"note": 1})
    rows = tmp_path / "rows.arrow"
    rows.write_bytes(b"rows")
    path = job.write(rows)
    assert Job.read(path) == job and job.rows_file.read_bytes() == b"rows"
    rows.write_bytes(b"the same rows, whose images lie elsewhere after a kill")
    job.write(rows)
    assert job.rows_file.read_bytes() == rows.read_bytes()
    assert read_manifest(job.folder) is None
    folder = job.work / "made"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"weights")
    job.finish(folder, {"seconds": 1.0})
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
    path.write_bytes('{"a": 1}\n{"a": "ü'.encode()[:-1])
    assert list(read_lines(path)) == [{"a": 1}], "also where it is cut within a character"
    assert list(read_lines(tmp_path / "absent")) == []
