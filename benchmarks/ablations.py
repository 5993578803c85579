"""The ablation study on drawn scenes of the sample pack: what each part of the recipe gives the demo's policy.

    python -m benchmarks.ablations FOLDER [--arms direct sft_rl …] [--seeds 0 1 2] [--set steps=40 …] [--write]

Resumable: what FOLDER has is not made again. `--write` puts table and plot into docs/ablations.md, of what FOLDER has.
Rows are scored by rules, so that no model is asked: `model` is left out, `rule` and `direct` are one policy. Pass rates
of drawn rows are not measured, so the thirds are left out: `wethink ablations` runs them, on a release. All twelve arms
over three seeds take as long as the demo's training for each of about thirty policies.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from benchmarks.grpo_control import ROOT, draw_rows
from wethink_assets.ablations import arms as arms_of
from wethink_assets.ablations.report import write_page
from wethink_assets.ablations.run import RESULTS, Study, run
from wethink_assets.settings import Settings, TrainingSettings

PAGE, PLOT = ROOT / "docs" / "ablations.md", ROOT / "docs" / "images" / "ablations.png"


def given(pairs: list[str]) -> dict[str, Any]:
    """Settings of `FIELD=VALUE` pairs; `sft.FIELD` are those of [training.sft]."""
    values: dict[str, Any] = {}
    for pair in pairs:
        name, _, text = pair.partition("=")
        value: Any = json.loads(text) if text[:1].isdigit() else text
        inner = values.setdefault("sft", {}) if name.startswith("sft.") else values
        inner[name.removeprefix("sft.")] = value
    return values


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--arms", nargs="*", default=[], choices=sorted(arms_of.BY_NAME), metavar="ARM")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--train-scenes", type=int, default=330)
    parser.add_argument("--heldout-scenes", type=int, default=100)
    parser.add_argument("--set", nargs="*", default=[], metavar="FIELD=VALUE", help="settings of [training]")
    parser.add_argument("--write", action="store_true", help="write docs/ablations.md from the results that are there")
    options = parser.parse_args()
    home = options.folder.resolve()
    if options.write:
        write_page(json.loads((home / RESULTS).read_text("utf-8")), PAGE, PLOT)
        return
    home.mkdir(parents=True, exist_ok=True)
    study = Study(
        home,
        TrainingSettings.model_validate(given(options.set)),
        draw_rows(home / "train", options.train_scenes, 20_000_000),
        draw_rows(home / "heldout", options.heldout_scenes, 60_000_000),
        Settings(home=home),
    )
    run(study, arms_of.named(options.arms), options.seeds, lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
