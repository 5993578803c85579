"""The contamination gate on questions: throughput, memory, and the same answer from set operations in SQL.

Run `python -m benchmarks.question_gate [--questions 120000] [--items 15000 30000]`. Questions and items are drawn from
one vocabulary with frequencies as in natural text (Zipf), 5 to 40 words long; 1 in 200 questions repeats an item, as it
is, wrapped, or in part.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

import numpy as np

from wethink_assets.images.contamination import Questions
from wethink_assets.images.contamination_check import leaked_questions

HINT = (
    "Hint: Please answer the question and provide the correct option letter, e.g., A, B, C, D, at the end.\nQuestion: "
)


def texts(rng: np.random.Generator, count: int) -> list[str]:
    lengths = rng.integers(5, 41, count)
    words = np.char.add("w", (rng.zipf(1.3, int(lengths.sum())) % 30_000).astype(str))
    ends = np.cumsum(lengths)
    return [" ".join(words[end - size : end]) + "?" for end, size in zip(ends, lengths, strict=True)]


def resident() -> int:
    """Bytes of memory that this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=120_000)
    parser.add_argument("--items", type=int, nargs="+", default=[15_000, 30_000])
    options = parser.parse_args()
    for count in options.items:
        rng = np.random.default_rng(count)
        asked = texts(rng, count)
        items = [
            {"benchmark": "S", "item": str(n), "question": HINT + q if n % 3 == 0 else q} for n, q in enumerate(asked)
        ]
        own = texts(rng, options.questions)
        for place in range(0, options.questions, 200):
            item = asked[int(rng.integers(count))]
            own[place] = (item, f"Look closely. {item} Answer with a letter.", " ".join(item.split()[:14]))[
                place // 200 % 3
            ]
        before = resident()
        start = time.process_time()
        index = Questions(items)
        built = time.process_time()
        hits = {str(n) for n, q in enumerate(own) if index.repeated_by(q)}
        asked_cpu = time.process_time() - built
        gate = built - start + asked_cpu
        grown = (resident() - before) >> 20
        print(
            f"{options.questions:,} questions against {count:,} items: index {built - start:.2f} CPU-s, "
            f"questions {asked_cpu:.2f} CPU-s ({options.questions / asked_cpu:,.0f}/s), +{grown} MiB, {len(hits)} hits",
            flush=True,
        )
        start = time.process_time()
        passed = leaked_questions([(str(n), q) for n, q in enumerate(own)], items)
        checked = time.process_time() - start
        same = {p.subject for p in passed} == hits
        print(
            f"   the check, as set operations in SQL: {checked:.2f} CPU-s, {'the same' if same else 'OTHER'} hits; "
            f"gate / check {gate / checked:.2f}"
        )


if __name__ == "__main__":
    main()
