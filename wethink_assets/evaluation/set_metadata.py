"""Metadata of the score assets for Dagster's UI: examples of items that a policy got wrong.

Belongs here: Markdown of examples. Does not belong here: numbers (metrics.py), rows per set
(benchmark_sets/metadata.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.scoring import Scored
from wethink_assets.presentation.markdown import Markdown, cell
from wethink_assets.presentation.row_links import row_link

EXAMPLES = 8
WIDE = 80  # characters of a cell
NOTHING = "–"


def worst(verdicts: Mapping[str, Sequence[tuple[Item, Scored]]], explorer: str = "") -> Markdown:
    """Wrong answers: a few items that each policy got wrong, with question, gold and extracted answer.

    `explorer` is the address below which items have pages.
    """
    lines = ["| policy | item | question | gold | said | verdict |", "|---|---|---|---|---|---|"]
    for policy, own in verdicts.items():
        missed = [(item, scored) for item, scored in own if scored.score is not None and scored.score < 1][:EXAMPLES]
        lines += [
            f"| {policy} | {row_link(explorer, f'{item.benchmark}:{item.item}', item.item)} | {_wide(item.question)} "
            f"| {_wide(item.answer)} | {_wide(scored.extracted)} | {scored.verdict} |"
            for item, scored in missed
        ]
    return Markdown("\n".join(lines))


def _wide(text: str | None) -> str:
    return cell(text or NOTHING, WIDE)
