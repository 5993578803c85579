"""The file of training rows (Arrow stream): written a window at a time, mapped into memory by the trainer.

Belongs here: writing and reading that file, and the digest of what is in it. Pure and light: assets and workers both
import it. Does not belong here: which rows there are (rows.py), opening images (training_set.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import TracebackType

import pyarrow as pa

from wethink_assets.accounting import content_id

WINDOW = 1_024  # rows of a record batch


@dataclass(frozen=True)
class TrainingRow:
    """One row that a policy learns from. `reward` is 'rule' or 'model'; `image` the picture's path, in a work folder
    relative to the home where it lies in it.

    `picture_id` is the SHA-256 of that file: the image, or its upright RGB copy. `pass_rate` is the base policy's,
    where rows are put in order by it; `reply` is learned by heart where rows are for supervised fine-tuning.
    """

    sample_id: str
    problem: str
    answer: str
    answer_typed: str
    category: str
    reward: str
    image_id: str
    image: str
    picture_id: str = ""
    pass_rate: float | None = None
    reply: str | None = None


_SCHEMA = pa.schema(
    [(field.name, pa.float64() if field.name == "pass_rate" else pa.string()) for field in fields(TrainingRow)]
)


class RowFile:
    """Writes rows and says of them, once closed: how many, how many with a pass rate, whether one needs the judge, the
    digest of their order.

    The digest is of what is learned from: a release whose images are partly gone is not the whole release.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = self.rated = 0
        self.judged = False
        self._digest = hashlib.sha256()
        self._stream = pa.OSFile(str(path), "wb")
        self._writer = pa.ipc.new_stream(self._stream, _SCHEMA)

    def __enter__(self) -> RowFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._writer.close()
        self._stream.close()

    def append(self, rows: Iterable[TrainingRow]) -> None:
        given = list(rows)
        for start in range(0, len(given), WINDOW):
            part = given[start : start + WINDOW]
            self._writer.write_batch(pa.RecordBatch.from_pylist([asdict(row) for row in part], schema=_SCHEMA))
        for row in given:
            copy = [row.picture_id] if row.picture_id not in ("", row.image_id) else []
            rate = [] if row.pass_rate is None else [row.pass_rate]
            heart = [] if row.reply is None else ["reply", row.reply]
            learned = json.dumps([row.sample_id, row.image_id, row.problem, row.answer_typed, *copy, *rate, *heart])
            self._digest.update(learned.encode() + b"\n")
            self.rated += row.pass_rate is not None
            self.judged = self.judged or row.reward == "model"
        self.rows += len(given)

    @property
    def digest(self) -> str:
        return content_id(self._digest.hexdigest())[:16]


def copied(source: Path, target: Path, home: Path) -> None:
    """Copy a file of rows into a work folder of this home, whole or not at all; a home may be moved in mid-training."""
    part, below = target.with_suffix(".part"), f"{home}/"
    at = _SCHEMA.get_field_index("image")
    with (
        pa.memory_map(str(source)) as file,
        pa.ipc.open_stream(file) as batches,
        pa.OSFile(str(part), "wb") as out,
        pa.ipc.new_stream(out, _SCHEMA) as writer,
    ):
        for batch in batches:
            places = [place.removeprefix(below) for place in batch["image"].to_pylist()]
            writer.write_batch(batch.set_column(at, _SCHEMA.field(at), pa.array(places, pa.string())))
    part.replace(target)


def read_windows(path: Path) -> Iterator[list[TrainingRow]]:
    """The rows of a file, a record batch at a time."""
    with pa.memory_map(str(path)) as source, pa.ipc.open_stream(source) as batches:
        for batch in batches:
            yield [TrainingRow(**row) for row in batch.to_pylist()]


def problems_of(path: Path, sample_ids: set[str]) -> dict[str, tuple[str, str]]:
    """Problem and answer of some samples of a file."""
    rows = (row for window in read_windows(path) for row in window)
    return {row.sample_id: (row.problem, row.answer) for row in rows if row.sample_id in sample_ids}
