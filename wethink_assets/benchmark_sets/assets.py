"""Benchmark-set asset: items and images of every evaluation set.

Belongs here: reading, committing, describing. Does not belong here: the format (tsv.py), any gate (gates.py).
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import dagster as dg

from resources.lake.resource import Lake, Write
from resources.settings import SettingsResource
from wethink_assets.accounting import StageResult
from wethink_assets.asset_factory import lake_asset, shown
from wethink_assets.benchmark_sets.files import SetFiles
from wethink_assets.benchmark_sets.gates import ITEM_GATES
from wethink_assets.benchmark_sets.image_store import ImageStore
from wethink_assets.benchmark_sets.items import OF_EVALUATE, fingerprint, read_benchmarks
from wethink_assets.benchmark_sets.known_sets import KnownSets, known_sets
from wethink_assets.benchmark_sets.metadata import per_set, preview
from wethink_assets.benchmark_sets.registry import sets_of
from wethink_assets.code_versions import code_version
from wethink_assets.commit import commit_result
from wethink_assets.commit_changed import details_of, rows_id
from wethink_assets.decoding.inspect import inspect_files
from wethink_assets.settings import EvaluationSettings, Settings

ITEMS = dg.AssetKey("benchmark_items")
# With what they import all that decides the items and images, and what gates compare with.
DECIDING = ("benchmark_sets/items", "benchmark_sets/known_sets", "decoding/worker")


def _items(context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource) -> dg.MaterializeResult:
    started = time.monotonic()
    config = settings.get()
    files, sets = SetFiles.of(config), sets_of(config.evaluation)
    details = details_of(lake, [ITEMS])[ITEMS]
    try:
        version = fingerprint(files, sets)
    except OSError as error:  # nothing is known of the files, so what was read before stays
        raise dg.Failure(
            f"the evaluation sets in {config.shown(files.name)} cannot be reached: {error.strerror or error}"
        ) from None
    dismissed = sorted(config.evaluation.dismissed)
    if (
        details.get("fingerprint") == version
        and details.get("complete")
        and details.get("dismissed") == dismissed
        and not lake.rows("benchmark_sets/count_rows_of_others", prefix=OF_EVALUATE)[0]["rows"]
    ):
        context.log.info(f"the files in {config.shown(files.name)} are those that were read before")
        items = lake.rows("evaluation/select_items")
        images = lake.rows("evaluation/select_images")
        return dg.MaterializeResult(
            asset_key=ITEMS,
            metadata=shown(_metadata(items, images, config)) | {"unchanged": True},
            data_version=dg.DataVersion(details["data_version"]),
        )
    known = {row["image_id"]: row for row in lake.rows("evaluation/select_images")}
    result = read_benchmarks(
        files,
        ImageStore(config.image_store_dir),
        known=known,
        sets=sets,
        memory=config.set_memory_dir,
        inspect=partial(inspect_files, pictures=config.pictures_dir),
    )
    data_version = rows_id(result)
    result.details |= {"data_version": data_version, "complete": not result.failed, "dismissed": dismissed}
    return commit_result(
        context,
        lake,
        result,
        key=ITEMS,
        started=started,
        replace={"benchmark_items": {}, "benchmark_images": {}},
        also=_remembered(lake, result, dismissed, context.run.run_id),
        metadata=_metadata(result.rows["benchmark_items"], result.rows["benchmark_images"], config),
        data_version=data_version,
    )


def _remembered(lake: Lake, result: StageResult, dismissed: Sequence[str], run_id: str) -> list[Write]:
    """What gates compare with from now on."""
    before = KnownSets(
        lake.rows("benchmark_sets/select_known_sets"),
        lake.rows("benchmark_sets/select_known_questions"),
        lake.rows("benchmark_sets/select_known_images"),
    )
    known = known_sets(result, before, dismissed=dismissed, now=datetime.now(UTC))
    return [
        Write(table, [{**row, "run_id": run_id} for row in rows], replace={}) for table, rows in known.tables.items()
    ]


def _metadata(items: Any, images: Any, config: Settings) -> dict[str, Any]:
    return {
        "dagster/row_count": len(items) + len(images),
        "images": len(images),
        "sets": per_set(items),
        "preview": preview(items, images, config.image_store_dir),
    }


def benchmark_set_assets(settings: EvaluationSettings | None = None) -> list[dg.AssetsDefinition]:
    """The assets of the benchmark sets, built anew so that gates which extensions registered are among theirs."""
    sets = sets_of(settings or EvaluationSettings())
    items = lake_asset(
        key=ITEMS,
        group="images",
        description=(
            "Items and images of the evaluation sets, read from VLMEvalKit's TSV files. Images are kept once each "
            "under the hash of their bytes. Scores stand on these rows; contamination gates stand on what was last "
            "known of every set, which a file that is gone leaves in place."
        ),
        tables=(
            "benchmark_items",
            "benchmark_images",
            "contamination_sets",
            "contamination_questions",
            "contamination_images",
        ),
        kinds=("python", "duckdb"),
        owner="team:vlm-research",
        gates=ITEM_GATES,
        code_version=code_version(DECIDING, also=sorted([b.name, *b.columns] for b in sets)),
    )(_items)
    return [items]
