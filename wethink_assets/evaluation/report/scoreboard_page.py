"""The scoreboard as one HTML page, on which every number leads to its items and their replies.

Belongs here: that page. Does not belong here: the table's rows (scoreboard.py), what changed item by item
(comparison.py).

A page grows with the replies: about 1 KB per item and policy, besides the replies.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from wethink_assets.benchmark_sets.registry import BENCHMARKS, MEANS, Benchmark, mean_of
from wethink_assets.evaluation import scoreboard
from wethink_assets.evaluation.families.registry import family
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.report.html import png, table, text
from wethink_assets.evaluation.report.items import Answer, asked_short, question, reply_part, verdict
from wethink_assets.evaluation.report.number_format import MISSING, figure, interval, p_value
from wethink_assets.evaluation.scoring import STRICT

Answers = Callable[[str, str], Sequence[Answer]]  # by policy and set
_NAMES = {"base": "base", "rl": "RL"}
_GROUPS = {
    "reasoning": "Reasoning",
    "academic": "Academic",
    "added": "Added sets",
    "heldout": "The release's own held-out samples",
}
_HEAD = (
    "set",
    "metric",
    "items",
    "base",
    "RL",
    "change",
    "p (Holm)",
    "detect-<br>able",
    "without contam.",
    "VLMEvalKit's<br>rules",
    "Qwen2.5-<br>VL-7B [A]",
    "WeThink-<br>7B [A]",
)
_NOTE = (
    "Scores in the unit of each set (OCRBench: of 1,000), in brackets 95 % intervals by bootstrap over clusters "
    "of items that share an image, a DynaMath question or a We-Math composite. Change: over the items that both "
    "policies have a score for; green or red where its interval leaves out zero. p: randomisation test within "
    "clusters, after Holm's correction over the published sets. Detectable: the smallest true change that such a "
    "test finds in four of five repetitions. Without contam(inated): the change without items that a training "
    "source holds too. Scores are by our verifier (<code>strict</code>); VLMEvalKit's rules, with their defects, "
    "stand beside it. Columns marked [A] are the paper's figures of its own models, on the authors' board of "
    "2025-05-30; they are not of these policies."
)


def page_parts(
    rows: Sequence[Mapping[str, Any]],
    numbers: Mapping[str, Sequence[Mapping[str, Any]]],
    sets: Sequence[Benchmark],
    answers: Answers,
    pictures: Mapping[str, bytes],
) -> Iterable[str]:
    """The scoreboard page in pieces of HTML.

    `rows` are the scoreboard's, `numbers` the rows of table scores by kind of policy, `pictures` PNG by name.
    """
    policies = {"base": rows[0]["base_id"], "rl": rows[0]["rl_id"]} if rows else {}
    yield "<p>" + ", ".join(f"{_NAMES[kind]}: <b>{text(policy)}</b>" for kind, policy in policies.items()) + "</p>"
    yield _banner(rows)
    main = {(row["benchmark"], kind): row for kind, own in numbers.items() for row in own if row["main"]}
    board = {row["benchmark"]: row for row in rows}
    yield table(_HEAD, _lines([b for b in sets if b.name in board], board, main), numbers=range(2, len(_HEAD)))
    yield f'<p class="note">{_NOTE}</p>'
    yield f'<div class="plots">{"".join(png(data, name) for name, data in pictures.items())}</div>'
    for benchmark in sets:
        for kind, policy in policies.items():
            own = [row for row in numbers.get(kind, ()) if row["benchmark"] == benchmark.name]
            yield from _section(benchmark, kind, policy, own, answers(policy, benchmark.name))


def _banner(rows: Sequence[Mapping[str, Any]]) -> str:
    """What the check says: sets that got worse, whatever the mean did."""
    sure = scoreboard.sure_regressions(rows)
    worse = [name for name in scoreboard.regressions(rows) if name not in sure]
    better = sum(bool(row["significant"]) and row["delta"] > 0 for row in rows)
    phrases = [f"better on {better} of {len(rows)} sets, on {len(scoreboard.sure_gains(rows))} after Holm's correction"]
    phrases += [f"worse after Holm's correction: {_links(sure)}"] if sure else []
    phrases += [f"worse, before correction: {_links(worse)}"] if worse else []
    phrases += [] if sure or worse else ["worse on none"]
    return f'<p class="banner{" bad" if sure or worse else ""}">RL against base: {"; ".join(phrases)}.</p>'


def _links(names: Sequence[str]) -> str:
    return ", ".join(f'<a href="#{text(name)}-rl">{text(name)}</a>' for name in names)


def _lines(
    sets: Sequence[Benchmark], board: Mapping[str, Mapping[str, Any]], main: Mapping[tuple[str, str], Mapping[str, Any]]
) -> Iterable[list[str]]:
    """The board's lines under the heads of their groups, with the means of the two groups that the paper averages."""
    for group, title in _GROUPS.items():
        own = [b for b in sets if b.group == group]
        if own:
            yield [title]
            yield from (_line(b, board[b.name], main) for b in own)
        if own and group in MEANS and (mean := scoreboard.mean_scores(list(board.values()), group)):
            paper = [
                figure(mean_of(group, {b.name: v for b in BENCHMARKS if (v := getattr(b, f)) is not None}))
                for f in ("paper_base", "paper_rl")
            ]
            yield [
                f"<i>mean, {group}</i>",
                "percent",
                "",
                figure(mean[0]),
                figure(mean[1]),
                figure(mean[1] - mean[0], "+"),
                "",
                "",
                "",
                "",
                *paper,
            ]


def _line(benchmark: Benchmark, row: Mapping[str, Any], main: Mapping[tuple[str, str], Mapping[str, Any]]) -> list[str]:
    name = text(benchmark.name)
    scores = {kind: main.get((benchmark.name, kind)) for kind in _NAMES}
    cells = []
    for kind, score in scores.items():
        spread = (
            f"<br><small>{interval(score['low'], score['high'])}</small>" if score and score["low"] is not None else ""
        )
        cells.append(f'<a href="#{name}-{kind}">{figure(score["value"] if score else None)}</a>{spread}')
    colour = "dim" if not row["significant"] else "good" if row["delta"] > 0 else "bad"
    spread = f"<br><small>{interval(row['low'], row['high'], '+')}</small>" if row["low"] is not None else ""
    kit = [f'<a href="#{name}-{kind}">{figure(row[f"vlmevalkit_{kind}"])}</a>' for kind in _NAMES]
    metric = next((score["name"] for score in scores.values() if score and score["name"]), benchmark.metric)
    n_set = max((score["n_set"] for score in scores.values() if score), default=0)
    items = f"{row['n']:,}" if row["n"] == n_set else f'<span class="bad">{row["n"]:,} of {n_set:,}</span>'
    paper = [figure(row[f"paper_{kind}"]) for kind in _NAMES]
    changed = f'<a class="{colour}" href="#{name}-rl">{figure(row["delta"], "+")}</a>{spread}'
    metric = text(metric).replace("_", "_<wbr>")  # a long name may break
    return [
        name,
        metric,
        items,
        *cells,
        changed,
        text(p_value(row["p_holm"])),
        figure(row["detectable"]),
        figure(row["clean_delta"], "+"),
        " → ".join(kit) if any(row[f"vlmevalkit_{k}"] is not None for k in _NAMES) else MISSING,
        *paper,
    ]


def _section(
    benchmark: Benchmark, kind: str, policy: str, numbers: Sequence[Mapping[str, Any]], answers: Sequence[Answer]
) -> Iterable[str]:
    place = f"{text(benchmark.name)}-{kind}"
    yield f'<h2 id="{place}">{text(benchmark.name)}, {_NAMES[kind]} <small>{text(policy)}</small></h2>'
    yield table(
        ("number", "value", "95 % interval", "without a judge", "no answer found", "judged", "without contaminated"),
        (
            [
                text(row["name"] or row["metric"]),
                figure(row["value"]),
                interval(row["low"], row["high"]),
                "" if row["bound_low"] is None else f"{row['bound_low']:.1f} to {row['bound_high']:.1f}",
                _share(row["n_unparsed"], row["n"]),
                _share(row["n_judged"], row["n"]),
                f"{figure(row['clean_value'])} ({row['n_contaminated'] or 0} left out)",
            ]
            for row in numbers
        ),
        numbers=range(1, 7),
    )
    for note in dict.fromkeys(row["notes"] for row in numbers if row.get("notes")):
        yield f'<p class="note">{text(note)}</p>'
    head = next((row for row in numbers if row["main"]), None)
    tables = (
        (json.loads(head["breakdown"]) if isinstance(head["breakdown"], str) else head["breakdown"]) if head else {}
    )
    members = _members(benchmark, place, answers) if tables else {}
    for dimension, cells in tables.items():
        rows = (
            [
                text(name),
                str(cell["n"]),
                figure(cell["value"]),
                f'<span class="items">{" ".join(members.get((dimension, name), ()))}</span>',
            ]
            for name, cell in cells.items()
        )
        shown = table(("category", "n", "value", "items"), rows, numbers=(1, 2))
        yield f"<details><summary>{STRICT} by {text(dimension)}</summary>{shown}</details>"
    yield f"<details><summary>{len(answers)} items and replies</summary>"
    for answer in answers:
        yield (
            f'<details id="{place}-{text(answer["item"])}"><summary>{text(answer["item"])}: {verdict(answer)} '
            f"{asked_short(answer)}</summary>{question(answer)}{reply_part(answer)}</details>"
        )
    yield "</details>"


def _members(benchmark: Benchmark, place: str, answers: Sequence[Answer]) -> dict[tuple[str, str], list[str]]:
    """Links to the items of each category, in the colour of their verdict."""
    categories = family(benchmark.rule).categories
    links: dict[tuple[str, str], list[str]] = {}
    for answer in answers:
        colour = "dim" if answer["score"] is None else "good" if answer["score"] >= 1 else "bad"
        link = f'<a class="{colour}" href="#{place}-{text(answer["item"])}">{text(answer["item"])}</a>'
        for dimension, names in categories(Item.of(answer)).items():
            for name in names:
                links.setdefault((dimension, name), []).append(link)
    return links


def _share(part: int | None, whole: int) -> str:
    return "" if part is None else f"{part} ({100 * part / whole:.1f} %)" if whole else f"{part}"
