"""Time, memory and distance to the mix of a selection by source alone and towards a mix, by the number of samples.

    python -m benchmarks.mix_selection [--samples 136000,1200000] [--kept 0.882,0.333]

Drawn samples of 18 sources, in the sizes of their weights, that differ in categories, abilities, difficulty and answer
types; 16 shares of these are asked for, not all of which can be had. `kept` is the share of the samples that a release
takes: 120,000 of 136,000, and a third. `grown` selects again where eight of ten samples were there before, and those
that were taken of them are held. Each line is a process of its own; CPU-seconds and memory are those of the choice with
all its samples, without what draws them.

`off` is how many rows the values of the mix have too many or too few, all added up.
Peer: HiGHS, scipy's solver of linear programs. It finds the least `off` that fractions of rows could reach, which no
selection can beat; it says nothing of which rows, and its answers differ between versions.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from wethink_assets.dataset.mix import Mix
from wethink_assets.dataset.mix_outcome import SOURCE
from wethink_assets.dataset.selection import Candidate, Selection, select
from wethink_assets.sources.catalog import SOURCES

ABILITIES = ("recognition", "ocr", "knowledge", "spatial", "math")
TYPES = ("number", "quantity", "text", "set", "list", "yes_no", "ocr")
ASKED = {
    "category": {"MC": 0.4, "FIB": 0.4, "DES": 0.2},
    "ability": {"math": 0.3, "ocr": 0.4, "knowledge": 0.3, "spatial": 0.3, "recognition": 0.5},
    "difficulty": {"hard": 0.2, "medium": 0.3, "easy": 0.2, "unknown": 0.3},
    "answer_type": {"number": 0.2, "choice": 0.4, "text": 0.1, "free_form": 0.2},
}
HOW = ("source", "mix", "grown")


def drawn(samples: int, mix: Mix) -> list[Candidate]:
    chance = random.Random(0)
    shares = {source.key: float(source.share) for source in SOURCES}
    places = dict(zip(shares, range(len(shares)), strict=True))
    found = []
    for n, source in enumerate(chance.choices(list(shares), list(shares.values()), k=samples)):
        place = places[source]
        category = "MC" if chance.random() < 0.3 + 0.02 * place else "FIB" if chance.random() < 0.6 else "DES"
        row = {
            "category": category,
            "answer_type": {"MC": "choice", "DES": "free_form"}.get(category) or chance.choice(TYPES),
            "abilities": [a for i, a in enumerate(ABILITIES) if chance.random() < 0.15 + 0.5 * ((place + i) % 5 == 0)],
            "pass_rate": None if chance.random() < 0.5 else chance.choice((0, 0.2, 0.4, 0.6, 0.8, 1)),
        }
        found.append(
            Candidate(f"{n:064x}", f"{n // 2:064x}", source, 1 + n * 10 // samples // 2, None, (), mix.traits(row))
        )
    return found


def chosen(samples: Sequence[Candidate], kept: float, mix: Mix) -> Selection:
    shares = {source.key: float(source.share) for source in SOURCES}
    return select(samples, target=int(kept * len(samples)), shares=shares, heldout_share=0.25, mix=mix)


def off(samples: Sequence[Candidate], selection: Selection, mix: Mix) -> int:
    traits = {c.sample_id: c.traits for c in samples}
    counts = Counter(value for row in selection.rows for value in mix.named(traits[row.sample_id]))
    return sum(abs(counts[v] - n) for v, n in zip(mix.values, mix.wanted(len(selection.rows)), strict=True))


def least_off(samples: Sequence[Candidate], selection: Selection, mix: Mix) -> tuple[float, float]:
    """What HiGHS says that can be reached, and its CPU-seconds."""
    from scipy.optimize import linprog
    from scipy.sparse import bmat, csr_matrix, eye

    cells = sorted(Counter((c.source, c.traits) for c in samples).items())
    sources = list(selection.quotas)
    has = csr_matrix([[t >> place & 1 for (_, t), _ in cells] for place in range(len(mix.values))])
    of_source = csr_matrix([[float(s == source) for (s, _), _ in cells] for source in sources])
    values = len(mix.values)
    began = time.process_time()
    found = linprog(
        np.r_[np.zeros(len(cells)), np.ones(2 * values)],
        A_eq=bmat([[has, eye(values), -eye(values)], [of_source, None, None]]),
        b_eq=[*mix.wanted(len(selection.rows)), *selection.quotas.values()],
        bounds=[(0, n) for _, n in cells] + [(0, None)] * 2 * values,
    )
    return float(found.fun), time.process_time() - began


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(samples: int, kept: float, how: str) -> None:
    mix = Mix(ASKED)
    rows = drawn(samples, mix)
    if how == "grown":
        before = {row.sample_id for row in chosen([c for c in rows if c.batch_order < 5], kept, mix).rows}
        rows = [replace(c, first_released=1) if c.sample_id in before else c for c in rows]
    start, began = peak_mb(), time.process_time()
    selection = chosen(rows, kept, Mix() if how == "source" else mix)
    spent, peak = time.process_time() - began, peak_mb()
    found = off(rows, selection, mix)
    missed = sum(o.off != 0 for o in selection.outcomes if o.dimension != SOURCE)
    values = "–" if how == "source" else str(missed)
    cells = len({(c.source, c.traits) for c in rows})
    line = f"| {samples:,} | {len(selection.rows):,} | {how} | {cells:,} | {spent:.2f} | {start:.0f} | {peak:.0f} "
    bound = "– | –"
    if how == "mix":
        least, seconds = least_off(rows, selection, mix)
        bound = f"{least:,.0f} | {seconds:.2f}"
    print(f"{line}| {found:,} | {values} | {bound} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", default="136000,1200000")
    parser.add_argument("--kept", default="0.882353,0.333")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        samples, kept, how = given.one
        measure(int(samples), float(kept), how)
        return
    heads = (
        "samples | taken | how | cells | CPU-s | MB before | peak MB | off | values off | HiGHS: least off | its CPU-s"
    )
    print(f"| {heads} |\n{'|---' * 11}|", flush=True)
    for samples in given.samples.split(","):
        for kept in given.kept.split(","):
            for how in HOW:
                argv = [sys.executable, "-m", "benchmarks.mix_selection", "--one", samples, kept, how]
                subprocess.run(argv, check=True)


if __name__ == "__main__":
    main()
