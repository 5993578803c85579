"""Folders of policies: complete or not there, and their line files after a crash."""

from __future__ import annotations

from wethink_assets.settings import TrainingSettings
from wethink_assets.training.job import MANIFEST, Job, read_lines, read_manifest
from wethink_assets.training.row_file import RowFile, TrainingRow, read_windows


def test_a_folder_is_complete_or_not_there(tmp_path):
    job = Job("rl-1", "rl", str(tmp_path), TrainingSettings().model_dump(mode="json"), manifest={"note": 1})
    rows = tmp_path / "rows.arrow"
    for image in ("/a.png", "/the same, which lies elsewhere after a kill.png"):
        with RowFile(rows) as file:
            file.append([TrainingRow("s", "p", "a", "{}", "c", "rule", "i", image)])
        assert Job.read(job.write(rows)) == job and job.rows_file.read_bytes() == rows.read_bytes()
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


def test_the_job_of_a_home_that_was_moved_names_the_new_one_and_the_file_none(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new home"
    settings = {"home": str(old), "lake": {"catalog": f"sqlite:{old}/lake/c.sqlite", "data_path": "s3://b/old"}}
    places = ["/elsewhere", f"{old}-beside", str(old / "x")]
    job = Job("rl-1", "rl", str(old / "policies"), {"places": places}, str(old / "policies/base-1"), settings)
    old.mkdir()
    with RowFile(old / "rows.arrow") as file:
        images = [str(old / "images/a.png"), f"{old}-beside/a.png"]
        file.append(TrainingRow("s", "p", "a", "{}", "c", "rule", "i", image) for image in images)
    path = job.write(old / "rows.arrow")
    assert f"{old}/" not in path.read_text() and Job.read(path) == job
    assert [row.image for (*rows,) in read_windows(job.rows_file) for row in rows] == ["images/a.png", images[1]]
    old.rename(new)
    there = Job.read(new / "policies/rl-1.work/job.json")
    assert there.work == new / "policies/rl-1.work" and there.base_path == str(new / "policies/base-1")
    assert there.settings == {
        "home": str(new),
        "lake": {"catalog": f"sqlite:{new}/lake/c.sqlite", "data_path": "s3://b/old"},
    }
    assert there.training["places"] == ["/elsewhere", f"{old}-beside", str(new / "x")]
