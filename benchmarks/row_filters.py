"""What the row filters are worth against the hard truth: each alone, in the order, and left out.

    python -m benchmarks.row_filters [--images 12] [--seeds 0,1,2] [--plain]

Draws a sample pack of so many images a source, and takes it to samples with the sample teacher in this process (no
HTTP; transport faults are left out). With each seed the teacher errs elsewhere. A row is bad where something was
planted in it: a flawed question, a wrong answer that was kept, a bad path. What is dropped of texts written blind
is a test of its own (tests/row_filters/).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.parts.path_stages import materialise, settings_of
from wethink_assets.row_filters.registry import NAMES

STAGES = ("sources", "benchmark_items", "image_pool")


def interval(part: int, whole: int) -> str:
    """A share with its Wilson interval of 95 %."""
    if not whole:
        return "–"
    z, p = 1.96, part / whole
    middle = (p + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z * math.sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole)) / (1 + z * z / whole)
    return f"{100 * p:.1f} ({100 * max(0, middle - half):.1f}–{100 * min(1, middle + half):.1f})"


def one_seed(images: int, seed: int, hard: bool) -> dict[str, Any]:
    from resources.lake.resource import Lake
    from wethink_assets.demo.audit import filters
    from wethink_assets.demo.pack.generate import generate
    from wethink_assets.demo.teacher.faults import PLANTED_FILE, Faults, Rates
    from wethink_assets.synthesis.registry import stages

    with tempfile.TemporaryDirectory() as folder:
        home, pack = Path(folder) / "home", Path(folder) / "pack"
        generate(pack, images_per_source=images, workers=os.cpu_count() or 1)
        settings = settings_of(home, pack)
        truth = settings.truth_dir
        assert truth is not None
        rates = Rates().hardened() if hard else Rates()
        faults = Faults(rates, seed, truth / PLANTED_FILE)
        for name in [*STAGES, *(stage.name for stage in stages())]:
            materialise(settings, name, faults=faults)
        lake = Lake.of(settings)
        planted = filters.read_planted(truth)
        assert planted is not None
        samples = lake.store.sql(
            "SELECT s.image_id, q.question, s.answer, s.question_id FROM samples s JOIN questions q USING (question_id)"
        ).to_dicts()
        reached = lake.store.sql(
            "SELECT c.image_id, q.question, a.answer, v.reason FROM chosen_answers c "
            "JOIN questions q USING (question_id) JOIN answers a ON a.answer_id = c.answer_id "
            "LEFT JOIN verdicts v ON v.subject_id = c.question_id AND v.asset = 'reasoning_paths'"
        ).to_dicts()
        hows: dict[tuple[str, str], str] = {}
        for line in (truth / PLANTED_FILE).read_text("utf-8").splitlines():
            entry = json.loads(line)
            if entry["kind"] == "bad_path":
                hows[entry["image_id"], entry["question"]] = f"path: {entry['how']}"
            elif entry["kind"] in ("answer_in_question", "two_right_options"):
                hows[entry["image_id"], entry["question"]] = f"question: {entry['kind']}"
        kinds: dict[str, Counter[str]] = {}
        for row in reached:
            place = (row["image_id"], row["question"], row["answer"])
            kind = hows.get(place[:2]) or ("wrong answer" if planted.is_bad(place) else "good")
            kinds.setdefault(kind, Counter())[row["reason"] or "kept"] += 1
        similar = near_duplicates(lake, settings, truth / PLANTED_FILE)
        bad = sum(planted.is_bad((r["image_id"], r["question"], r["answer"])) for r in samples)
        table = lake.store.sql("SELECT * FROM row_filter_counts ORDER BY position").to_dicts()
        lake.store.close()
        return {"table": table, "kinds": kinds, "samples": len(samples), "bad": bad, "similar": similar}


def near_duplicates(lake: Any, settings: Any, planted_file: Path) -> Counter[str]:
    """What the release would drop as near-duplicate questions, and how much of that was planted as such."""
    from wethink_assets.dataset.assets import split_images
    from wethink_assets.dataset.sides import sides
    from wethink_assets.dataset.similar_questions import repeated

    cluster = sides(split_images(lake, settings), heldout_share=settings.release.heldout_share).cluster
    rows = lake.store.sql(
        "SELECT s.sample_id, s.image_id, s.category, s.problem, s.answer, q.question FROM samples s "
        "JOIN questions q USING (question_id) ORDER BY s.sample_id"
    ).to_dicts()
    found = repeated(lambda: [rows], lambda image_id: cluster[image_id], {row["sample_id"]: row for row in rows})
    asked = {row["sample_id"]: (row["image_id"], row["question"]) for row in rows}
    entries = [json.loads(line) for line in planted_file.read_text("utf-8").splitlines()]
    pairs = {
        frozenset(((e["image_id"], e["question"]), (e["image_id"], e["repeats"])))
        for e in entries
        if e["kind"] == "repeated_question"
    }
    dropped = [frozenset((asked[sample], asked[repeats.other])) for sample, repeats in found.items()]
    there = {pair for pair in pairs if pair <= set(asked.values())}
    for sample, repeats in found.items():
        if frozenset((asked[sample], asked[repeats.other])) not in pairs:
            print(f"not planted: {asked[sample][1]!r} of {asked[repeats.other][1]!r}, {repeats}", flush=True)
    caught = sum(pair in pairs for pair in dropped)
    return Counter(dropped=len(dropped), right=caught, planted=len(there), caught=len(there & set(dropped)))


def printed(results: list[dict[str, Any]]) -> None:
    total: dict[str, Counter[str]] = {name: Counter() for name in NAMES}
    for result in results:
        for row in result["table"]:
            total[row["filter"]].update({k: v for k, v in row.items() if isinstance(v, int)})
    rows, bad = (
        sum(r[name] for t in results for r in t["table"] if r["filter"] == NAMES[0]) for name in ("rows", "bad_rows")
    )
    samples, bad_samples = sum(r["samples"] for r in results), sum(r["bad"] for r in results)
    print(f"\n{len(results)} seeds, {rows:,} rows at the filters, {bad:,} of them bad; {samples:,} samples, ", end="")
    print(f"{bad_samples:,} bad: {interval(bad_samples, samples)} %\n")
    print("| filter | drops alone | precision % | of bad rows % | drops first | only it drops | of those bad |")
    print("|---|---|---|---|---|---|---|")
    for name in NAMES:
        c = total[name]
        shares = f"{interval(c['bad_alone'], c['dropped_alone'])} | {interval(c['bad_alone'], bad)}"
        only = f"{c['dropped_first']} | {c['dropped_only']} | {c['bad_only']}"
        print(f"| {name} | {c['dropped_alone']} | {shares} | {only} |")
    similar = sum((result["similar"] for result in results), Counter())
    print(f"\nNear-duplicate questions, at the release: {similar['dropped']} dropped, of which planted ", end="")
    print(
        f"{interval(similar['right'], similar['dropped'])} %; of {similar['planted']} planted pairs of samples ", end=""
    )
    print(f"{interval(similar['caught'], similar['planted'])} % lost one.")
    print("\n| planted | rows | dropped % | by |\n|---|---|---|---|")
    kinds: dict[str, Counter[str]] = {}
    for result in results:
        for kind, counts in result["kinds"].items():
            kinds.setdefault(kind, Counter()).update(counts)
    for kind, counts in sorted(kinds.items()):
        dropped = Counter({k: v for k, v in counts.items() if k != "kept"})
        by = ", ".join(f"{name} {count}" for name, count in dropped.most_common(4))
        print(f"| {kind} | {counts.total():,} | {interval(dropped.total(), counts.total())} | {by} |")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=12, help="of each source")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--plain", action="store_true", help="the demo's errors, not the hard ones")
    given = parser.parse_args()
    results = [one_seed(given.images, int(seed), not given.plain) for seed in given.seeds.split(",")]
    printed(results)


if __name__ == "__main__":
    main()
