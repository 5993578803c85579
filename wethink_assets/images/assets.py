"""The image pool asset: deduplicated and decontaminated images of a growth batch.

Belongs here: reading the partition, calling `build_pool`, committing, pictures. Does not belong here: any rule
(pool.py), checks on what was written (gates.py).
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from resources.lake.resource import Lake
from resources.settings import SettingsResource
from resources.storage.names import OutsideRootError
from resources.storage.places import Located, locate
from wethink_assets.accounting import StageResult
from wethink_assets.asset_factory import lake_asset
from wethink_assets.code_versions import code_version
from wethink_assets.commit import commit_result, rows_version
from wethink_assets.decoding.inspect import Inspected, Request, inspector
from wethink_assets.demo.audit.pool import Measured, measure, read_planted
from wethink_assets.images import pool_report
from wethink_assets.images.confirmation import Confirmation
from wethink_assets.images.gates import POOL_GATES, measured_metadata
from wethink_assets.images.pool import build_pool
from wethink_assets.settings import Settings
from wethink_assets.sources.catalog import SOURCES, Source

KEY = dg.AssetKey("image_pool")
DECIDING = (
    "images/pool",
    "images/confirmation",
    "decoding/worker",
)  # with what they import: all that decides the pool's rows
OF_THE_FILE = ("unreadable", "outside_root", "changed_since_taken")  # another file of the same bytes may still be read


def _image_pool(context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource) -> dg.MaterializeResult:
    started = time.monotonic()
    batch = context.partition_key
    own = settings.get()
    taken = lake.rows("images/select_taken", batch=batch)
    seen, lost = _look(context, lake, own, batch, taken)
    # Read first: should a set change before its rows are read below, the batch counts as held against the older one.
    versions = {row["benchmark"]: row["version"] for row in lake.rows("benchmark_sets/select_known_sets")}
    benchmark_images = lake.rows("images/select_benchmark_images")
    with Confirmation(lake, own) as looks:
        result = build_pool(
            taken,
            seen,
            lake.read("images/select_pool_of_other_batches", batch=batch),
            benchmark_images,
            lake.rows("images/select_benchmark_questions"),
            lost,
            looks,
            own.images.benchmark_look_alikes == "drop",
        )
    context.log.info(f"image_pool: {looks.compared} pairs of pictures compared")
    result.details["compared_pictures"] = looks.compared
    result.details["held_against"] = versions
    shown = pool_report.pictures(taken, result, *_places(lake, own, taken, benchmark_images))
    measured = _measured(lake, own, batch, taken, result)
    return commit_result(
        context,
        lake,
        result,
        key=KEY,
        started=started,
        metadata={name: dg.MetadataValue.md(text) for name, text in shown.items()} | measured_metadata(measured),
        data_version=rows_version([f"{r['image_id']}:{r['image_uri']}" for r in result.rows["images"]]),
    )


def _measured(
    lake: Lake, settings: Settings, batch: str, taken: Sequence[Mapping[str, Any]], result: StageResult
) -> list[Measured]:
    """Recall and precision on planted defects, which Dagster plots over the batches; [] with real data."""
    planted = read_planted(settings.truth_dir)
    if not planted:
        return []
    others = lake.rows("images/select_files_of_other_batches", batch=batch)
    return measure(
        planted,
        taken=[row["image_uri"] for row in taken],
        kept=[row["image_uri"] for row in result.rows["images"]],
        dropped={stop.subject_id: stop.reason for stop in result.dropped},
        failed={stop.subject_id: stop.reason for stop in result.failed},
        others={row["image_uri"]: row["held"] for row in others},
    )


def _places(
    lake: Lake, settings: Settings, taken: Sequence[Mapping[str, Any]], benchmark_images: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, str], pool_report.Locate]:
    """Image ids by SET:item, and the file of an image of this batch, of another one, or of an evaluation set."""
    here = {row["image_id"]: row["image_uri"] for row in taken}

    def place(image_id: str) -> Located | None:
        uri = here.get(image_id)
        if uri is None and not image_id:
            return None
        for row in (
            [{"image_uri": uri, "place": "source"}] if uri else lake.rows("images/select_image_places", ids=[image_id])
        ):
            try:
                if row["place"] == "benchmark":
                    return Located(settings.image_store_dir / row["image_uri"])
                return locate(settings, row["image_uri"], image_id)
            except OutsideRootError:
                continue
        return None

    return {f"{r['benchmark']}:{r['item']}": r["image_id"] for r in benchmark_images}, place


def _look(
    context: dg.AssetExecutionContext, lake: Lake, settings: Settings, batch: str, taken: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, Inspected], dict[str, Inspected]]:
    """What is in the files, by image id, and by image_uri the files in whose place one of the same bytes was read.

    Images that are in the pool already, with all these files, are not decoded again.
    """
    files: dict[str, list[str]] = {}
    for row in taken:
        files.setdefault(row["image_id"], []).append(row["image_uri"])
    seen = {
        row["image_id"]: Inspected(row["image_id"], **{k: row[k] for k in row if k not in ("image_id", "origins")})
        for row in lake.rows("images/select_known_images", batch=batch)
        if set(files.get(row["image_id"], [""])) <= set(row["origins"])
    }
    left = {image_id: uris for image_id, uris in files.items() if image_id not in seen}
    context.log.info(f"image_pool: {len(taken)} files, {len(left)} images to decode, {len(seen)} known")
    lost: dict[str, Inspected] = {}
    while left:
        tried = {image_id: uris[0] for image_id, uris in left.items()}
        left = {image_id: uris[1:] for image_id, uris in left.items()}
        for inspected in _inspected(context, settings, tried):
            seen[inspected.key] = inspected
            if inspected.reason in OF_THE_FILE and left[inspected.key]:
                lost[tried[inspected.key]] = inspected
            else:
                del left[inspected.key]
    return seen, lost


def _inspected(context: dg.AssetExecutionContext, settings: Settings, tried: Mapping[str, str]) -> Iterator[Inspected]:
    """One file, by image_uri, of each image; progress in the run's log."""
    requests: list[Request] = []
    for image_id, uri in tried.items():
        try:
            file = locate(settings, uri, image_id)
        except OutsideRootError as error:
            yield Inspected(image_id, "outside_root", str(error))
        else:
            requests.append(Request(image_id, file.path, image_id, file.read))
    told = started = time.monotonic()
    for number, seen in enumerate(inspector(settings.images, settings.pictures_dir)(requests), 1):
        yield seen
        if time.monotonic() - told > 10:
            told = time.monotonic()
            rate = number / (told - started)
            left = (len(requests) - number) / rate
            context.log.info(f"image_pool: {number} of {len(requests)} decoded, {rate:.0f}/s, {left:.0f} s left")


def pool_asset(sources: Sequence[Source] = SOURCES) -> dg.AssetsDefinition:
    """The pool behind these source assets."""
    return lake_asset(
        key=KEY,
        group="images",
        description=(
            "Decodable, unique images that are in no evaluation set. Drops exact duplicates (one canonical image, all "
            "origins kept), near-duplicates (copies, re-encoded, resized or cropped) within the batch and of all "
            "others, and images whose picture or own question an evaluation set holds; each with its reason."
        ),
        tables=("images",),
        kinds={"python", "duckdb", "pillow"},
        owner="team:data-platform",
        deps=[*(dg.AssetKey(["sources", source.asset]) for source in sources), "benchmark_items"],
        gates=POOL_GATES,
        partitioned=True,
        one_batch_at_a_time=True,
        code_version=code_version(DECIDING),
    )(_image_pool)
