"""The rows of an ablation study from the latest release: what is learned from, and what is asked.

Belongs here: reading them. Does not belong here: which of them an arm takes (arms.py).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from resources.lake.resource import Lake
from resources.settings import SettingsResource
from wethink_assets.ablations.run import Study
from wethink_assets.picture_files import PictureFiles
from wethink_assets.settings import Settings
from wethink_assets.training.release_rows import asked_rows, learned_rows, taught_rows
from wethink_assets.training.row_file import TrainingRow, read_windows


class ReleaseError(ValueError):
    """There is nothing to study; the message says what to make first."""


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
