"""Memoisation of stages: a run that goes on leaves alone what the same code, settings and inputs have made.

Belongs here: what the rows of a growth batch were made of, and whether they would be made of the same now.
Does not belong here: which runs go on (the command line, jobs/growth.py), the step itself (asset_factory.py), assets
without batches, which compare their rows instead (commit_changed.py).

What decides is in the lake, beside the rows and of the same transaction: the asset's code version, the settings that
the way to samples reads, and the versions of what the asset reads. Rows are made again, which pays for nothing
that the ledger holds, where any of these changed, where the asset wrote none, where a call failed that the ledger does
not hold or was forgotten since (`wethink calls forget`), and where an earlier version of this project made them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from wethink_assets.accounting import content_id
from wethink_assets.settings import Settings

GO_ON_TAG = "wethink/go_on"  # of a run that leaves alone what is there
# In the details of an asset's accounting.
DETAIL = "made_of"
VERSION = "data_version"
# What no step before `release` reads, or what only says where things lie and what they may cost.
_ELSEWHERE: dict[str, Any] = dict.fromkeys(
    "home lake worker_environment budget release gates pass_rates training evaluation explorer openlineage "
    "failures".split(),
    True,
) | {"growth": {"retrain_share", "retrain_checks", "fresh_days"}}


class Reads(Protocol):
    """The lake, as far as it is needed here."""

    def rows(self, name: str, **parameters: Any) -> list[dict[str, Any]]: ...


@dataclass(frozen=True)
class MadeOf:
    """What an asset's rows of one batch are made of.

    `inputs`: the data version of each asset upstream, by its name and batch, or the run that committed it where it has
    none; `others`: the same of this asset's other batches, where what a batch gets depends on them.
    """

    code: str
    settings: str
    inputs: Mapping[str, str]
    others: Mapping[str, str]

    def same_as(self, earlier: Mapping[str, Any]) -> bool:
        """Whether rows that were made of `earlier` would be the same. Batches that came later change none."""
        before, now = dict(earlier), asdict(self)
        theirs, others = before.pop("others", None), now.pop("others")
        return before == now and theirs is not None and theirs.items() <= others.items()


@dataclass(frozen=True)
class Unchanged:
    """An asset's last commit of a batch: the run that made it, and how many rows it wrote."""

    run_id: str
    rows_written: int


def look(
    lake: Reads,
    settings: Settings,
    asset: str,
    batch: str,
    *,
    upstream: Iterable[str],
    code_version: str,
    beside_others: bool,
    goes_on: bool,
) -> tuple[MadeOf, Unchanged | None]:
    """What an asset's batch would be made of now; for a run that goes on also its last commit, where that would be made
    again as it is.

    `beside_others`: what a batch gets depends on the asset's other batches.
    """
    commits = lake.rows("quality/select_commits", asset=asset, assets=sorted(upstream), batch=batch)
    own = {row["batch"]: row for row in commits if row["asset"] == asset}
    inputs = {f"{row['asset']} {row['batch']}".strip(): _version(row) for row in commits if row["asset"] != asset}
    others = {name: _version(row) for name, row in own.items() if name != batch} if beside_others else {}
    made_of = MadeOf(code_version, settings_digest(settings), inputs, others)
    last = own.get(batch)
    if not goes_on or last is None or not last["rows_written"] or last["calls_forgotten"]:
        return made_of, None
    earlier = _details(last).get(DETAIL)
    if not isinstance(earlier, dict) or not made_of.same_as(earlier):
        return made_of, None
    run_id = last["run_id"]
    if last["asked_models"]:  # else it counts none, and it reads all calls
        left = lake.rows("quality/count_rows_to_ask_again", asset=asset, batch=batch, run_id=run_id)[0]
        if left["rows"] or left["calls"] > 0:
            return made_of, None
    return made_of, Unchanged(run_id, last["rows_written"])


def _details(commit: Mapping[str, Any]) -> dict[str, Any]:
    return json.loads(commit["details"] or "{}")


def _version(commit: Mapping[str, Any]) -> str:
    """The data version of what a commit wrote, where it has one: then rows that were written anew are the same rows."""
    return _details(commit).get(VERSION) or commit["run_id"]


def settings_digest(settings: Settings) -> str:
    """Digest of the settings that may decide a sample, 12 hex digits."""
    return content_id(settings.model_dump(mode="json", exclude=_ELSEWHERE))[:12]


_now: ContextVar[MadeOf | None] = ContextVar("made_of", default=None)


@contextmanager
def making(made_of: MadeOf | None) -> Iterator[None]:
    """Within it, a commit records what its rows are made of."""
    token = _now.set(made_of)
    try:
        yield
    finally:
        _now.reset(token)


def recorded() -> dict[str, Any]:
    """The detail of a commit that is made now; empty outside `making`."""
    made_of = _now.get()
    return {} if made_of is None else {DETAIL: asdict(made_of)}
