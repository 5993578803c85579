"""Counting what each gate drops, by source, and against planted truth (confusion counts of filters).

Belongs here: which rows a gate looked at, dropped and should have dropped; shares with intervals; calls saved. Pure.
Does not belong here: the order of gates (chain.py), where rows and truth come from (assets.py).

A gate looks at what the gates before it let pass. So what it drops alone is known of those rows only, but for row
filters, which all look at every row that reaches them (row_filters/counts.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wethink_assets.auditing.estimate import wilson
from wethink_assets.demo.audit.filters import Planted
from wethink_assets.gate_quality.chain import KEPT_WRONG, MARKED, RELEASE, WRONG, Step, gate_of
from wethink_assets.written_rows import GateQualityRow

ALL = ""  # the source of rows over all sources
Row = Mapping[str, Any]


class Quality:
    """Counts over rows as gate_quality/select_outcomes gives them; `planted` is None where no truth is known."""

    def __init__(self, steps: Sequence[Step], planted: Planted | None) -> None:
        self._steps, self._planted = tuple(steps), planted
        self._gates = [place for place, step in enumerate(self._steps) if step.is_gate]
        self._first_of = {step.asset: place for place, step in reversed(list(enumerate(self._steps)))}
        self._similar = len(self._steps) - 1
        self._counts: dict[tuple[int, str], Counter[str]] = {}
        # Of planted pairs of questions, those that reached the last gate, and whether it dropped them.
        self._pairs = {(i, q): (i, first) for (i, q), first in planted.repeats.items()} if planted else {}
        self._paired = {*self._pairs, *self._pairs.values()}
        self._seen: dict[tuple[str, str], tuple[str, bool]] = {}
        self.rows = 0

    def add(self, rows: Iterable[Row]) -> None:
        """Add a window of questions."""
        for row in rows:
            self.rows += 1
            self._add(row)

    def _add(self, row: Row) -> None:
        stopped, dropped = self._end(row)
        bad: dict[str, bool] = {}
        source = row["source"] or ""
        for place in self._gates:
            if place > stopped or (place == stopped and not dropped):
                return
            step = self._steps[place]
            # What a setting only marks goes on.
            here = place == stopped or (step.name in MARKED and bool(row[MARKED[step.name]]))
            told = Counter(looked=1, dropped=int(here))
            if self._planted is not None:
                if place == self._similar:
                    self._note_pair(row, source, here)
                else:
                    if step.judged_by not in bad:
                        bad[step.judged_by] = self._is_bad(row, step.judged_by)
                    aimed, caught = self._aimed(row, step, here)
                    is_bad = bad[step.judged_by] or (aimed and WRONG not in step.aims)
                    told.update(bad=int(is_bad), right=int(is_bad and here))
                    told.update(aimed=int(aimed), caught=int(aimed and caught))
            for key in {source, ALL}:
                self._counts.setdefault((place, key), Counter()).update(told)

    def _end(self, row: Row) -> tuple[int, bool]:
        """The place at which a row stopped, and whether a gate stopped it there; behind the chain where none did."""
        if row["stopped_at"]:
            place = gate_of(self._steps, row["stopped_at"], row["reason"]) if row["verdict"] == "dropped" else None
            if place is not None:
                return place, True
            return self._first_of.get(row["stopped_at"], len(self._steps)), False
        if not row["offered"]:
            return self._first_of[RELEASE], False
        place = gate_of(self._steps, RELEASE, row["release_reason"] or "")
        if place is not None:
            return place, True
        if self._steps[self._similar].reasons[0] in (row["marks"] or ()):
            return self._similar, True
        return len(self._steps), False

    def _is_bad(self, row: Row, judged_by: str) -> bool:
        """Whether a row is bad in what a gate can know of it. Where no answer is kept, both have to be wrong."""
        planted, at = self._planted, (row["image_id"], row["question"])
        assert planted is not None
        if at in planted.flawed:
            return True
        if judged_by == "question":
            return False
        if self._wrong(row):
            return True
        return judged_by == "path" and at in planted.bad_paths

    def _wrong(self, row: Row) -> bool:
        assert self._planted is not None
        at = row["image_id"], row["question"]
        kept = row["kept_answer"]
        given = (row["reasoner_answer"], row["vlm_answer"]) if kept is None else (kept,)
        return all(answer is not None and self._planted.is_wrong(at, answer) for answer in given)

    def _aimed(self, row: Row, step: Step, here: bool) -> tuple[bool, bool]:
        """Whether a row has the defect that a gate is made for, and whether it went no further as it was."""
        assert self._planted is not None
        at = row["image_id"], row["question"]
        if WRONG in step.aims:
            answers = (row["reasoner_answer"], row["vlm_answer"])
            someone = any(answer is not None and self._planted.is_wrong(at, answer) for answer in answers)
            return someone, here or not self._wrong(row)
        if KEPT_WRONG in step.aims:
            return self._wrong(row), here
        return bool(self._planted.kinds.get(at, frozenset()) & set(step.aims)), here

    def _note_pair(self, row: Row, source: str, dropped: bool) -> None:
        at = row["image_id"], row["question"]
        if at in self._paired:
            self._seen[at] = source, dropped

    def _add_pairs(self) -> dict[tuple[int, str], Counter[str]]:
        """The last gate's aims: one row of each planted pair of which both came so far."""
        counts: dict[tuple[int, str], Counter[str]] = {}
        for again, first in self._pairs.items():
            if again in self._seen and first in self._seen:
                caught = self._seen[again][1] or self._seen[first][1]
                for key in {self._seen[again][0], ALL}:
                    told = {"bad": 1, "aimed": 1, "right": int(caught), "caught": int(caught)}
                    counts.setdefault((self._similar, key), Counter()).update(told)
        return counts

    def table(self, filters: Sequence[Row], calls: Sequence[Row]) -> list[GateQualityRow]:
        """Rows of table gate_quality: each gate over all sources and by source.

        `filters` and `calls` are rows of gate_quality/sum_row_filters and gate_quality/sum_calls.
        """
        spent = {(row["asset"], row["prompt"]): (row["calls"], row["cost"]) for row in calls}
        pairs = self._add_pairs()
        sources = sorted({source for _, source in self._counts} | {ALL})
        return [
            self._row(position, place, source, pairs, _of_filter(filters, self._steps[place], source), spent)
            for position, place in enumerate(self._gates, 1)
            for source in sources
            if (place, source) in self._counts or source == ALL
        ]

    def _row(
        self,
        position: int,
        place: int,
        source: str,
        pairs: Mapping[tuple[int, str], Counter[str]],
        as_filter: Mapping[str, int | None] | None,
        spent: Mapping[tuple[str, str], tuple[int, float]],
    ) -> GateQualityRow:
        step, known = self._steps[place], self._planted is not None
        told = self._counts.get((place, source), Counter()) + pairs.get((place, source), Counter())
        looked, dropped = told["looked"], told["dropped"]
        # Of a filter the account of its own stage: what it would drop of what earlier filters dropped, too.
        last = place == self._gates[-1]
        counts: dict[str, int | None] = {
            "rows": looked,
            "dropped_alone": dropped,
            "dropped_first": dropped,
            "dropped_only": dropped if last else None,
            "bad_rows": told["bad"] if known else None,
            "bad_alone": told["right"] if known else None,
            "bad_first": told["right"] if known else None,
            "bad_only": told["right"] if known and last else None,
        }
        if as_filter:
            counts |= {name: n if known or not name.startswith("bad") else None for name, n in as_filter.items()}
        aimed, caught = (told["aimed"], told["caught"]) if known and step.aims else (None, None)
        own = _sum(spent, [step])
        after = _sum(spent, self._steps[place + 1 :])
        # Means over all sources: calls say nothing of theirs.
        everywhere = self._counts.get((place, ALL), Counter())
        passed = everywhere["looked"] - everywhere["dropped"]
        share = looked / everywhere["looked"] if everywhere["looked"] else 0.0
        saved = (counts["dropped_first"] or 0) / passed if passed else 0.0
        return GateQualityRow(
            gate=step.name,
            source=source,
            position=position,
            looked_at=counts["rows"] or 0,
            dropped_alone=counts["dropped_alone"] or 0,
            dropped_first=counts["dropped_first"] or 0,
            dropped_only=counts["dropped_only"],
            bad_rows=counts["bad_rows"],
            bad_alone=counts["bad_alone"],
            bad_first=counts["bad_first"],
            bad_only=counts["bad_only"],
            aimed_rows=aimed,
            aimed_caught=caught,
            **_shares("precision", counts["bad_alone"], counts["dropped_alone"] if known else None),
            **_shares("recall", counts["bad_alone"], counts["bad_rows"]),
            **_shares("aimed", caught, aimed),
            calls=own[0] * share,
            cost=own[1] * share,
            calls_saved=after[0] * saved,
            cost_saved=after[1] * saved,
        )


def _of_filter(filters: Sequence[Row], step: Step, source: str) -> dict[str, int | None] | None:
    """The counts of a row filter, which come from its own stage; None for other gates."""
    if not step.is_filter:
        return None
    names = ("rows", "dropped_alone", "dropped_first", "dropped_only", "bad_rows", "bad_alone", "bad_first", "bad_only")
    own = [r for r in filters if r["filter"] == step.name and source in (ALL, r["source"])]
    return {
        name: None if name.startswith("bad") and any(r[name] is None for r in own) else sum(r[name] or 0 for r in own)
        for name in names
    }


def _sum(spent: Mapping[tuple[str, str], tuple[int, float]], steps: Sequence[Step]) -> tuple[float, float]:
    """Calls and cost of some steps."""
    own = [spent[key] for step in steps for prompt in step.prompts if (key := (step.asset, prompt)) in spent]
    return float(sum(calls for calls, _ in own)), float(sum(cost for _, cost in own))


def _shares(name: str, part: int | None, whole: int | None) -> dict[str, float | None]:
    """A share with its interval of 95 %, under the names of its columns."""
    at = "aimed_recall" if name == "aimed" else name
    if part is None or not whole:
        return {at: None, f"{name}_low": None, f"{name}_high": None}
    low, high = wilson(part / whole, whole)
    return {at: part / whole, f"{name}_low": low, f"{name}_high": high}
