"""The extension point of synthesis: a pipeline stage as one object, from which its asset is derived.

A stage is given its rows in windows, so that a batch may be larger than memory: what it says of a row may depend on
that row alone, and what it says of the whole batch it says at the end (`conclude`).

Belongs here: what a stage is, what it is given, how one stands in another's way. Pure.
Does not belong here: which stages there are (registry.py), their rules (their own modules), assets (assets.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from resources.lake.sql_files import tables
from wethink_assets.accounting import StageResult
from wethink_assets.gates import Gate, Reader
from wethink_assets.settings import Settings
from wethink_assets.stage_spool import StageSpool
from wethink_assets.synthesis.stage_calls import CallModels, Row

T = TypeVar("T")
Step = str | tuple[str, ...]  # a prompt, or prompts that are asked side by side


@dataclass(frozen=True)
class StageRun:
    """The context of a stage's run: models to ask, batch, settings, and the lake for rows beside its input."""

    ask: CallModels
    batch: str
    settings: Settings
    lake: Reader
    _once: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def seed(self) -> int:
        return self.settings.synthesis.seed

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """Rows of a further statement over the batch."""
        return self.lake.rows(statement, batch=self.batch)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Memoised result of `make`, shared by all windows of the run."""
        if name not in self._once:
            self._once[name] = make()
        return self._once[name]


@dataclass(frozen=True)
class StageSpec:
    """A synthesis stage: rows of a batch in, a `StageResult` out, committed by an asset of this name.

    - `table`: where its rows go. The table's file says which column identifies a row (`-- key:`) and what
      `wethink lineage` calls it (`-- kind:`).
    - `parents`: assets that it reads. `reads`: the statement that gives its rows of `$batch`.
    - `run(rows, stage_run)`: the stage itself, over one window of the rows; pure but for the models that it asks.
    - `conclude(spool, stage_run)`: what it adds once all windows are done: rows of further tables, details.
    - `prompts`: names of prompt files in the order in which they are asked; a step's replies go into the requests of
      the next steps and of later stages. Without any, the stage asks no model.
    - `gates`: what is asked of its committed rows, beside conservation of rows and the rates of its calls.
    - `further_tables`: other tables that it writes, for evidence and counts.
    - `columns_shown`: columns of the example rows on the asset's page; `examples(rows, result)` may choose other rows
      than those committed; `rows` and `result` are those of a window.
    - `describe(spool, stage_run)`: further metadata of the whole batch: plain values, or Markdown.
    - `before`: stages that this one stands in the way of: they read only rows whose `passes_by` its table holds, with
      its columns over theirs.
    """

    name: str
    table: str
    description: str
    parents: tuple[str, ...]
    reads: str
    run: Callable[[Sequence[Any], StageRun], StageResult]  # rows as its statement gives them (rows.py)
    conclude: Callable[[StageSpool, StageRun], StageResult] | None = None
    prompts: tuple[Step, ...] = ()
    gates: tuple[Gate, ...] = ()
    further_tables: tuple[str, ...] = ()
    columns_shown: tuple[str, ...] = ()
    examples: Callable[[Sequence[Row], StageResult], Sequence[dict[str, Any]]] | None = None
    describe: Callable[[StageSpool, StageRun], Mapping[str, Any]] | None = None
    before: tuple[str, ...] = ()
    passes_by: str = "question_id"

    @property
    def id_column(self) -> str:
        """The column that identifies a row of the stage's table."""
        return tables()[self.table].key[0]

    @property
    def asks(self) -> bool:
        return bool(self.prompts)

    def prompt_names(self) -> tuple[str, ...]:
        """All prompts, in the order of their steps."""
        return tuple(name for step in self.steps() for name in step)

    def steps(self) -> list[tuple[str, ...]]:
        return [(step,) if isinstance(step, str) else step for step in self.prompts]


def passed_by(rows: Iterable[Row], stage: StageSpec, written: Iterable[Row]) -> list[dict[str, Any]]:
    """Semi-join of a later stage's input with the rows that a stage in its way wrote, whose columns replace its own.

    Raises:
        ValueError: rows of either side have no column of the name `passes_by`.
    """
    key, rows, written = stage.passes_by, list(rows), list(written)
    for row, whose in [
        *((row, "that are to pass") for row in rows[:1]),
        *((row, "that it wrote") for row in written[:1]),
    ]:
        if key not in row:
            raise ValueError(
                f"stage {stage.name} lets rows pass by {key!r}, which rows {whose} do not have: set passes_by"
            )
    kept = {row[key]: row for row in written}
    return [{name: kept[row[key]].get(name, value) for name, value in row.items()} for row in rows if row[key] in kept]
