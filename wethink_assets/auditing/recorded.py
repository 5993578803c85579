"""Verdicts in the lake (annotation store): recorded, taken back, and reported for a release.

Belongs here: what of audits is read and written, for the command and the explorer alike. Does not belong here: the
estimate (estimate.py), how it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from resources.lake.store import LakeStore
from resources.lake.writes import Commit, Write
from wethink_assets.auditing.estimate import Report, report
from wethink_assets.auditing.sample import Stratum
from wethink_assets.auditing.verdicts import Judged
from wethink_assets.written_rows import AuditVerdictRow

TABLE = "audit_verdicts"


class NotInReleaseError(LookupError):
    """Samples that a release does not hold. `samples`: their ids, in the order given."""

    def __init__(self, release_id: str, samples: Sequence[str]) -> None:
        super().__init__(f"{len(samples):,} samples are not in release {release_id}, the first: {samples[0][:64]!r}")
        self.samples = tuple(samples)

    def __str__(self) -> str:
        return str(self.args[0])


def verdicts_of(lake: LakeStore, release_id: str) -> list[dict[str, Any]]:
    """What people said of a release's rows, each with its source and category."""
    return lake.rows("auditing/select_verdicts", release_id=release_id)


def strata_of(lake: LakeStore, release_id: str) -> dict[Stratum, int]:
    """The rows of a release by source and category."""
    rows = lake.rows("auditing/count_strata", release_id=release_id)
    return {(row["source"], row["category"]): row["rows"] for row in rows}


def report_of(lake: LakeStore, release_id: str) -> Report:
    """What the audit of a release comes to, as the lake is now."""
    return report(verdicts_of(lake, release_id), strata_of(lake, release_id))


def record(lake: LakeStore, release_id: str, person: str, judged: Sequence[Judged]) -> datetime:
    """Write a person's verdicts, all or none, in one snapshot; each takes the place of an earlier one of the person.

    Returns their `recorded_at`.

    Raises:
        NotInReleaseError: the release does not hold all of the samples.
        LakeError: the lake could not be written.
    """
    ids = [one.sample_id for one in judged]
    known = {row["sample_id"] for row in lake.rows("auditing/select_known_rows", release_id=release_id, ids=ids)}
    if unknown := [sample_id for sample_id in ids if sample_id not in known]:
        raise NotInReleaseError(release_id, unknown)
    now = datetime.now(UTC)
    rows: list[AuditVerdictRow] = [
        {
            "sample_id": one.sample_id,
            "person": person,
            "release_id": release_id,
            "verdict": one.verdict,
            "note": one.note,
            "recorded_at": now,
        }
        for one in judged
    ]
    lake.write(Commit(TABLE), [Write(TABLE, rows, mode="upsert")])
    return now


def verdict_of(lake: LakeStore, person: str, sample_id: str) -> dict[str, Any] | None:
    """A row of the table: what a person says of a sample now."""
    rows = lake.rows("auditing/select_verdict", person=person, sample_id=sample_id)
    return rows[0] if rows else None


def put_back(lake: LakeStore, row: dict[str, Any]) -> None:
    """Write a row as `verdict_of` gave it, in place of what the person says now.

    Raises:
        LakeError: the lake could not be written.
    """
    lake.write(Commit(TABLE), [Write(TABLE, [row], mode="upsert")])


def take_back(lake: LakeStore, person: str, sample_id: str) -> bool:
    """Remove a person's verdict on a sample; whether there was one.

    Raises:
        LakeError: the lake could not be written.
    """
    return lake.change(Commit(TABLE), "auditing/delete_verdict", person=person, sample_id=sample_id) > 0
