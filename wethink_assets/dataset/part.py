"""Part of a release as a release of its own (subset): the rows of one whose pass rate lies in a band, such as the
hardest.

Belongs here: choosing rows of a release, and what is written of them, in which order. Does not belong here: rates
(pass_rates/), the form of an export (export.py).

The export is written first and the lake last, in one transaction. The same rows of one release are the same part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resources.lake.database import Memory
from resources.lake.spool import Spool
from resources.lake.store import LakeStore, Windows
from resources.lake.writes import Commit, Write
from wethink_assets.dataset import export, manifest
from wethink_assets.dataset.card import mix_plot
from wethink_assets.dataset.checkout import pictures_of
from wethink_assets.dataset.counts import COLUMNS, Counts
from wethink_assets.dataset.manifest import sha256_of
from wethink_assets.dataset.provenance import MADE, MANIFEST
from wethink_assets.dataset.release import Release, in_order
from wethink_assets.dataset.selection import Selected, Selection
from wethink_assets.dataset.why import PART_OF
from wethink_assets.decoding.pictures import PictureFile
from wethink_assets.presentation.markdown import cell
from wethink_assets.settings import Settings

ASSET = "release part"  # the author of its snapshot
ROUGH = """\
answers. Of few answers a rate is rough: table `pass_rates` of the lake says how many there were. What the rows are,
says the card of the whole release."""
_CHOSEN = ("sample_id", "image_id", "source", "split", "cluster_id", "marks")


class PartError(RuntimeError):
    """No part can be made; the message says why and what to do."""


@dataclass(frozen=True)
class Band:
    """Rows of a release by a policy's rates: sample ids with rates, from `low` to `high`, both included."""

    policy_id: str
    low: float
    high: float
    rates: Mapping[str, float]

    def holds(self, sample_id: str) -> bool | None:
        """Whether a row belongs to the part; None where it has no rate."""
        rate = self.rates.get(sample_id)
        return None if rate is None else self.low <= rate <= self.high


@dataclass(frozen=True)
class Part:
    """What was made, and of how many rows: `left_out` by reason."""

    release_id: str
    folder: Path
    rows: dict[str, int]
    left_out: dict[str, int]


def make(
    store: LakeStore,
    settings: Settings,
    release: Mapping[str, Any],
    rows: Windows,
    band: Band,
    find_picture: Callable[[str], PictureFile],
    scratch: Path,
) -> Part:
    """Make the part of `release`, whose `rows` come in the order of its export.

    Raises:
        PartError: no row lies in the band, all do, or an image is gone.
        ExportError: the export could not be written.
        LakeError: the lake could not.
    """
    snapshot = store.snapshot_id()
    selected, left_out = _chosen(rows, band)
    if not selected or not left_out:
        all_or_none = "every row" if selected else f"none of {rows.rows:,} rows"
        raise PartError(
            f"{all_or_none} of release {release['release_id']} has a pass rate of {band.policy_id} from {band.low:g} "
            f"to {band.high:g}: give another band, or measure more rows ([pass_rates] rows)"
        )
    made = Release(Selection(selected), [], [])
    release_id = made.selection.release_id
    own = in_order(made, rows, scratch / "rows", size=settings.synthesis.window_rows, memory=Memory.of(settings))
    counts = Counts(made, own.only(COLUMNS))
    told = {
        "release_id": release["release_id"],
        "policy_id": band.policy_id,
        "rates": [band.low, band.high],
        "left_out": left_out,
    }
    record = {"release_id": release_id, "rows": dict(Counter(row.split for row in selected)), PART_OF: told}
    folder = settings.releases_dir / release_id
    _export(settings, release, own, folder, counts, record, find_picture)
    _commit(store, settings, own, folder, counts, record, snapshot, scratch)
    return Part(release_id, folder, record["rows"], left_out)


def _chosen(rows: Windows, band: Band) -> tuple[list[Selected], dict[str, int]]:
    """The rows of the part, with places of their own, and how many others there are by reason."""
    places: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    selected = []
    for row in (row for window in rows.only(_CHOSEN) for row in window):
        inside = band.holds(row["sample_id"])
        if not inside:
            left_out["without_rate" if inside is None else "outside_band"] += 1
            continue
        cluster = row["cluster_id"] or row["image_id"]
        split, marks = row["split"], tuple(row["marks"] or ())
        selected.append(
            Selected(row["sample_id"], row["image_id"], row["source"], split, places[split], cluster, marks)
        )
        places[split] += 1
    return selected, dict(sorted(left_out.items()))


def _export(
    settings: Settings,
    release: Mapping[str, Any],
    rows: Windows,
    folder: Path,
    counts: Counts,
    record: Mapping[str, Any],
    find_picture: Callable[[str], PictureFile],
) -> None:
    contents = export.contents_of(rows)
    path_of = {image_id: path for path, image_id in contents.images.items()}
    pictures, lost = pictures_of(settings.home / release["path"], path_of, find_picture)
    if lost:
        raise PartError(f"{len(lost)} of {len(path_of)} images are gone; the first: {lost[min(lost)]}")
    copies = {image_id: picture.sha256 for image_id, picture in pictures.items() if picture.sha256 != image_id}
    documents = {"README.md": card(counts, record).encode("utf-8", "replace")}
    documents["mix.png"] = mix_plot(counts, counts.of("source"))
    export.write(
        folder,
        rows,
        lambda image_id: pictures[image_id].path,
        documents=documents,
        record=record,
        contents=contents,
        copies=copies,
    )


def _commit(
    store: LakeStore,
    settings: Settings,
    rows: Windows,
    folder: Path,
    counts: Counts,
    record: Mapping[str, Any],
    snapshot: int,
    scratch: Path,
) -> None:
    release_id, run_id = counts.release_id, f"part-{counts.release_id}"
    frozen = Spool("release_rows", scratch / "frozen")
    columns = [column.name for column in frozen.table.columns]
    for window in rows:
        frozen.append(
            [{n: row.get(n) for n in columns} | {"release_id": release_id, "run_id": run_id} for row in window]
        )
    path = folder.relative_to(settings.home) if folder.is_relative_to(settings.home) else folder
    row = {
        "release_id": release_id,
        "batches": counts.batches,
        "target": counts.rows,
        "rows": counts.rows,
        "train_rows": counts.rows_of("train"),
        "heldout_rows": counts.rows_of("heldout"),
        "config": {PART_OF: record[PART_OF], MADE: record, MANIFEST: sha256_of(folder / manifest.NAME)},
        "snapshot_id": snapshot,
        "path": str(path),
        "run_id": run_id,
    }
    own = {"release_id": release_id}
    store.write(
        Commit(ASSET, run_id=run_id),
        [Write("releases", [row], replace=own), Write("release_rows", frozen, replace=own)],
    )


def card(counts: Counts, record: Mapping[str, Any]) -> str:
    """The card as Markdown: of which release it is a part, by which rates, and its mix."""
    told = record[PART_OF]
    low, high = told["rates"]
    parts = [
        f"# Part of release {told['release_id']}: release {counts.release_id}",
        f"Rows that policy `{told['policy_id']}` answers rightly in {100 * low:g} to {100 * high:g} % of its sampled "
        + ROUGH,
        _table("rows", {**record["rows"], **{f"left out: {k}": n for k, n in told["left_out"].items()}}),
        "## Mix\n\n![Mix of sources](mix.png)",
        *(_table(column, counts.of(column)) for column in ("source", "category", "answer_type", "licence")),
    ]
    return "\n\n".join(parts) + "\n"


def _table(name: str, rows: Mapping[str, int]) -> str:
    lines = [f"| {name} | rows |", "|---|---|", *(f"| {cell(key, 400)} | {count:,} |" for key, count in rows.items())]
    return "\n".join(lines)
