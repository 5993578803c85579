"""The scoreboard as one HTML page, on which every number leads to its items and their replies.

Belongs here: that page. Does not belong here: the table's rows (scoreboard.py), what changed item by item (comparison.py).

A page grows with the replies: about 1 KB an item and policy besides what was said.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from wethink_assets.evaluation.registry import Benchmark
from wethink_assets.evaluation.report.figures import figure, interval, p_value
from wethink_assets.evaluation.report.html import png, table, text
from wethink_assets.evaluation.report.items import Answer, question, said, verdict
from wethink_assets.evaluation.scorers import STRICT

Answers = Callable[[str, str], Sequence[Answer]]  # by policy and set
_NAMES = {"base": "base", "rl": "RL"}


def page_parts(
    rows: Sequence[Mapping[str, Any]],
    numbers: Mapping[str, Sequence[Mapping[str, Any]]],
    sets: Sequence[Benchmark],
    answers: Answers,
    pictures: Mapping[str, bytes],
) -> Iterable[str]:
    """`rows` are the scoreboard's, `numbers` the rows of table scores by kind of policy, `pictures` PNG by name."""
    policies = {"base": rows[0]["base_id"], "rl": rows[0]["rl_id"]} if rows else {}
    yield "<p>" + ", ".join(f"{_NAMES[kind]}: <b>{text(policy)}</b>" for kind, policy in policies.items()) + (
        ". Figures marked [A] are the paper's, of Qwen2.5-VL-7B and WeThink-7B on the authors' board of 2025-05-30; "
        "they are not of these policies. <code>strict</code> is our verifier, <code>vlmevalkit</code> VLMEvalKit's rules with their defects.</p>"
    )
    main = {(row["benchmark"], kind): row for kind, found in numbers.items() for row in found if row["main"]}
    board = {row["benchmark"]: row for row in rows}
    yield table(
        ("set", "metric", "base", "RL", "change, 95 % interval", "p (Holm)", "VLMEvalKit's rules", "paper: base [A]", "paper: RL [A]"),
        (_line(b, board[b.name], main) for b in sets if b.name in board),
    )
    for name, data in pictures.items():
        yield png(data, name)
    for benchmark in sets:
        for kind, policy in policies.items():
            own = [row for row in numbers.get(kind, ()) if row["benchmark"] == benchmark.name]
            yield from _section(benchmark, kind, policy, own, answers(policy, benchmark.name))


def _line(benchmark: Benchmark, row: Mapping[str, Any], main: Mapping[tuple[str, str], Mapping[str, Any]]) -> list[str]:
    cells = []
    for kind in _NAMES:
        found = main.get((benchmark.name, kind))
        value = "–" if found is None or found["value"] is None else f"{found['value']:.1f}"
        interval = "" if found is None or found["low"] is None else f" [{found['low']:.1f}, {found['high']:.1f}]"
        cells.append(f'<a href="#{text(benchmark.name)}-{kind}">{value}{interval}</a>')
    colour = "dim" if not row["significant"] else "good" if row["delta"] > 0 else "bad"
    change = "–" if row["delta"] is None else f"{row['delta']:+.1f}"
    spread = "" if row["low"] is None else f" [{row['low']:+.1f}, {row['high']:+.1f}]"
    kit = [figure(row[f"vlmevalkit_{kind}"]) for kind in _NAMES]
    name = next((f["name"] for k in _NAMES if (f := main.get((benchmark.name, k))) and f["name"]), benchmark.metric)
    paper = [figure(row[f"paper_{kind}"]) for kind in _NAMES]
    p = text(p_value(row["p_holm"]))
    return [text(benchmark.name), text(name), *cells, f'<span class="{colour}">{change}{spread}</span>', p, " → ".join(kit), *paper]


def _section(
    benchmark: Benchmark, kind: str, policy: str, numbers: Sequence[Mapping[str, Any]], answers: Sequence[Answer]
) -> Iterable[str]:
    yield f'<h2 id="{text(benchmark.name)}-{kind}">{text(benchmark.name)}, {_NAMES[kind]} ({text(policy)})</h2>'
    yield table(
        ("number", "value", "95 % interval", "without a judge", "no answer found", "judged", "without contaminated"),
        (
            [
                text(row["name"] or row["metric"]), figure(row["value"]),
                interval(row["low"], row["high"]),
                "" if row["bound_low"] is None else f"{row['bound_low']:.1f} to {row['bound_high']:.1f}",
                _share(row["n_unparsed"], row["n"]), _share(row["n_judged"], row["n"]),
                f"{figure(row['clean_value'])} ({row['n_contaminated'] or 0} left out)",
            ]
            for row in numbers
        ),
    )  # fmt: skip
    head = next((row for row in numbers if row["main"]), None)
    tables = (json.loads(head["breakdown"]) if isinstance(head["breakdown"], str) else head["breakdown"]) if head else {}
    for dimension, cells in tables.items():
        rows = ([text(name), str(cell["n"]), f"{cell['value']:.1f}"] for name, cell in cells.items())
        yield f"<details><summary>{STRICT} by {text(dimension)}</summary>{table(('category', 'n', 'value'), rows)}</details>"
    yield f"<details><summary>{len(answers)} items and replies</summary>"
    for answer in answers:
        yield (
            f'<details id="{text(benchmark.name)}-{kind}-{text(answer["item"])}"><summary>{text(answer["item"])}: {verdict(answer)} '
            f"{text(answer['question'][:100])}</summary>{question(answer)}{said(answer)}</details>"
        )
    yield "</details>"


def _share(part: int | None, whole: int) -> str:
    return "" if part is None else f"{part} ({100 * part / whole:.1f} %)" if whole else f"{part}"
