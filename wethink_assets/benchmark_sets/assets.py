"""Benchmark-set asset: items and images of every evaluation set.

Belongs here: reading, committing, describing. Does not belong here: the format (tsv.py), any gate (gates.py).
"""

import time
from typing import Any

import dagster as dg

from resources.lake.resource import Lake
from resources.settings import SettingsResource
from wethink_assets.asset_factory import lake_asset, shown
from wethink_assets.benchmark_sets.files import SetFiles
from wethink_assets.benchmark_sets.gates import ITEM_GATES
from wethink_assets.benchmark_sets.image_store import ImageStore
from wethink_assets.benchmark_sets.items import fingerprint, read_benchmarks
from wethink_assets.benchmark_sets.metadata import per_set, preview
from wethink_assets.benchmark_sets.registry import sets_of
from wethink_assets.code_versions import code_version
from wethink_assets.commit import commit_result
from wethink_assets.commit_changed import details_of, rows_id
from wethink_assets.settings import EvaluationSettings, Settings

ITEMS = dg.AssetKey("benchmark_items")
DECIDING = ("benchmark_sets/items", "decoding/worker")  # with what they import: all that decides the items and images


def _items(context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource) -> dg.MaterializeResult:
    started = time.monotonic()
    config = settings.get()
    files, sets = SetFiles.of(config), sets_of(config.evaluation)
    details = details_of(lake, [ITEMS])[ITEMS]
    try:
        version = fingerprint(files, sets)
    except OSError as error:  # nothing is known of the files, so what was read before stays
        raise dg.Failure(f"the evaluation sets in {files.name} cannot be reached: {error.strerror or error}") from None
    if details.get("fingerprint") == version and details.get("complete"):
        context.log.info(f"the files in {files.name} are those that were read before")
        items = lake.rows("evaluation/select_items")
        images = lake.rows("evaluation/select_images")
        return dg.MaterializeResult(
            asset_key=ITEMS,
            metadata=shown(_metadata(items, images, config)) | {"unchanged": True},
            data_version=dg.DataVersion(details["data_version"]),
        )
    known = {row["image_id"]: row for row in lake.rows("evaluation/select_images")}
    result = read_benchmarks(
        files, ImageStore(config.image_store_dir), known=known, sets=sets, memory=config.set_memory_dir
    )
    data_version = rows_id(result)
    result.details |= {"data_version": data_version, "complete": not result.failed}
    return commit_result(
        context,
        lake,
        result,
        key=ITEMS,
        started=started,
        replace={"benchmark_items": {}, "benchmark_images": {}},
        metadata=_metadata(result.rows["benchmark_items"], result.rows["benchmark_images"], config),
        data_version=data_version,
    )


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
            "under the hash of their bytes. The contamination gate of the image pool and the scores both stand on "
            "these rows."
        ),
        tables=("benchmark_items", "benchmark_images"),
        kinds=("python", "duckdb"),
        owner="team:vlm-research",
        gates=ITEM_GATES,
        code_version=code_version(DECIDING, also=sorted([b.name, *b.columns] for b in sets)),
    )(_items)
    return [items]
