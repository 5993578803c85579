"""Audit of the image pool: recall and precision of its rules against the defects that a sample pack planted.

Belongs here: reading the record of planted defects and counting what was found, missed and wrongly dropped. Pure.
Does not belong here: any rule (images/pool.py). With real data there is no such record, and nothing is measured.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PLANTED_FILE = "planted.jsonl"
GOOD_ENOUGH = 0.9  # recall and precision that the check of planted defects asks for [D]


@dataclass(frozen=True)
class Measured:
    """How well one kind of planted defect was found. None where nothing of the kind was there or was dropped."""

    kind: str
    planted: int
    detected: int
    dropped: int
    right: int
    missed: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    @property
    def good_enough(self) -> bool:
        """Recall and precision of at least `GOOD_ENOUGH`, where they are known.

        One near-duplicate may be missed in a small batch: a crop can change more bits than the search allows.
        """
        enough = self.recall is None or self.recall >= GOOD_ENOUGH
        enough |= self.kind == "near_duplicate" and self.planted - self.detected <= 1
        return enough and (self.precision is None or self.precision >= GOOD_ENOUGH)

    @property
    def recall(self) -> float | None:
        return self.detected / self.planted if self.planted else None

    @property
    def precision(self) -> float | None:
        return self.right / self.dropped if self.dropped else None


def read_planted(truth_dir: Path | None) -> list[dict[str, Any]]:
    """What a sample pack planted, one row per defect; [] where no truth is known.

    Raises:
        ValueError: a line of the record is no JSON.
    """
    path = truth_dir / PLANTED_FILE if truth_dir else None
    if path is None or not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def measure(
    planted: Sequence[Mapping[str, Any]],
    *,
    taken: Iterable[str],
    kept: Iterable[str],
    dropped: Mapping[str, str],
    failed: Mapping[str, str],
    others: Mapping[str, bool],
) -> list[Measured]:
    """Recall and precision of a batch's decisions on files, which are named by their URIs.

    `taken` are the batch's files, `kept` the canonical ones of the images that it brought to the pool, `dropped` and
    `failed` the others with the reason. `others` are the files of all other batches and whether the pool holds them. A
    planted pair counts once both files were taken, one of them in this batch; it was found when they are not both in
    the pool. A drop is right when the truth ties the file, directly or through others, to such a defect. A look-alike
    counts as found where it was not taken for a copy.
    """
    uris = set(taken)
    kept = set(kept) | {uri for uri, held in others.items() if held}
    known = uris | others.keys()
    stopped = {**dropped, **failed}
    tied = _ties(planted)
    measured = []
    for kind in ("exact_duplicate", "near_duplicate"):
        here = [
            p
            for p in planted
            if p["kind"] == kind and {p["image_uri"], p["of"]} <= known and {p["image_uri"], p["of"]} & uris
        ]
        measured.append(_measured(kind, here, [p for p in here if {p["image_uri"], p["of"]} <= kept], stopped, tied))
    for kind in ("benchmark_image", "benchmark_question"):
        here = [p for p in planted if p["kind"] == kind and p["image_uri"] in uris]
        measured.append(_measured(kind, here, [p for p in here if p["image_uri"] in kept], stopped, tied))
    alike = [p for p in planted if p["kind"] == "look_alike" and p["image_uri"] in uris and p["of"] in known]
    gone = [p["image_uri"] for p in alike if stopped.get(p["image_uri"]) in ("near_duplicate", "benchmark_image")]
    measured.append(Measured("look_alike", len(alike), len(alike) - len(gone), 0, 0, tuple(gone)))
    bad = {p["image_uri"] for p in planted if p["kind"] == "unreadable"} & uris
    lost = set(failed)
    measured.append(
        Measured(
            "unreadable",
            len(bad),
            len(bad & lost),
            len(lost),
            len(bad & lost),
            tuple(sorted(bad - lost)),
            tuple(sorted(lost - bad)),
        )
    )
    return measured


def _measured(
    kind: str,
    here: Sequence[Mapping[str, Any]],
    missed: Sequence[Mapping[str, Any]],
    stopped: Mapping[str, str],
    tied: Mapping[str, set[str]],
) -> Measured:
    drops = [uri for uri, reason in stopped.items() if reason == kind]
    wrong = tuple(uri for uri in drops if kind not in tied.get(uri, ()))
    names = tuple(p["image_uri"] for p in missed)
    return Measured(kind, len(here), len(here) - len(missed), len(drops), len(drops) - len(wrong), names, wrong)


def _ties(planted: Sequence[Mapping[str, Any]]) -> dict[str, set[str]]:
    """Kinds of defect of each file's family: files that are copies of one another, through any number of steps."""
    family: dict[str, str] = {}

    def head(uri: str) -> str:
        while family.setdefault(uri, uri) != uri:
            uri = family[uri]
        return uri

    for plant in planted:
        if plant["kind"] in ("exact_duplicate", "near_duplicate"):
            family[head(plant["image_uri"])] = head(plant["of"])
        else:
            head(plant["image_uri"])
    kinds: dict[str, set[str]] = {}
    for plant in planted:
        kinds.setdefault(head(plant["image_uri"]), set()).add(plant["kind"])
    return {uri: kinds.get(head(uri), set()) for uri in list(family)}


def in_words(measured: Sequence[Measured]) -> str:
    """One line per kind of planted defect."""
    lines = []
    for m in measured:
        precision = "" if m.precision is None else f", {m.right} of {m.dropped} drops right"
        missed = f"; missed {', '.join(m.missed[:3])}" if m.missed else ""
        lines.append(f"{m.kind}: {m.detected} of {m.planted} found{precision}{missed}")
    return "\n".join(lines)
