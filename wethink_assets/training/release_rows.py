"""Rows of a release in files (training and held-out split): what a policy learns from, and is asked while it learns.

Belongs here: reading them from the lake with their pictures, a window at a time. Does not belong here: which rows are
fit (rows.py), the files (row_file.py), Dagster.
"""

from __future__ import annotations

from pathlib import Path

from wethink_assets.accounting import Stopped
from wethink_assets.gates import Reader
from wethink_assets.picture_files import PictureFiles
from wethink_assets.settings import PassRateSettings, SftSettings, TrainingSettings
from wethink_assets.training.row_file import WINDOW, RowFile, TrainingRow
from wethink_assets.training.rows import training_rows
from wethink_assets.training.sft import taught, with_replies


def learned_rows(
    lake: Reader,
    images: PictureFiles,
    release_id: str,
    folder: Path,
    base: str,
    bands: PassRateSettings,
    *,
    by_rate: bool = False,
) -> tuple[RowFile, list[Stopped], list[Stopped], int]:
    """The release's training rows in a file, those whose image is gone, those set aside, and how many there were.

    Where pass rates are measured, those of the policy `base` decide which rows it can learn from, and are kept where
    they put rows in order (`by_rate`).
    """
    rates: dict[str, float] = {}
    if bands.rows:
        rates = {row["sample_id"]: row["rate"] for row in lake.rows("pass_rates/select_rates", policy_id=base)}
    windows = lake.windows("dataset/select_training_rows", folder, size=WINDOW, release_id=release_id)
    failed: list[Stopped] = []
    aside: list[Stopped] = []
    with RowFile(folder / "rows.arrow") as file:
        for selected in windows:
            images.prefetch([row["image_id"] for row in selected], files=True)
            rows, gone, unfit = training_rows(selected, images.picture, rates, bands, by_rate=by_rate)
            file.append(rows)
            failed += gone
            aside += unfit
    return file, failed, aside, windows.rows


def taught_rows(
    lake: Reader, images: PictureFiles, release_id: str, folder: Path, sft: SftSettings
) -> tuple[RowFile, list[str], list[Stopped], list[Stopped], int]:
    """The release's training rows with the reply that each teaches, in a file; their sample ids; the other three as of
    learned_rows.
    """
    windows = lake.windows("dataset/select_training_rows", folder, size=WINDOW, release_id=release_id)
    ids: list[str] = []
    failed: list[Stopped] = []
    aside: list[Stopped] = []
    with RowFile(folder / "rows.arrow") as file:
        for selected in windows:
            replies, none = taught(selected, sft.max_reply_chars)
            teaching = [row for row in selected if row["problem"] is None or row["sample_id"] in replies]
            images.prefetch([row["image_id"] for row in teaching], files=True)
            rows, gone, unfit = training_rows(teaching, images.picture)
            file.append(with_replies(rows, replies))
            ids += [row.sample_id for row in rows]
            failed += gone
            aside += [*none, *unfit]
    return file, ids, failed, aside, windows.rows


def asked_rows(
    lake: Reader, images: PictureFiles, training: TrainingSettings, release_id: str, folder: Path
) -> RowFile | None:
    """The first held-out rows that a rule scores, so that asking them costs no judge; None where none are asked."""
    if not training.heldout_every:
        return None
    chosen: list[TrainingRow] = []
    for selected in lake.windows("dataset/select_heldout_rows", folder, size=WINDOW, release_id=release_id):
        ruled = [row for row in selected if row["reward"] == "rule"][: training.heldout_rows - len(chosen)]
        images.prefetch([row["image_id"] for row in ruled], files=True)
        chosen += training_rows(ruled, images.picture)[0]
        if len(chosen) >= training.heldout_rows:
            break
    with RowFile(folder / "heldout.arrow") as file:
        file.append(chosen)
    return file
