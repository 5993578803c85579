"""Why a row is in a release or not (provenance query): for a source file, image, question, answer or sample.

Belongs here: from an id to what became of it. Does not belong here: the whole tree of links (wethink_assets/lineage/),
printing (cli/releases.py).

Verdicts are those of the last run of each batch; of selection, those of the last release. Of an older release it can
only be said that it does not hold the row.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Row = dict[str, Any]
SELECTION = "release"  # the asset whose verdicts are on samples that did not get in
AMBIGUOUS = 10  # candidates that a message names
MIN_PREFIX = 6  # characters of an id
IMPORTED = "imported"  # in the config of a release that others published
PART_OF = "part_of"  # in that of a release that is a part of another one


class Reads(Protocol):
    """The lake, as far as it is needed here."""

    def rows(self, name: str, **parameters: Any) -> list[Row]: ...


class UnknownSubjectError(LookupError):
    """The lake knows nothing of this name, or too much."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Fate:
    """What became of one image or question.

    `where` is the place in the release, empty where it has none; `because` the stage that stopped it, and its reason.
    """

    kind: str
    id: str
    text: str
    batch: str
    where: str
    because: str

    @property
    def released(self) -> bool:
        return bool(self.where)


@dataclass(frozen=True)
class Why:
    """The answer about one subject: fates of its image files first, then of its questions."""

    subject: str
    release_id: str
    fates: tuple[Fate, ...]

    @property
    def released(self) -> int:
        return sum(fate.released for fate in self.fates)


def why(lake: Reads, name: str, release: Row) -> Why:
    """Whether `name` is in a release, and if not where it stopped.

    `name` is a file (`coco/train2017/1.jpg`, or its last parts), or the beginning of an id.

    Raises:
        UnknownSubjectError: nothing, or several things, go by this name.
    """
    release_id = release["release_id"]
    if IMPORTED in json.loads(release["config"] or "{}"):
        return _of_import(lake, name, release_id)
    if len(name) < MIN_PREFIX and "." not in name:
        raise UnknownSubjectError(f"{name!r} is too short: give at least {MIN_PREFIX} characters of an id, or a file")
    found = lake.rows("dataset/find_subjects", subject=name, release_id=release_id)
    if not found:
        return _never_an_image(lake, name, release_id)
    images = sorted({row["image_id"] for row in found})
    questions = sorted({row["question_id"] for row in found if row["question_id"]})
    if len(images) > 1 or len(questions) > 1:
        first = ", ".join(f"{row['kind']} {row['id']}" for row in found[:AMBIGUOUS])
        raise UnknownSubjectError(f"{len(found)} go by {name!r}: {first}{' …' if len(found) > AMBIGUOUS else ''}")
    known = {row["kind"] for row in found}
    subject = f"{'/'.join(sorted(known - {'released row'} or known))} {found[0]['id']}"
    if known <= {"released row"}:  # its batch was made again since
        return Why(subject, release_id, tuple(_released(lake, name, release_id)))
    asked = _questions(lake.rows("dataset/select_question_fates", ids=images, release_id=release_id), release)
    if questions:
        return Why(subject, release_id, tuple(fate for fate in asked if fate.id in questions))
    files = _files(lake.rows("dataset/select_image_fates", ids=images), asked)
    return Why(subject, release_id, (*files, *asked))


def _of_import(lake: Reads, name: str, release_id: str) -> Why:
    """What became of lines of an imported file: of one by its number ("line 12"), or of all that name a file."""
    rows = lake.rows("dataset/find_imported", subject=name, release_id=release_id) if len(name) >= MIN_PREFIX else []
    if not rows:
        raise UnknownSubjectError(
            f"nothing of this import goes by {name!r}: give the path of an image, a line that was set aside such as "
            f"'line 12', or at least {MIN_PREFIX} characters of the id of an image or sample"
        )
    fates = []
    for row in rows:
        where = _where(row) if row["position"] is not None else ""
        because = "imported" if where else f"{row['verdict']} by the import: {row['reason']}: {row['detail']}"
        fates.append(Fate(row["kind"], row["id"], row["text"] or "", row["batch"], where, because))
    return Why(name, release_id, tuple(fates))


def _never_an_image(lake: Reads, name: str, release_id: str) -> Why:
    stops = lake.rows("dataset/select_stops_of", subject=name)
    if not stops:
        raise UnknownSubjectError(
            f"nothing goes by {name!r}: neither a file that was taken, nor the beginning of an id. Files that no batch "
            "has taken yet are not known to the lake: `wethink sources check` counts them"
        )
    fates = (Fate("file", row["subject_id"], "", row["batch"], "", _because(row)) for row in stops)
    return Why(f"file {stops[0]['subject_id']}", release_id, tuple(fates))


def _released(lake: Reads, name: str, release_id: str) -> list[Fate]:
    rows = lake.rows("dataset/find_released_row", release_id=release_id, subject=name)
    return [
        Fate(
            "sample", r["sample_id"], r["problem"] or "", r["batch"] or "", _where(r), "its batch was made again since"
        )
        for r in rows
    ]


def _files(rows: Sequence[Row], asked: Sequence[Fate]) -> list[Fate]:
    fates: dict[tuple[str, str], Fate] = {}
    for row in rows:
        if row["verdict"]:
            because = _because(row)
        elif not row["pooled"]:
            because = "its image is in no pool: materialise image_pool of that batch"
        else:
            because = f"in the pool, with {len(asked)} questions" if asked else "in the pool, and not asked about yet"
        key = row["image_uri"], row["batch"]
        if key in fates and row["verdict"]:
            because = f"{fates[key].because}; {because}"
        fates[key] = Fate("file", row["image_uri"], row["source"], row["batch"], "", because)
    return list(fates.values())


def _questions(rows: Sequence[Row], release: Row) -> list[Fate]:
    by_question: dict[str, list[Row]] = {}
    for row in rows:
        by_question.setdefault(row["question_id"], []).append(row)
    return [_question(several, release) for several in by_question.values()]


def _question(rows: Sequence[Row], release: Row) -> Fate:
    held = [row for row in rows if row["position"] is not None]
    row = (held or rows)[0]
    stops = [stop for stop in rows if stop["verdict"]]
    if held:
        because = f"sample {row['sample_id'][:16]}"
    elif stops:
        because = "; ".join(dict.fromkeys(map(_because, stops)))
    elif row["sample_id"] and (whole := json.loads(release["config"] or "{}").get(PART_OF)):
        low, high = whole["rates"]
        because = (
            f"sample {row['sample_id'][:16]}: this part of release {whole['release_id']} takes rows that "
            f"{whole['policy_id']} answers rightly in {low:.0%} to {high:.0%}"
        )
    elif row["sample_id"]:
        later = row["batch"] not in release["batches"]
        because = f"sample {row['sample_id'][:16]}, which this release does not hold" + (
            f": {row['batch']} was accepted after it" if later else ": a later selection would say why"
        )
    else:
        because = f"no verdict yet: a stage of {row['batch']} is still to be materialised"
    where = _where(row) if held else ""
    return Fate("question", row["question_id"], row["question"], row["batch"], where, because)


def _where(row: Row) -> str:
    return f"{row['split']} row {row['position']}"


def _because(row: Row) -> str:
    related = f" ({row['related_id']})" if row["related_id"] and row["related_id"] not in (row["detail"] or "") else ""
    stage = "the release" if row["asset"] == SELECTION else row["asset"]
    return f"{row['verdict']} by {stage}: {row['reason']}{': ' + row['detail'] if row['detail'] else ''}{related}"
