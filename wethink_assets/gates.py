"""Quality gates (data quality checks): each reads back what an asset committed and decides whether it may flow on.

Belongs here: what a gate is, gates that every asset has, gates that extensions add. Pure.
Does not belong here: a room's own gates (beside its assets), their life as asset checks of Dagster (asset_factory.py).

A gate sees the lake, the settings, the asset and its growth batch, and nothing of the run: so it can be run again
alone, on any batch, on another day. It is run right after its asset's commit; a blocking one that fails stops the run
before anything flows on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from resources.scratch import scratch_folder
from wethink_assets.settings import Settings

if TYPE_CHECKING:
    from resources.lake.store import Windows

CONSERVATION = "rows_conserved"


class Reader(Protocol):
    """The part of the lake that a gate may use: reading by statement."""

    def rows(self, name: str, **parameters: Any) -> list[dict[str, Any]]: ...

    def read(self, name: str, **parameters: Any) -> Any: ...

    def windows(self, name: str, folder: Path, *, size: int, **parameters: Any) -> Windows: ...


@dataclass(frozen=True)
class Scope:
    """The scope of a gate: one asset's rows of one growth batch; `batch` is empty for an unpartitioned asset."""

    lake: Reader
    settings: Settings
    asset: str
    batch: str
    _once: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """Memoised result of `make`, shared by all gates of one evaluation that ask for `name`."""
        if name not in self._once:
            self._once[name] = make()
        return self._once[name]

    def rows(self, name: str, **parameters: Any) -> list[dict[str, Any]]:
        """Rows of a statement that takes the batch."""
        return self.lake.rows(name, batch=self.batch, **parameters)

    @contextmanager
    def windows(self, name: str, **parameters: Any) -> Iterator[Windows]:
        """The rows of a statement that are too many for memory, a window at a time; they last as long as the block."""
        size = self.settings.synthesis.window_rows
        with scratch_folder(self.settings.scratch_dir, f"gate-{self.asset.replace('/', '-')}") as folder:
            yield self.lake.windows(name, folder, size=size, **parameters)

    def accounting(self) -> dict[str, Any]:
        """The asset's row of table materializations for the batch; empty before its first commit."""

        def read() -> dict[str, Any]:
            rows = self.rows("quality/select_accounting", asset=self.asset)
            return {**rows[0], "details": json.loads(rows[0]["details"] or "{}")} if rows else {}

        return self.once("accounting", read)

    def details(self) -> dict[str, Any]:
        """The details that the asset recorded with its last commit of the batch."""
        return self.accounting().get("details", {})


@dataclass(frozen=True)
class Outcome:
    """The verdict of a gate. `metadata` holds plain values, or text marked as Markdown.

    `warn` overrides the gate's severity for this verdict: True makes a failure of a blocking gate a warning.
    """

    passed: bool
    description: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    warn: bool | None = None


@dataclass(frozen=True)
class Gate:
    """One quality gate of an asset. `protects_from` says what would reach later assets, or people, without it.

    A gate that does not block warns, unless `error` is set.
    """

    name: str
    protects_from: str
    judge: Callable[[Scope], Outcome]
    blocking: bool = False
    error: bool = False

    @property
    def severity(self) -> str:
        """The severity of a failure in the UI: ERROR or WARN."""
        return "ERROR" if self.blocking or self.error else "WARN"


def no_rows(name: str, statement: str, protects_from: str, *, blocking: bool = True) -> Gate:
    """A gate by an SQL statement that selects the violating rows of a batch: it passes where there are none."""

    def judge(scope: Scope) -> Outcome:
        violations = scope.rows(statement)
        first = {"first": str(violations[0])[:500]} if violations else {}
        return Outcome(not violations, metadata={"violations": len(violations), **first})

    return Gate(name, protects_from, judge, blocking=blocking)


def _conserved(scope: Scope) -> Outcome:
    rows = scope.rows("quality/count_recorded_stops", assets=[scope.asset])
    if len(rows) != 1:
        return Outcome(False, f"{len(rows)} accounting rows, not 1")
    counts = {name: value for name, value in rows[0].items() if name != "asset"}
    passed = (
        counts["rows_in"] == counts["continued"] + counts["dropped_rows"] + counts["failed_rows"]
        and counts["dropped"] == counts["dropped_rows"]
        and counts["failed"] == counts["failed_rows"]
        and counts["without_reason"] == 0
    )
    return Outcome(passed, metadata=counts)


ROWS_CONSERVED = Gate(
    CONSERVATION,
    "Rows that vanish or appear: rows in = continued + dropped + failed, and every stopped row has its reason.",
    _conserved,
    blocking=True,
)

_registered: dict[str, list[Gate]] = {}


def register(asset: str, gate: Gate) -> None:
    """Add a gate to an asset, behind its own.

    Raises:
        ValueError: another gate of that name guards the asset.
    """
    gates = _registered.setdefault(asset, [])
    if gate in gates:
        return
    if any(other.name == gate.name for other in gates):
        raise ValueError(f"asset {asset} has a gate {gate.name!r} already: {gate.protects_from}")
    gates.append(gate)


def unregister(asset: str, name: str) -> None:
    """Take an added gate away again."""
    _registered[asset] = [gate for gate in _registered.get(asset, []) if gate.name != name]


def guarded() -> tuple[str, ...]:
    """The assets that have added gates."""
    return tuple(asset for asset, gates in _registered.items() if gates)


def gates_of(asset: str, own: Sequence[Gate] = ()) -> tuple[Gate, ...]:
    """All gates of an asset: conservation of rows first, then its own, then those that extensions added.

    Raises:
        ValueError: two of them have one name.
    """
    gates = (ROWS_CONSERVED, *own, *_registered.get(asset, ()))
    names = [gate.name for gate in gates]
    if repeated := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"asset {asset} has two gates of one name: {', '.join(sorted(repeated))}")
    return gates
