"""The table of rows that the explorer filters (materialised view): every question and every row that stopped.

Belongs here: building it in memory from one snapshot of the lake, with its facets. Does not belong here: counting
(facets.py), whole rows (row.py).

One row of it is a question with what became of it, a released row whose question the lake does not hold, an image
about which nothing was asked, or a file or reply that stopped before it was a question. Texts are cut, so that the
server stays below 700 MB at 120,000 samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import polars as pl

from resources.lake.connection import LakeConnection, Snapshot
from resources.lake.sql_files import statement
from wethink_assets.explorer.facets import Facet, facet

RELEASED, ACCEPTED, DROPPED, FAILED, OPEN = "released", "accepted", "dropped", "failed", "in progress"
OUTCOMES = (RELEASED, ACCEPTED, DROPPED, FAILED, OPEN)
NEVER, SOMETIMES, ALWAYS = "never right", "sometimes right", "always right"


@dataclass(frozen=True)
class Items:
    """All rows at one snapshot, in the order of their images' ids, which is that of a hash: sources stand mixed."""

    snapshot: int
    frame: pl.DataFrame
    facets: tuple[Facet, ...]

    def __len__(self) -> int:
        return self.frame.height

    def rows(self, numbers: Any) -> list[dict[str, Any]]:
        """The rows with these numbers."""
        return self.frame[numbers].to_dicts()

    def marked(self, ids: pl.Series, text: str = "") -> np.ndarray:
        """Whether each row has one of these ids, or its own, its image's or its file's begins with the text.

        The case of letters counts no more than in a search of texts.
        """
        wanted = ids.implode()
        marks = pl.col("sample_id").is_in(wanted) | pl.col("question_id").is_in(wanted)
        if len(text) >= 6:
            for name in ("id", "image_id"):
                marks = marks | pl.col(name).str.to_lowercase().str.starts_with(text.lower())
        return self.frame.select(marks.fill_null(False)).to_series().to_numpy()

    def facet(self, name: str) -> Facet:
        return next(one for one in self.facets if one.name == name)


class _Frames:
    """Statements as data frames, all of one snapshot."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def read(self, name: str) -> pl.DataFrame:
        return self._connection.execute(statement(name)).pl()


def items_of(lake: LakeConnection) -> Items:
    """Read the table anew."""
    return lake.in_snapshot(_built)


def _built(snapshot: Snapshot) -> Items:
    number = int(snapshot.rows("lineage/select_snapshot")[0]["snapshot_id"])
    lake = _Frames(snapshot.connection)
    questions = lake.read("explorer/select_questions")
    imported = lake.read("explorer/select_rows_without_question")
    waiting = lake.read("explorer/select_images_without_question")
    stops = lake.read("explorer/select_stops")
    memberships = lake.read("explorer/select_memberships")
    rollouts = lake.read("explorer/count_rollouts")
    frame = pl.concat([_of_questions(questions), _of_questions(imported)], how="diagonal")
    frame = _with_stops(frame, stops)
    waiting = waiting.filter(~pl.col("image_id").is_in(frame["image_id"].drop_nulls().implode()))
    waiting = waiting.with_columns(id=pl.col("image_id"), kind=pl.lit("image"), position=pl.lit(-1, pl.Int32))
    frame = pl.concat([frame, waiting], how="diagonal")
    held = memberships.group_by("sample_id", maintain_order=True).agg(
        pl.col("release_id").alias("releases"), pl.col("split").unique(maintain_order=True).alias("splits")
    )
    frame = frame.join(held, on="sample_id", how="left").join(rollouts, on="sample_id", how="left")
    frame = frame.with_columns(outcome=_outcome(), training=_training())
    frame = frame.sort(["image_id", "position", "id"], nulls_last=True)
    return Items(number, frame, _facets(frame, list(dict.fromkeys(memberships["release_id"]))))


def _of_questions(rows: pl.DataFrame) -> pl.DataFrame:
    kind = pl.when(pl.col("sample_id").is_null()).then(pl.lit("question")).otherwise(pl.lit("sample"))
    if "question_id" not in rows.columns:
        rows = rows.with_columns(question_id=pl.lit(None, pl.String), position=pl.lit(0, pl.Int32))
    return rows.with_columns(kind=kind, id=pl.coalesce("sample_id", "question_id"))


def _with_stops(frame: pl.DataFrame, stops: pl.DataFrame) -> pl.DataFrame:
    """Rows with the reason why they stopped; what stopped before it was a question is a row of its own."""
    stops = stops.with_columns(subject_id=pl.coalesce("question_id", "subject_id")).drop("question_id")
    why = stops.select("subject_id", "asset", "verdict", "reason", "detail").unique("subject_id", keep="last")
    of_question = why.rename({"subject_id": "question_id"})
    of_sample = why.rename({"subject_id": "sample_id"})
    frame = frame.join(of_question, on="question_id", how="left").join(
        of_sample, on="sample_id", how="left", suffix="_of_sample"
    )
    names = ("asset", "verdict", "reason", "detail")
    frame = frame.with_columns(pl.coalesce(name, f"{name}_of_sample").alias(name) for name in names)
    frame = frame.drop(f"{name}_of_sample" for name in names)
    known = pl.concat([frame["question_id"], frame["sample_id"]]).drop_nulls()
    others = stops.filter(~pl.col("subject_id").is_in(known.implode()))
    is_file = pl.col("subject_id").str.contains("/", literal=True)
    is_image = pl.col("subject_id") == pl.col("image_id")
    others = others.with_columns(
        id=pl.col("subject_id"),
        kind=pl.when(is_file)
        .then(pl.lit("file"))
        .when(is_image)
        .then(pl.lit("image"))
        .otherwise(pl.lit("stopped row")),
        position=pl.lit(-1, pl.Int32),
    ).drop("subject_id")
    return pl.concat([frame, others], how="diagonal")


def _outcome() -> pl.Expr:
    return (
        pl.when(pl.col("releases").list.len() > 0)
        .then(pl.lit(RELEASED))
        .when(pl.col("sample_id").is_not_null())
        .then(pl.lit(ACCEPTED))
        .otherwise(pl.coalesce("verdict", pl.lit(OPEN)))
    )


def _training() -> pl.Expr:
    return (
        pl.when(pl.col("right_ones") == 0)
        .then(pl.lit(NEVER))
        .when(pl.col("right_ones") < pl.col("rollouts"))
        .then(pl.lit(SOMETIMES))
        .when(pl.col("rollouts") > 0)
        .then(pl.lit(ALWAYS))
    )


def _facets(frame: pl.DataFrame, releases: list[str]) -> tuple[Facet, ...]:
    stopped = frame.select(pl.concat_str("asset", "reason", separator=": ")).to_series()
    return (
        facet("outcome", "Outcome", frame["outcome"], OUTCOMES),
        facet("why", "Why it stopped", stopped),
        facet("source", "Source", frame["source"]),
        facet("category", "Category", frame["category"], ("MC", "FIB", "DES")),
        facet("ability", "Ability", frame["abilities"]),
        facet("answer_type", "Answer type", frame["answer_type"]),
        facet("reward", "Rewarded by", frame["reward"]),
        facet("agreement", "The two answers", frame["agreement"]),
        facet("training", "In training", frame["training"], (NEVER, SOMETIMES, ALWAYS)),
        facet("split", "Split", frame["splits"]),
        facet("release", "Release", frame["releases"], releases),
        facet("batch", "Growth batch", frame["batch"]),
    )
