"""The ablation study of the latest release, for the command and the job: its rows, and its table and plot as files.

Belongs here: reading rows, writing the page. Does not belong here: which rows an arm takes (arms.py), training
(run.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from resources.lake.resource import Lake
from resources.scratch import scratch_folder
from resources.settings import SettingsResource
from wethink_assets.ablations.arms import Arm
from wethink_assets.ablations.report import markdown, plot, summary
from wethink_assets.ablations.run import Study, run
from wethink_assets.picture_files import PictureFiles
from wethink_assets.rewards.terms import load_terms
from wethink_assets.settings import Settings
from wethink_assets.training.release_rows import asked_rows, learned_rows, taught_rows
from wethink_assets.training.row_file import TrainingRow, read_windows


class ReleaseError(ValueError):
    """There is nothing to study; the message says what to make first."""


def study_release(
    settings: Settings,
    lake: Lake,
    folder: Path,
    arms: Sequence[Arm],
    seeds: Sequence[int],
    most_asked: int,
    say: Callable[[str], None],
) -> str:
    """Run what is missing of the study; returns its table as Markdown, which lies in `folder` with the plot.

    Raises:
        ReleaseError: there is nothing to study.
        WorkerFailedError: a policy could not be made; what was finished stays.
    """
    load_terms(settings.extensions)
    with scratch_folder(settings.scratch_dir, "ablations") as scratch:
        study = study_of(settings, lake, folder, scratch, most_asked)
    results = run(study, arms, seeds, say)
    plot(results, folder / "ablations.png")
    text = f"{summary(results)}\n\n{markdown(results)}"
    (folder / "ablations.md").write_text(f"# Ablations\n\n{text}\n\n![Accuracy of each arm](ablations.png)\n", "utf-8")
    return text


def study_of(settings: Settings, lake: Lake, folder: Path, scratch: Path, most_asked: int) -> Study:
    """The study of the latest release: all its training rows whose image is there, with what fine-tuning learns of each
    and the base policy's pass rate where there is one; at most so many held-out rows that rules score.

    Raises:
        ReleaseError: there is no release, or it has no row to learn from, or none to ask.
    """
    release = lake.rows("dataset/select_latest_release")
    if not release:
        raise ReleaseError("there is no release: materialise release, or run `wethink demo`")
    release_id = release[0]["release_id"]
    images = PictureFiles(lake=lake, settings=SettingsResource.of(settings))
    base = lake.rows("training/select_current_policy", asset="base_policy")
    bands = settings.pass_rates.model_copy(update={"band": (0.0, 1.0), "bands": {}})
    rates_of = base[0]["policy_id"] if base else ""
    file, *_ = learned_rows(lake, images, release_id, _below(scratch, "rl"), rates_of, bands, by_rate=True)
    taught, *_ = taught_rows(lake, images, release_id, _below(scratch, "sft"), settings.training.sft)
    replies = {row.sample_id: row.reply for row in _all(taught.path)}
    asking = settings.training.model_copy(update={"heldout_every": 1, "heldout_rows": most_asked})
    asked = asked_rows(lake, images, asking, release_id, _below(scratch, "asked"))
    rows = [replace(row, reply=replies.get(row.sample_id)) for row in _all(file.path)]
    heldout = _all(asked.path) if asked else []
    if not rows or not heldout:
        lacks = "training row whose image is there" if not rows else "held-out row that a rule scores"
        raise ReleaseError(f"release {release_id} has no {lacks}: the study needs both")
    judge = settings.endpoint("judge").model if file.judged else None
    return Study(folder.resolve(), settings.training, rows, heldout, settings, judge)


def _below(scratch: Path, name: str) -> Path:
    folder = scratch / name
    folder.mkdir()
    return folder


def _all(path: Path) -> list[TrainingRow]:
    return [row for window in read_windows(path) for row in window]
