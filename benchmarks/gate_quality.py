"""What every gate of a row is worth against the hard truth: alone, in the order, and left out.

    python -m benchmarks.gate_quality [--images 12] [--seeds 0,1,2] [--plain]

Draws a sample pack of so many images a source, and takes it to a release with the sample teacher in this process (no
HTTP; transport faults are left out). With each seed the teacher errs elsewhere. The table is that of the asset
`gate_quality`, its counts added up over the seeds. Gates that ask a model are also left out in turn: what they would
say is yes for every row (of two answers, a drawn one), and what follows them is run again. Blind check (3 of 4 right),
escalation and second look (2 of 3 agree, or all 3) are added in turn, and all together.
"""

from __future__ import annotations

import argparse
import logging
import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.parts.path_stages import materialise, settings_of
from benchmarks.row_filters import STAGES, interval

BLIND = {"answers": 4}
SECOND, STRICT = {"answers": 3, "least_agreeing": 2}, {"answers": 3, "least_agreeing": 3}
# Gates that ask a model: the stage they stand in, and the reply that lets every row pass.
LEFT_OUT: dict[str, tuple[str, dict[str, Any]]] = {
    "agreement": ("chosen_answers", {"adjudication": {"reason": "", "choice": "first"}}),
    "well_posed": ("valid_questions", {"well_posed": {"reason": "", "well_posed": True}}),
    "answerable": ("valid_questions", {"answerable": {"reason": "", "answerable": True}}),
}


# What is added in turn, by what of [synthesis] is set; gates whose counts change are those of its second entry.
ADDED: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "with blind check": ({"blind_check": BLIND}, {"blind_check": "blind_check"}),
    "with escalation": ({"escalate": "adjudicator_2"}, {"agreement": "agreement, escalated"}),
    "with second look": ({"second_look": SECOND}, {"second_look": "second_look"}),
    "with second look, all agreeing": ({"second_look": STRICT}, {"second_look": "second_look, all agreeing"}),
    "with all": (
        {"blind_check": BLIND, "escalate": "adjudicator_2", "second_look": SECOND},
        {"second_look": "second_look, with all"},
    ),
}


def one_seed(images: int, seed: int, hard: bool) -> dict[str, Any]:
    from resources.lake.resource import Lake
    from wethink_assets.demo.audit import filters
    from wethink_assets.demo.pack.generate import generate
    from wethink_assets.demo.teacher.faults import PLANTED_FILE, Faults, Rates
    from wethink_assets.settings import SynthesisSettings
    from wethink_assets.synthesis.registry import stages

    logging.disable(logging.INFO)  # a line for each step of each run
    with tempfile.TemporaryDirectory() as folder:
        home, pack = Path(folder) / "home", Path(folder) / "pack"
        generate(pack, images_per_source=images, workers=os.cpu_count() or 1)
        settings = settings_of(home, pack)
        truth = settings.truth_dir
        assert truth is not None
        faults = Faults(Rates().hardened() if hard else Rates(), seed, truth / PLANTED_FILE)
        names = [stage.name for stage in stages()]
        for name in [*STAGES, *names, "release", "gate_quality"]:
            materialise(settings, name, faults=faults)
        lake = Lake.of(settings)
        planted = filters.read_planted(truth)  # of all that models answer; a path is planted only once it is written
        assert planted is not None
        right = good_rows(lake, planted)

        def samples() -> Counter[str]:
            now = filters.read_planted(truth)
            assert now is not None
            rows = lake.store.sql(
                "SELECT s.image_id, q.question, s.answer, s.question_id "
                "FROM samples s JOIN questions q USING (question_id)"
            ).to_dicts()
            bad = [row for row in rows if now.is_bad((row["image_id"], row["question"], row["answer"]))]
            left = sum(row["question_id"] in right for row in rows) - sum(row["question_id"] in right for row in bad)
            told = Counter(samples=len(rows), bad=len(bad), right=len(right), kept=left)
            for row in bad:
                told[f"kind {kind_of(now, row)}"] += 1
            return told

        def gates() -> dict[str, dict[str, Any]]:
            rows = lake.store.sql("SELECT * FROM gate_quality WHERE source = '' ORDER BY position").to_dicts()
            return {row["gate"]: row for row in rows}

        table = {name: row for name, row in gates().items() if name not in ("blind_check", "second_look")}
        outcome = {"": samples()}
        # What changes adjudication alone comes first, while the stages before it are as they were.
        for told, (own, changes) in ADDED.items():
            changed = settings.model_copy(
                update={"synthesis": SynthesisSettings(**{**settings.synthesis.model_dump(), **own})}
            )
            for stage in [*names[names.index("chosen_answers") :], "release", "gate_quality"]:
                materialise(changed, stage, faults=faults)
            outcome[told] = samples()
            for gate, name in changes.items():
                table[name] = {**gates()[gate], "gate": name}
        for gate, (stage, always) in LEFT_OUT.items():
            for name in names[names.index(stage) :]:
                materialise(settings, name, faults=faults, always=always)
            outcome[f"without {gate}"] = samples()
        lake.store.close()
        return {"table": list(table.values()), "outcome": outcome}


def good_rows(lake: Any, planted: Any) -> set[str]:
    """Questions in which nothing is planted, and of which one answer at least is right: rows that ought to be kept.

    Those whose path is planted are no longer among them; the share kept is of questions with a good path.
    """
    from wethink_assets.demo.audit.filters import BAD_PATH, BLIND, FLAWS, REPEATED

    rows = lake.store.sql(
        "SELECT q.question_id, q.image_id, q.question, list(a.answer) FILTER (a.answer IS NOT NULL) AS answers "
        "FROM questions q LEFT JOIN answers a USING (question_id) GROUP BY ALL"
    ).to_dicts()
    right = set()
    for row in rows:
        at = row["image_id"], row["question"]
        kinds = planted.kinds.get(at, frozenset())
        planted_here = kinds & {*FLAWS, BLIND, REPEATED} or any(kind.startswith(BAD_PATH) for kind in kinds)
        answers = row["answers"] or []
        if not planted_here and not (answers and all(planted.is_wrong(at, answer) for answer in answers)):
            right.add(row["question_id"])
    return right


def kind_of(planted: Any, row: dict[str, Any]) -> str:
    """What is planted in a bad row."""
    at = row["image_id"], row["question"]
    if at in planted.flawed:
        return "flawed question"
    if planted.is_wrong(at, row["answer"]):
        return "wrong answer"
    return next(kind for kind in sorted(planted.kinds[at]) if kind.startswith("bad_path")).replace(
        "bad_path:", "path: "
    )


def printed(results: list[dict[str, Any]]) -> None:
    total: dict[str, Counter[str]] = {}
    for result in results:
        for row in result["table"]:
            counts = {k: v or 0 for k, v in row.items() if isinstance(v, int) or v is None}
            total.setdefault(row["gate"], Counter()).update(counts)
    print(f"\n{len(results)} seeds\n")
    print("| gate | looked at | drops alone | precision % | of bad rows % | of its defect % | first | only |")
    print("|---|---|---|---|---|---|---|---|")
    unknown = {row["gate"] for row in results[0]["table"] if row["dropped_only"] is None}
    for gate, c in total.items():
        shares = [interval(c["bad_alone"], c[n]) for n in ("dropped_alone", "bad_rows")]
        shares.append(interval(c["aimed_caught"], c["aimed_rows"]))
        only = "see below" if gate in LEFT_OUT else "–" if gate in unknown else c["dropped_only"]
        cells = (gate, c["looked_at"], c["dropped_alone"], *shares, c["dropped_first"], only)
        print("| " + " | ".join(map(str, cells)) + " |")
    outcomes = {told: sum((result["outcome"][told] for result in results), Counter()) for told in results[0]["outcome"]}
    print("\n| | samples | bad | bad % | right rows | kept | kept % |\n|---|---|---|---|---|---|---|")
    for told, c in outcomes.items():
        cells = (f"{c['samples']:,}", c["bad"], interval(c["bad"], c["samples"]), f"{c['right']:,}", f"{c['kept']:,}")
        print(f"| {told or 'as it is'} | " + " | ".join(map(str, cells)) + f" | {interval(c['kept'], c['right'])} |")
    kinds = sorted({kind for c in outcomes.values() for kind in c if kind.startswith("kind ")})
    print("\n| bad rows | " + " | ".join(kind.removeprefix("kind ") for kind in kinds) + " |")
    print("|---" * (len(kinds) + 1) + "|")
    for told, c in outcomes.items():
        print(f"| {told or 'as it is'} | " + " | ".join(str(c[kind]) for kind in kinds) + " |")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=12, help="of each source")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--plain", action="store_true", help="the demo's errors, not the hard ones")
    given = parser.parse_args()
    printed([one_seed(given.images, int(seed), not given.plain) for seed in given.seeds.split(",")])


if __name__ == "__main__":
    main()
