"""The image pool asset: deduplicated and decontaminated images of a growth batch.

Belongs here: reading the partition, calling `build_pool`, committing, checks on what was written, pictures.
Does not belong here: any rule (pool.py).
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from resources.lake.resource import Lake
from resources.settings import SettingsResource
from resources.storage.names import OutsideRootError
from resources.storage.places import Located, locate
from wethink_assets.accounting import StageResult
from wethink_assets.commit import column_schema, commit_stage, conservation_spec, rows_version
from wethink_assets.decoding.inspect import Inspected, Request, inspector
from wethink_assets.demo.audit.pool import Measured, in_words, measure, read_planted
from wethink_assets.images import pool_report
from wethink_assets.images.contamination_check import leaked_questions
from wethink_assets.images.near_duplicates import FAR, near_duplicates
from wethink_assets.images.pool import build_pool
from wethink_assets.partitions import growth_batches
from wethink_assets.settings import Settings
from wethink_assets.sources.catalog import SOURCES, Source

KEY = dg.AssetKey("image_pool")
GATE = "no_contamination"
UNIQUE = "no_duplicates"
PLANTED = "planted_defects_found"
OF_THE_FILE = ("unreadable", "outside_root", "changed_since_taken")  # another file of the same bytes may still be read


def _image_pool(context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource) -> dg.MaterializeResult:
    started = time.monotonic()
    batch = context.partition_key
    own = settings.get()
    taken = lake.rows("images/select_taken", batch=batch)
    seen, lost = _look(context, lake, own, batch, taken)
    benchmark_images = lake.rows("images/select_benchmark_images")
    result = build_pool(
        taken,
        seen,
        lake.read("images/select_pool_of_other_batches", batch=batch),
        benchmark_images,
        lake.rows("images/select_benchmark_questions"),
        lost,
    )
    planted = read_planted(own.truth_dir)
    measured = _measure(lake, batch, planted, taken, result) if planted else []
    shown = pool_report.pictures(taken, result, *_places(lake, own, taken, benchmark_images))
    recorded = commit_stage(
        context,
        lake,
        result,
        key=KEY,
        batch=batch,
        run_id=context.run.run_id,
        started=started,
        metadata={name: dg.MetadataValue.md(text) for name, text in shown.items()} | _measured_metadata(measured),
        checks=[_planted_result(measured)],
        data_version=rows_version([f"{r['image_id']}:{r['image_uri']}" for r in result.rows["images"]]),
    )
    checks = [*(recorded.check_results or ()), _gate_result(lake, batch), _unique_result(lake, batch)]
    return recorded._replace(check_results=checks)


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
    for number, seen in enumerate(inspector(settings.images)(requests), 1):
        yield seen
        if time.monotonic() - told > 10:
            told = time.monotonic()
            rate = number / (told - started)
            left = (len(requests) - number) / rate
            context.log.info(f"image_pool: {number} of {len(requests)} decoded, {rate:.0f}/s, {left:.0f} s left")


def _gate_result(lake: Lake, batch: str) -> dg.AssetCheckResult:
    """Asks the lake, after the commit, with statements of their own."""
    compared = lake.rows("images/count_compared")[0]
    hits = [(h["image_id"], h["item"], h["how"]) for h in lake.rows("images/find_contaminated", batch=batch, far=FAR)]
    own = [(row["image_id"], row["question"]) for row in lake.rows("images/select_pool_questions", batch=batch)]
    hits += [(p.subject, p.item, p.how) for p in leaked_questions(own, lake.rows("images/select_benchmark_questions"))]
    nothing = not (compared["images"] or compared["items"])
    described = "; ".join(f"{image_id[:12]} is in {item} ({how})" for image_id, item, how in hits[:10])
    if nothing:
        described = "no evaluation set was read, so nothing was compared: materialise benchmark_items first"
    return dg.AssetCheckResult(
        asset_key=KEY,
        check_name=GATE,
        passed=not hits and not nothing,
        severity=dg.AssetCheckSeverity.WARN if nothing else dg.AssetCheckSeverity.ERROR,
        description=described or "no image of the batch is in an evaluation set",
        metadata={"hits": len(hits), "benchmark_images": compared["images"], "benchmark_items": compared["items"]},
    )


def _unique_result(lake: Lake, batch: str) -> dg.AssetCheckResult:
    """Also finds two batches that were made at the same time, when neither could see the other."""
    repeated = lake.rows("images/count_repeated_ids", batch=batch)[0]["repeated"]
    mine = lake.read("images/select_pool_of_batch", batch=batch)
    others = lake.read("images/select_pool_of_other_batches", batch=batch)
    alike = list(near_duplicates(mine, others.join(mine, on="image_id", how="anti")).values())
    described = "; ".join(f"{p.image_id[:12]} looks like {p.other_id[:12]}" for p in alike[:10])
    return dg.AssetCheckResult(
        asset_key=KEY,
        check_name=UNIQUE,
        passed=not repeated and not alike,
        description=(
            f"{repeated} images are in the pool twice; {described}. Materialise this batch again."
            if repeated or alike
            else "no two images of the pool have the same bytes or look alike"
        ),
        metadata={"repeated": repeated, "look_alikes": len(alike), "compared_with": others.height + mine.height},
    )


def _measure(
    lake: Lake,
    batch: str,
    planted: Sequence[Mapping[str, Any]],
    taken: Sequence[Mapping[str, Any]],
    result: StageResult,
) -> list[Measured]:
    others = {row["image_uri"]: row["held"] for row in lake.rows("images/select_files_of_other_batches", batch=batch)}
    return measure(planted, taken, result, others)


def _planted_result(measured: Sequence[Measured]) -> dg.AssetCheckResult:
    if not measured:
        return dg.AssetCheckResult(
            asset_key=KEY, check_name=PLANTED, passed=True, description="real data: its defects are not known"
        )
    return dg.AssetCheckResult(
        asset_key=KEY,
        check_name=PLANTED,
        passed=all(m.good_enough for m in measured),
        severity=dg.AssetCheckSeverity.WARN,
        description=in_words(measured),
        metadata=_measured_metadata(measured),
    )


def _measured_metadata(measured: Iterable[Measured]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for m in measured:
        for name, value in (("recall", m.recall), ("precision", m.precision)):
            if value is not None:
                values[f"{m.kind}_{name}"] = round(value, 4)
        if m.missed or m.wrong:
            mistakes = {"missed": list(m.missed)[:50], "wrong": list(m.wrong)[:50]}
            values[f"{m.kind}_mistakes"] = dg.MetadataValue.json(mistakes)
    return values


def pool_asset(sources: Sequence[Source] = SOURCES) -> dg.AssetsDefinition:
    """The pool behind these source assets."""
    return dg.asset(
        key=KEY,
        group_name="images",
        partitions_def=growth_batches,
        deps=[*(dg.AssetKey(["sources", source.asset]) for source in sources), dg.AssetKey("benchmark_items")],
        description=(
            "Decodable, unique images that are in no evaluation set. Drops exact duplicates (one canonical image, all "
            "origins kept), near-duplicates within the batch and against all others, and images whose picture or own "
            "question an evaluation set holds; each with its reason."
        ),
        kinds={"python", "duckdb", "pillow"},
        owners=["team:data-platform"],
        metadata=column_schema("images"),
        check_specs=[
            conservation_spec(KEY),
            dg.AssetCheckSpec(
                GATE,
                asset=KEY,
                blocking=True,
                description="Asked of the lake: no image has the bytes, the look or a question of an evaluation set.",
            ),
            dg.AssetCheckSpec(
                UNIQUE,
                asset=KEY,
                blocking=True,
                description="Asked of the lake: no image of the batch is in the pool twice or looks like another one.",
            ),
            dg.AssetCheckSpec(
                PLANTED,
                asset=KEY,
                description="On a sample pack: recall and precision of every rule on what was planted.",
            ),
        ],
    )(_image_pool)


ASSETS: list[dg.AssetsDefinition] = [pool_asset()]
