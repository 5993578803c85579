"""The asset `gate_quality`: what each gate drops over all growth batches, and how much of it was bad.

Belongs here: the asset. Does not belong here: counting (counting.py), the order of gates (chain.py).
"""

import time
from typing import Any

import dagster as dg

from resources.lake.resource import Lake
from resources.scratch import scratch_folder
from resources.settings import SettingsResource
from wethink_assets.accounting import StageResult
from wethink_assets.asset_factory import lake_asset
from wethink_assets.code_versions import code_version
from wethink_assets.commit_changed import commit_if_changed
from wethink_assets.demo.audit.filters import read_planted
from wethink_assets.gate_quality.chain import chain, switched_off
from wethink_assets.gate_quality.counting import ALL, Quality
from wethink_assets.gate_quality.gates import QUALITY_GATES
from wethink_assets.gate_quality.quality_metadata import by_source, plot, table
from wethink_assets.presentation.markdown import Markdown
from wethink_assets.synthesis.registry import stages

KEY = dg.AssetKey("gate_quality")


def _measure(context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource) -> dg.MaterializeResult:
    started, config = time.monotonic(), settings.get()
    steps = chain(stages(), switched_off(config.synthesis))
    release = lake.rows("dataset/select_latest_release")
    quality = Quality(steps, planted := read_planted(config.truth_dir))
    with scratch_folder(config.scratch_dir, KEY.path[-1]) as folder:
        for window in lake.windows(
            "gate_quality/select_outcomes",
            folder,
            size=config.synthesis.window_rows,
            assets=sorted({step.asset for step in steps}),
            release_id=release[0]["release_id"] if release else "",
        ):
            quality.add(window)
    rows = quality.table(lake.rows("gate_quality/sum_row_filters"), lake.rows("gate_quality/sum_calls"))
    everywhere = [row for row in rows if row["source"] == ALL]
    truth = "planted by the sample pack" if planted else "no truth known: precision and recall are not measured"
    shows: dict[str, Any] = {
        "truth": truth,
        "gates": Markdown(table(everywhere)),
        "dropped_by_source": Markdown(by_source(rows)),
        "plot": Markdown(plot(everywhere)),
    }
    result = StageResult(quality.rows, quality.rows, {"gate_quality": rows}, details={"truth": bool(planted)})
    return commit_if_changed(
        context, lake, result, key=KEY, started=started, replace={"gate_quality": {}}, metadata=shows
    )


def gate_quality_assets() -> list[dg.AssetsDefinition]:
    """The one asset of this room."""
    return [
        lake_asset(
            key=KEY,
            group="dataset",
            description=(
                "What each gate of questions, answers and paths drops over all growth batches: alone, in the order, "
                "and where no other does; by source; with the calls it makes and saves. On the sample pack also "
                "precision and recall against what was planted; on real data no truth is known."
            ),
            tables=("gate_quality",),
            kinds={"duckdb", "python"},
            owner="team:data-platform",
            deps=["samples", "release"],
            gates=QUALITY_GATES,
            code_version=code_version(
                ["gate_quality/counting", "gate_quality/chain"],
                also=[step.name for step in chain(stages())],
            ),
        )(_measure)
    ]
