"""The card of an imported release (datasheet): which file it was, what was mended and left out, and what it holds.

Belongs here: Markdown from measured counts. Does not belong here: any number that is not handed in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from wethink_assets.dataset.counts import Counts
from wethink_assets.imports.account import Account
from wethink_assets.imports.mend import REPAIRS
from wethink_assets.presentation.markdown import cell, code

LIMITS = """\
- Whether an answer is true was not asked: an import reads texts, pictures and evaluation sets, and asks no model.
- A repaired row says what the file said; `wethink release why` gives the reason of every line that is not here.
- Licences are those that the sources of these names state, and "not stated" for others. The published file's own \
licence and terms apply to its texts.
- The split is by cluster of images and this installation's own; the published file has none."""


def card(counts: Counts, account: Account, *, name: str, sha256: str, held_against: Mapping[str, str]) -> str:
    """The card as Markdown; `held_against` are versions by evaluation set."""
    sets = ", ".join(map(code, held_against)) or "**none: no evaluation set was known, so nothing was compared**"
    parts = [
        f"# Imported data set, release {counts.release_id}",
        f"Imported from the file {code(name)} (SHA-256 `{sha256}`), which others published. No row was made here.",
        _table(
            ("lines of the file", "rows"),
            {
                "taken": account.taken,
                **{f"{verdict}": counter.total() for verdict, counter in account.stopped.items()},
                "all": account.lines,
            },
        ),
        _table(
            ("", "rows"),
            {
                "train (`wethink.jsonl`)": counts.rows_of("train"),
                "held out (`heldout.jsonl`)": counts.rows_of("heldout"),
                "images": counts.images,
            },
        ),
        "## Repairs\n\nOf the rows taken; a row may need several.\n\n"
        + _table(
            ("repair", "rows"), {f"{name}: {REPAIRS[name]}": count for name, count in account.repairs.most_common()}
        ),
        "## Why lines are not here\n\n"
        + _table(
            ("reason", "rows"),
            {
                f"{verdict}: {reason}": count
                for verdict, counter in account.stopped.items()
                for reason, count in counter.most_common()
            },
        ),
        f"## Contamination\n\nImages and questions were held against: {sets}.",
        "## Mix\n\n![Mix of sources](mix.png)\n\n"
        + "\n\n".join(
            _table((column, "rows"), counts.of(column))
            for column in ("source", "category", "abilities", "reward", "answer_type")
        ),
        "## Licences\n\nPer image in `licences.tsv`.\n\n" + _table(("licence", "rows"), counts.of("licence")),
        "## Known limits\n\n" + LIMITS,
    ]
    return "\n\n".join(parts) + "\n"


def _table(header: tuple[str, str], rows: Mapping[str, int] | Counter[str]) -> str:
    if not rows:
        return "None."
    lines = [f"| {header[0]} | {header[1]} |", "|---|---|"]
    return "\n".join(lines + [f"| {cell(name, 400)} | {count:,} |" for name, count in rows.items()])
