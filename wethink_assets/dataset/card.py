"""The data set card (datasheet): what is in a release, how it came about, what is known to be wrong with it.

Belongs here: Markdown and the plot of the mix, from measured counts.
Does not belong here: any number that is not handed in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from wethink_assets.accounting import Stopped
from wethink_assets.dataset.card_examples import section
from wethink_assets.dataset.counts import Counts
from wethink_assets.dataset.mix_outcome import rows_of_table
from wethink_assets.presentation.markdown import cell, code
from wethink_assets.presentation.plots import figure_png

MIX_PLOT = "![Mix of sources](mix.png)\n\n"  # where it lies beside the card
_SYNTHETIC = "sample-teacher"
CELL = 400  # characters of a cell: licences are long

LIMITS = """\
- Questions, answers and reasoning are written by models. Agreement of two models is no proof: where both are \
wrong alike, the row is wrong.
- A judge's score for descriptive answers depends on the judge model; scores of different judges do not compare.
- The split is by cluster of look-alike images and pages of one document. Other pictures of one scene or person can \
stand on both sides.
- Contamination is gated for images of the evaluation sets in this installation, not for sets it does not hold.
- Licences are those that the sources state. Where a source states none, this data set grants none."""


def card(
    counts: Counts,
    origin: Mapping[str, Any],
    *,
    dropped: Sequence[Stopped],
    failed: Sequence[Stopped],
    target: int,
    shares: Mapping[str, float],
    heldout_share: float,
    seed: int,
    yields: Sequence[Mapping[str, Any]],
    reasons: Sequence[Mapping[str, Any]],
    models: Sequence[str] = (),
    filters: Sequence[Mapping[str, Any]] = (),
    examples: Sequence[Mapping[str, Any]] = (),
) -> str:
    """The data set card of a release, as Markdown.

    `origin` is the record of provenance.py. `yields`, `reasons` and `filters` are rows of dataset/count_stage_yields,
    dataset/count_stop_reasons and dataset/sum_row_filters; `examples` are rows that are shown with their pictures.
    `shares` are relative weights of sources, `heldout_share` is 0 to 1.
    """
    accepted = counts.rows + len(dropped) + len(failed)
    parts = [
        f"# WeThink data set, release {counts.release_id}",
        (
            "Questions about images that need reasoning, each with a refined reasoning path, a final answer and the "
            "way its reward is computed. Made by re-creating the pipeline of WeThink (arXiv 2506.07905); this is not "
            "the authors' data."
        ),
        _table(
            ["", "rows", "images"],
            [
                ["train (`wethink.jsonl`)", counts.rows_of("train"), counts.images_of("train")],
                ["held out (`heldout.jsonl`)", counts.rows_of("heldout"), counts.images_of("heldout")],
                ["all", counts.rows, counts.images],
            ],
        ),
        (
            f"Aimed at {target:,} rows, took {counts.rows:,} of {accepted:,} accepted samples "
            f"from growth batches {', '.join(code(b) for b in counts.batches)}. "
            f"Held out: {heldout_share:.0%} of the clusters of images, chosen by hash. Seed {seed}."
        ),
        (
            "## Fields\n\n"
            "`problem`, `answer` (the letter for MC), `category` (MC multiple choice, FIB fill in the blank, DES "
            "descriptive), `abilities`, `refined_cot`, `image_path` (below `images/`), `reward` (`rule` or `model`). "
            "`wethink.parquet` adds ids, typed answers, source, licence, split and growth batch."
        ),
        f"## Mix of sources\n\n{MIX_PLOT}" + _mix_table(counts, shares),
        "## Wanted and got\n\n" + mix_outcomes(origin["mix"]),
        "## Categories, abilities, rewards, answer types\n\n"
        + "\n\n".join(_count_table(counts, c) for c in ("category", "abilities", "reward", "answer_type")),
        "## Licences\n\nPer image in `licences.tsv`.\n\n" + _count_table(counts, "licence"),
        "## From images to samples\n\nAll growth batches together. A row that goes no further is dropped by a rule or "
        "failed; none vanishes.\n\n" + _yield_table(yields),
        "## Why rows stopped\n\n" + _reason_table(reasons, dropped, failed),
        *(["## What the row filters dropped\n\n" + _filter_table(filters)] if filters else []),
        "## Contamination\n\n" + _contamination(origin),
        "## How it was made\n\n" + _making(origin),
        *([section(examples)] if examples else []),
        "## Known limits\n\n" + _made_by(models) + LIMITS,
    ]
    return "\n\n".join(parts) + "\n"


def _filter_table(filters: Sequence[Mapping[str, Any]]) -> str:
    known = any(row["bad_rows"] is not None for row in filters)
    header = ["filter", "drops alone", "in the order", "no other drops"]
    header += ["precision alone", "of bad rows"] if known else []
    rows = []
    for row in filters:
        cells = [row["filter"], *(int(row[f"dropped_{how}"]) for how in ("alone", "first", "only"))]
        if known:
            dropped, caught, bad = row["dropped_alone"], row["bad_alone"] or 0, row["bad_rows"] or 0
            cells += [f"{caught / dropped:.0%}" if dropped else "–", f"{caught / bad:.0%}" if bad else "–"]
        rows.append(cells)
    told = (
        "Precision and recall are against the errors that the sample pack planted."
        if known
        else "How many of these were bad is not known of real data; `wethink audit` estimates what is left."
    )
    looked = max(int(row["rows"]) for row in filters)
    return f"Of {looked:,} rows that reached them, over all growth batches. {told}\n\n" + _table(header, rows)


def _contamination(origin: Mapping[str, Any]) -> str:
    sets = origin["gates"]["evaluation_sets"]
    if not sets:
        return "**No evaluation set was known: nothing was compared.**"
    return (
        "Images (bytes and both perceptual hashes) and questions of all rows were held against these evaluation sets "
        "by the blocking check `no_contamination`; what the pools dropped before stands above as `benchmark_image` and "
        "`benchmark_question`.\n\n" + _table(["set", "version"], [[name, version] for name, version in sets.items()])
    )


def _making(origin: Mapping[str, Any]) -> str:
    versions = origin["code"]
    lines = [
        f"- Parent release: {code(origin['parent']) if origin['parent'] else 'none'}.",
        f"- {origin['clusters']:,} clusters of images, none on both sides of the split.",
        f"- Code: version {code(versions['package'] or 'of its sources')}, digest {code(versions['release'])}.",
    ]
    lines += [f"- {role}: {', '.join(map(code, models))}." for role, models in origin["models"].items()]
    return (
        "\n".join(lines) + "\n\n`manifest.json` holds the settings, the versions of all prompts, gates and evaluation "
        "sets, and size and SHA-256 of every file; `dropped.jsonl` holds what was left out, each with its reason."
    )


def _made_by(models: Sequence[str]) -> str:
    if not models:
        return ""
    text = f"- Written by: {', '.join(code(m) for m in sorted(models))}.\n"
    if any(m.startswith(_SYNTHETIC) for m in models):
        text += (
            "- **The sample teacher is a program that plays the models on drawn images, with planted errors. Rows made "
            "with it test the pipeline; they are no training data for real use.**\n"
        )
    return text


def mix(counts: Counts, shares: Mapping[str, float]) -> list[tuple[str, int, float, float]]:
    """Mixture of sources as (source, rows, share of the release, target share), largest target first; shares 0 to 1."""
    rows = counts.of("source")
    total = sum(rows.values()) or 1
    weight = sum(w for w in shares.values() if w > 0) or 1
    sources = sorted(set(rows) | {s for s, w in shares.items() if w > 0}, key=lambda s: (-shares.get(s, 0), s))
    return [(s, rows.get(s, 0), rows.get(s, 0) / total, max(shares.get(s, 0), 0) / weight) for s in sources]


def mix_plot(counts: Counts, shares: Mapping[str, float]) -> bytes:
    """Bar chart as PNG: the share of each source in the release beside its target."""
    from matplotlib.figure import Figure

    rows = mix(counts, shares)
    figure = Figure(figsize=(7, 0.9 + 0.27 * len(rows)), dpi=100, layout="constrained")
    axes = figure.add_subplot()
    places = range(len(rows))
    axes.barh([p - 0.2 for p in places], [100 * r[2] for r in rows], height=0.38, color="#2b6cb0", label="release")
    axes.barh([p + 0.2 for p in places], [100 * r[3] for r in rows], height=0.38, color="#cbd5e0", label="target")
    axes.set_yticks(list(places), [f"{r[0]}  ({r[1]})" for r in rows], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel("% of rows")
    axes.legend(frameon=False, fontsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure_png(figure)


def _mix_table(counts: Counts, shares: Mapping[str, float]) -> str:
    return _table(
        ["source", "rows", "share", "target share"],
        [[s, n, f"{a:.1%}", f"{b:.1%}"] for s, n, a, b in mix(counts, shares)],
    )


def mix_outcomes(records: Sequence[Mapping[str, Any]]) -> str:
    """What was wanted and taken of each value of the mix, and why, as Markdown."""
    rows = rows_of_table(records)
    if not rows:
        return "Every source gave the rows of its weight, and nothing else was asked for."
    told = "In rows. A source that has too few leaves its part to the others. The causes of a miss add up to it."
    return f"{told}\n\n" + _table(["dimension", "value", "wanted", "got", "off", "there are", "why"], rows)


def _count_table(counts: Counts, column: str) -> str:
    total = counts.rows or 1
    return _table([column, "rows", "share"], [[k, n, f"{n / total:.1%}"] for k, n in counts.of(column).items()])


def _yield_table(yields: Sequence[Mapping[str, Any]]) -> str:
    if not yields:
        return "No accounting rows in the lake."
    rows = []
    for y in yields:
        share = f"{int(y['continued']) / int(y['rows_in']):.1%}" if y["rows_in"] else "–"
        rows.append([y["asset"], *(int(y[k]) for k in ("rows_in", "continued", "dropped", "failed")), share])
    return _table(["asset", "in", "on", "dropped", "failed", "yield"], rows)


def _reason_table(reasons: Sequence[Mapping[str, Any]], dropped: Sequence[Stopped], failed: Sequence[Stopped]) -> str:
    rows = [[r["asset"], r["verdict"], r["reason"], int(r["rows"])] for r in reasons]
    for verdict, stopped in (("dropped", dropped), ("failed", failed)):
        by_reason = Counter(s.reason for s in stopped)
        rows += [["release", verdict, reason, n] for reason, n in sorted(by_reason.items())]
    return _table(["asset", "verdict", "reason", "rows"], rows) if rows else "No row was stopped."


def _table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    def shown(value: Any) -> str:
        return f"{value:,}" if isinstance(value, int) else cell(value, CELL)

    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(shown(v) for v in row) + " |" for row in rows])
