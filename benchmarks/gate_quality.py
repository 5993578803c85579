"""What every gate of a row is worth against the hard truth: alone, in the order, and left out.

    python -m benchmarks.gate_quality [--images 12] [--seeds 0,1,2] [--plain] [--blind 4]

Draws a sample pack of so many images a source, and takes it to a release with the sample teacher in this process (no
HTTP; transport faults are left out). With each seed the teacher errs elsewhere. The table is that of the asset
`gate_quality`, its counts added up over the seeds. Gates that ask a model are also left out in turn: what they would
say is yes for every row (of two answers, a drawn one), and what follows them is run again. Then the blind check, of
whose answers three have to be right, and the escalation are added in turn.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.parts.path_stages import materialise, settings_of
from benchmarks.row_filters import STAGES, interval

# Gates that ask a model: the stage they stand in, and the reply that lets every row pass.
LEFT_OUT: dict[str, tuple[str, dict[str, Any]]] = {
    "well_posed": ("valid_questions", {"well_posed": {"reason": "", "well_posed": True}}),
    "answerable": ("valid_questions", {"answerable": {"reason": "", "answerable": True}}),
    "agreement": ("chosen_answers", {"adjudication": {"reason": "", "choice": "first"}}),
}


def one_seed(images: int, seed: int, hard: bool, blind: int) -> dict[str, Any]:
    from resources.lake.resource import Lake
    from wethink_assets.demo.audit import filters
    from wethink_assets.demo.pack.generate import generate
    from wethink_assets.demo.teacher.faults import PLANTED_FILE, Faults, Rates
    from wethink_assets.settings import SynthesisSettings
    from wethink_assets.synthesis.registry import stages

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

        def samples() -> Counter[str]:
            planted = filters.read_planted(truth)
            assert planted is not None
            rows = lake.store.sql(
                "SELECT s.image_id, q.question, s.answer FROM samples s JOIN questions q USING (question_id)"
            ).to_dicts()
            bad = sum(planted.is_bad((row["image_id"], row["question"], row["answer"])) for row in rows)
            return Counter(samples=len(rows), bad=bad)

        def gates() -> dict[str, dict[str, Any]]:
            rows = lake.store.sql("SELECT * FROM gate_quality WHERE source = '' ORDER BY position").to_dicts()
            return {row["gate"]: row for row in rows}

        table = gates()
        left_out = {"": samples()}
        for gate, (stage, always) in LEFT_OUT.items():
            for name in names[names.index(stage) :]:
                materialise(settings, name, faults=faults, always=always)
            left_out[gate] = samples()
        for gate, own in {
            "blind_check": {"blind_check": {"answers": blind}},
            "agreement": {"escalate": "adjudicator_2"},
        }.items():
            changed = settings.model_copy(
                update={"synthesis": SynthesisSettings(**{**settings.synthesis.model_dump(), **own})}
            )
            for stage in [*names[names.index("valid_questions") :], "release", "gate_quality"]:
                materialise(changed, stage, faults=faults)
            left_out[f"with {next(iter(own))}"] = samples()
            name = gate if gate == "blind_check" else f"{gate}, escalated"
            table[name] = {**gates()[gate], "gate": name}
        lake.store.close()
        return {"table": list(table.values()), "left_out": left_out}


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
    print("\n| without, or with | samples | bad | bad % |\n|---|---|---|---|")
    for gate in results[0]["left_out"]:
        counts = sum((result["left_out"][gate] for result in results), Counter())
        shares = interval(counts["bad"], counts["samples"])
        print(f"| {gate or '– (all in force)'} | {counts['samples']:,} | {counts['bad']:,} | {shares} |")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=12, help="of each source")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--plain", action="store_true", help="the demo's errors, not the hard ones")
    parser.add_argument("--blind", type=int, default=4, help="answers without the image")
    given = parser.parse_args()
    printed([one_seed(given.images, int(seed), not given.plain, given.blind) for seed in given.seeds.split(",")])


if __name__ == "__main__":
    main()
