"""A stage's result window by window (streaming, out of core): rows and verdicts on disk, counts in memory.

Belongs here: adding up the windows of one stage run. Does not belong here: the result of one window (accounting.py),
the transaction (stage_writes.py, commit.py), reading windows (resources/lake/store.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from resources.lake.spool import Spool
from wethink_assets.accounting import ConservationError, StageResult, Stopped, verdict_rows


class StageSpool:
    """The sum of a stage's results. Details of windows are counts, which add up; shares and texts are concluded.

    Args:
        asset, batch, run_id: what every row of the verdicts, and of the tables, belongs to.
        tables: the tables that the stage writes, also those that stay empty.
        folder: where the rows lie until the commit; the caller's, who removes it.
    """

    def __init__(self, asset: str, batch: str, run_id: str, tables: Sequence[str], folder: Path) -> None:
        self.asset, self.batch, self.run_id = asset, batch, run_id
        self.rows_in = self.continued = self.rows_dropped = self.rows_failed = 0
        self.details: dict[str, Any] = {}
        self.first_failed: Stopped | None = None
        self.verdicts = Spool("verdicts", folder)
        self.spools = {name: Spool(name, folder) for name in tables}
        self._reasons: Counter[str] = Counter()

    def add(self, result: StageResult) -> None:
        """Add the result of one window.

        Raises:
            ConservationError: the window lost rows.
            LakeWriteError: rows do not fit their table.
            KeyError: rows of a table that the stage does not name.
            TypeError: its details hold what does not add up.
        """
        result.check()
        self.rows_in += result.rows_in
        self.continued += result.continued
        self.rows_dropped += result.rows_dropped
        self.rows_failed += result.rows_failed
        self.first_failed = self.first_failed or next(iter(result.failed), None)
        self._reasons.update(s.reason for s in [*result.dropped, *result.failed])
        self._append(result)
        for name, value in result.details.items():
            if not isinstance(value, int):
                raise TypeError(
                    f"{self.asset}: {name} of a window is {value!r}, no count that adds up: say it of the whole batch, "
                    "in conclude or describe"
                )
            self.details[name] = self.details.get(name, 0) + value

    def conclude(self, result: StageResult) -> None:
        """Add what a stage says of all its windows: further rows, and details in place of those there are."""
        result.check()
        self._append(result)
        self.details |= result.details

    def read(self, table: str) -> list[dict[str, Any]]:
        """All rows of a table that is known to be small."""
        return [row for window in self.windows(table) for row in window]

    def windows(self, table: str, columns: Sequence[str] | None = None) -> Iterator[list[dict[str, Any]]]:
        """The rows of a table, or some columns of them, a window at a time."""
        return self.spools[table].windows(columns)

    def reasons(self) -> dict[str, int]:
        """Counts of stopped rows per reason, most frequent first."""
        return dict(self._reasons.most_common())

    def check(self) -> None:
        """Check that every stopped row has its verdict; each window conserved its rows when it came.

        Raises:
            ConservationError: there are more or fewer verdicts than rows that stopped.
        """
        stopped = self.rows_dropped + self.rows_failed
        if self.verdicts.rows != stopped or self.rows_in != self.continued + stopped:
            raise ConservationError(
                f"{self.asset}: {self.rows_in} rows in, {self.continued} on and {stopped} stopped, with "
                f"{self.verdicts.rows} verdicts: what a stage concludes stops no row"
            )

    def _append(self, result: StageResult) -> None:
        for name, rows in result.rows.items():
            self.spools[name].append([{**row, "run_id": self.run_id} for row in rows])
        self.verdicts.append(verdict_rows(result, asset=self.asset, batch=self.batch, run_id=self.run_id))
