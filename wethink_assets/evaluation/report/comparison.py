"""Item-by-item comparison of two policies: what one fixed, what it broke, what both get wrong.

Belongs here: the comparison and its page. Does not belong here: reading rows (cli/evaluate.py), numbers of sets
(metrics.py, statistics.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wethink_assets.benchmark_sets.registry import HELDOUT, Benchmark
from wethink_assets.evaluation import metrics
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.report.html import cut, table, text
from wethink_assets.evaluation.report.items import Answer, Picture, asked_short, question, read_short, reply_part
from wethink_assets.evaluation.report.number_format import MISSING, figure, interval, p_value
from wethink_assets.evaluation.statistics import Estimate, difference, holm

FIXED, BROKEN, BOTH_WRONG, BOTH_RIGHT = "fixed", "broken", "both wrong", "both right"
KINDS = (FIXED, BROKEN, BOTH_WRONG, BOTH_RIGHT)
RIGHT = 0.5  # graded items count as right from here on
_NOTE = (
    "Change: second minus first over the same items, with a 95 % interval by bootstrap over clusters of items "
    "that share an image, a question family or a composite. p: randomisation test that swaps the policies within "
    "clusters; Holm's correction is over the sets of this table. A count leads to its items."
)


@dataclass
class Compared:
    """The comparison on one set: pairs of answers by kind, and the paired change of its headline number.

    `unscored` items have a score for one policy or for none; they are counted and not compared.
    """

    benchmark: Benchmark
    pairs: dict[str, list[tuple[Answer, Answer]]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    change: Estimate | None = None
    unscored: int = 0

    @property
    def n(self) -> int:
        return sum(map(len, self.pairs.values()))


def compare(
    benchmark: Benchmark, first: Sequence[Answer], second: Sequence[Answer], *, resamples: int, seed: int
) -> Compared:
    """Sort the items of a set by what became of them from the first policy to the second."""
    compared = Compared(benchmark)
    other = {answer["item"]: answer for answer in second}
    both: list[tuple[Item, float, float]] = []
    for before in first:
        after = other.get(before["item"])
        if after is None or before["score"] is None or after["score"] is None:
            compared.unscored += 1
            continue
        was, now = before["score"] >= RIGHT, after["score"] >= RIGHT
        kind = BOTH_RIGHT if was and now else FIXED if now else BROKEN if was else BOTH_WRONG
        compared.pairs[kind].append((before, after))
        both.append((Item.of({**before, "benchmark": benchmark.name}), before["score"], after["score"]))
    compared.unscored += len(other.keys() - {answer["item"] for answer in first})
    if both:
        series = [metrics.observations(benchmark, [(row[0], row[i]) for row in both])[benchmark.metric] for i in (1, 2)]
        compared.change = difference(*series, resamples=resamples, seed=seed).scaled(benchmark.scale)
    return compared


def page_parts(compared: Sequence[Compared], names: tuple[str, str], picture: Picture, *, shown: int) -> Iterable[str]:
    """The comparison page: a table over the sets, then the items of each that changed, at most `shown` of a kind."""
    what = "items that both answered and that both have a score for"
    yield f"<p>From <b>{text(names[0])}</b> to <b>{text(names[1])}</b>: {what}.</p>"
    head = ("set", "metric", "items", "change", "95 % interval", "p", "p (Holm)", *KINDS, "not compared")
    corrected = corrected_p(compared)
    yield table(
        head,
        (_row(comparison, corrected[comparison.benchmark.name]) for comparison in compared),
        numbers=range(2, len(head)),
    )
    yield f'<p class="note">{_NOTE}</p>'
    for comparison in compared:
        yield f'<h2 id="{text(comparison.benchmark.name)}">{text(comparison.benchmark.name)}</h2>'
        for kind in (FIXED, BROKEN, BOTH_WRONG):
            pairs = comparison.pairs[kind]
            left = f", the first {shown} of them below" if len(pairs) > shown else ""
            yield f'<h3 id="{text(comparison.benchmark.name)}-{kind.replace(" ", "-")}">{kind}: {len(pairs)}{left}</h3>'
            for before, after in pairs[:shown]:
                yield (
                    f"<details><summary>{text(before['item'])}: {asked_short(before)} "
                    f"<small>gold {cut(before['answer'], 40)}: {read_short(before)} → {read_short(after)}</small>"
                    "</summary>"
                    f"{question(before, picture)}"
                    f'<div class="two"><div><h4>{text(names[0])}</h4>{reply_part(before)}</div>'
                    f"<div><h4>{text(names[1])}</h4>{reply_part(after)}</div></div></details>"
                )


def corrected_p(compared: Sequence[Compared]) -> dict[str, float | None]:
    """p-values by set after Holm's step-down correction over all sets compared; the held-out samples stand alone."""
    own = {c.benchmark.name: c.change.p if c.change else None for c in compared}
    return own | holm({name: p for name, p in own.items() if name != HELDOUT})


def _row(comparison: Compared, corrected: float | None) -> list[str]:
    name, change = text(comparison.benchmark.name), comparison.change
    value = figure(change.value if change else None, "+")
    spread = interval(change.low, change.high, "+") if change else ""
    p = text(p_value(change.p if change else None))
    counts = [
        f'<a href="#{name}-{kind.replace(" ", "-")}">{len(comparison.pairs[kind])}</a>'
        if kind != BOTH_RIGHT
        else str(len(comparison.pairs[kind]))
        for kind in KINDS
    ]
    return [
        f'<a href="#{name}">{name}</a>',
        text(comparison.benchmark.metric),
        str(comparison.n),
        value,
        spread or MISSING,
        p,
        text(p_value(corrected)),
        *counts,
        str(comparison.unscored),
    ]


def summary(compared: Sequence[Compared]) -> list[Mapping[str, Any]]:
    """Counts of items per set and kind, for a terminal."""
    corrected = corrected_p(compared)
    return [
        {
            "benchmark": c.benchmark.name,
            "change": c.change,
            "unscored": c.unscored,
            "p_holm": corrected[c.benchmark.name],
        }
        | {k: len(v) for k, v in c.pairs.items()}
        for c in compared
    ]
