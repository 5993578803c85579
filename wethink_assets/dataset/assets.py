"""The asset `release`: a versioned data set of the accepted samples of all growth batches, selected and exported.

Belongs here: the asset. Does not belong here: any decision about rows (record, selection, release, export).
"""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from resources.lake.database import Memory
from resources.lake.resource import Lake, Windows
from resources.lake.spool import Spool
from resources.scratch import scratch_folder
from resources.settings import SettingsResource
from wethink_assets.accounting import StageResult
from wethink_assets.asset_factory import lake_asset
from wethink_assets.code_versions import code_version
from wethink_assets.commit import commit_result
from wethink_assets.dataset import export, export_files, manifest
from wethink_assets.dataset.card import MIX_PLOT, card, mix_outcomes, mix_plot
from wethink_assets.dataset.card_examples import examples_of
from wethink_assets.dataset.counts import COLUMNS, Counts
from wethink_assets.dataset.gates import RELEASE_GATES
from wethink_assets.dataset.left_out import FILE as DROPPED
from wethink_assets.dataset.left_out import left_out
from wethink_assets.dataset.left_out import write as write_dropped
from wethink_assets.dataset.manifest import sha256_of
from wethink_assets.dataset.mix import Mix
from wethink_assets.dataset.provenance import MADE, MANIFEST, record
from wethink_assets.dataset.release import Release, build, in_order
from wethink_assets.picture_files import PictureFiles
from wethink_assets.presentation.plots import png_markdown
from wethink_assets.presentation.row_links import audit_page, explorer_page
from wethink_assets.settings import Settings
from wethink_assets.sources.catalog import sources_of
from wethink_assets.sources.documents import with_documents
from wethink_assets.written_rows import ReleaseRow

KEY = dg.AssetKey("release")
WRITERS = (
    "vlm",
    "reasoner",
    "adjudicator",
    "adjudicator_2",
    "rewriter",
)  # whose models wrote descriptions, questions, answers, paths


def _materialise(
    context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource, images: PictureFiles
) -> dg.MaterializeResult:
    with scratch_folder(settings.get().scratch_dir, "release") as scratch:
        return _release(context, lake, settings.get(), images, scratch)


def _release(
    context: dg.AssetExecutionContext, lake: Lake, config: Settings, images: PictureFiles, scratch: Path
) -> dg.MaterializeResult:
    started = time.monotonic()
    shares = target_shares(config)
    snapshot = lake.snapshot_id()
    size = config.synthesis.window_rows
    samples = lake.windows(
        "dataset/select_release_candidates",
        scratch / "samples",
        size=size,
        seed=config.release.seed,
        policy_id=_base_policy(lake),
    )
    pool = split_images(lake, config)
    images.prefetch(sorted({row["image_id"] for window in samples.only(["image_id"]) for row in window}), files=True)

    def find_image(image_id: str) -> Path:
        return images.picture(image_id).path

    release, rows = _built(samples, pool, config, shares, find_image, scratch / "rows")
    contents = export_files.contents_of(rows)
    folder = config.releases_dir / release.selection.release_id
    copies = _copies(contents, images)
    if not export.is_intact(folder, contents, copies) and (
        changed := export.changed_images(set(contents.images.values()), images.path)
    ):
        release, rows = _built(samples, pool, config, shares, _all_but(changed, find_image), scratch / "rows-left")
        folder, contents = config.releases_dir / release.selection.release_id, export_files.contents_of(rows)
        copies = _copies(contents, images)
    if not release.rows:
        raise dg.Failure(
            f"no release: none of {samples.rows} accepted samples can be used. "
            "Materialise `samples` for a growth batch first, and see the verdicts of its stages.",
            allow_retries=False,
        )
    counts = Counts(release, rows.only(COLUMNS))
    asked = lake.rows("dataset/select_prompts_of_batches", batches=counts.batches)
    sets = {row["benchmark"]: row["version"] for row in lake.rows("benchmark_sets/select_known_sets")}
    origin = record(
        counts,
        config,
        shares=shares,
        stopped=release.stopped,
        asked=asked,
        held_against=sets,
        releases=lake.rows("dataset/select_releases"),
        mix=[outcome.record() for outcome in release.selection.outcomes],
    )
    write_card = partial(
        card,
        counts,
        origin,
        dropped=release.dropped,
        failed=release.failed,
        target=config.release.target,
        shares=shares,
        heldout_share=config.release.heldout_share,
        seed=config.release.seed,
        yields=lake.rows("dataset/count_stage_yields"),
        reasons=lake.rows("dataset/count_stop_reasons"),
        models=sorted({row["model"] for row in asked if row["role"] in WRITERS}),
        filters=lake.rows("dataset/sum_row_filters"),
    )
    own = left_out(release, samples, scratch / "left-out", size=size, memory=Memory.of(config))
    stops = lake.windows("dataset/select_stops_of_batches", scratch / "stops", size=size, batches=counts.batches)
    plot = mix_plot(counts, shares)
    documents: dict[str, bytes | Path] = {
        "README.md": write_card(examples=examples_of(rows)).encode("utf-8", "replace"),
        "mix.png": plot,
        DROPPED: write_dropped(scratch / DROPPED, own, stops),
    }
    wrote = export.write(folder, rows, find_image, documents=documents, record=origin, contents=contents, copies=copies)
    context.log.info(f"release {folder.name} {'exported to' if wrote else 'is already at'} {config.shown(folder)}")
    first = _first_snapshot(lake, counts.release_id, snapshot)
    result = StageResult(
        samples.rows,
        len(release.rows),
        {"releases": [_row(release, counts, config, shares, first, origin)]},
        release.dropped,
        release.failed,
        details=_details(counts) | {"mix": origin["mix"]},
        frames={"release_rows": _frozen(rows, counts.release_id, context.run.run_id, scratch / "frozen")},
    )
    return commit_result(
        context,
        lake,
        result,
        key=KEY,
        started=started,
        replace={table: {"release_id": counts.release_id} for table in ("releases", "release_rows")},
        metadata={
            "dagster/row_count": len(release.rows),
            "release_id": counts.release_id,
            "export": dg.MetadataValue.path(config.shown(folder)),
            **explorer_page(config.explorer.url, release=counts.release_id),
            **audit_page(config.explorer.url, counts.release_id),
            "card": dg.MetadataValue.md(write_card().replace(MIX_PLOT, "")),
            "mix": dg.MetadataValue.md(png_markdown(plot, "mix of sources")),
            "wanted_and_got": dg.MetadataValue.md(mix_outcomes(origin["mix"])),
            **{
                f"rows_by_{column}": dg.MetadataValue.json(counts.of(column))
                for column in ("split", "category", "source")
            },
        },
        data_version=counts.release_id,
    )


def _first_snapshot(lake: Lake, release_id: str, snapshot: int) -> int:
    """The snapshot that a release was first made from: made again it stays, since it orders releases."""
    known = lake.rows("dataset/find_release_snapshot", release_id=release_id)
    return known[0]["snapshot_id"] if known else snapshot


def _copies(contents: export_files.Contents, images: PictureFiles) -> dict[str, str]:
    """SHA-256 of the copies among the pictures of an export, by image id."""
    pictures = {image_id: images.picture(image_id).sha256 for image_id in set(contents.images.values())}
    return {image_id: sha256 for image_id, sha256 in pictures.items() if sha256 != image_id}


def _frozen(rows: Windows, release_id: str, run_id: str, folder: Path) -> Spool:
    """The release's own rows: samples may be made again, and a policy still learns from what was released."""
    spool = Spool("release_rows", folder)
    own = [column.name for column in spool.table.columns]
    for window in rows:
        spool.append([{n: row.get(n) for n in own} | {"release_id": release_id, "run_id": run_id} for row in window])
    return spool


def split_images(lake: Lake, config: Settings) -> pl.DataFrame:
    """The images of all accepted samples as `sides` takes them, with what releases of this seed and share held."""
    rows = lake.read(
        "dataset/select_images_to_split", seed=config.release.seed, heldout_share=config.release.heldout_share
    )
    return with_documents(rows, config)


def _built(
    samples: Windows,
    pool: pl.DataFrame,
    config: Settings,
    shares: dict[str, float],
    find_image: Callable[[str], Path],
    folder: Path,
) -> tuple[Release, Windows]:
    """A release, and its rows in the order of the export."""
    release = build(
        samples,
        pool,
        target=config.release.target,
        shares=shares,
        similar_questions=config.release.similar_questions,
        heldout_share=config.release.heldout_share,
        seed=config.release.seed,
        find_image=find_image,
        mix=Mix(config.release.mix.shares),
        keep_released=config.release.keep_released,
    )
    size = config.synthesis.window_rows
    return release, in_order(release, samples, folder, size=size, memory=Memory.of(config))


def _all_but(changed: dict[str, str], find_image: Callable[[str], Path]) -> Callable[[str], Path]:
    """As `find_image`, but raises FileNotFoundError for files that changed since they were taken in."""

    def find(image_id: str) -> Path:
        if image_id in changed:
            raise FileNotFoundError(changed[image_id])
        return find_image(image_id)

    return find


def target_shares(config: Settings) -> dict[str, float]:
    """The target mixture of sources: weights of the catalog and of added sources, overridden by the configured ones."""
    return {source.key: float(source.share) for source in sources_of(config.sources)} | dict(config.release.shares)


def _base_policy(lake: Lake) -> str:
    """The base policy, whose pass rates say how difficult a row is; empty where there is none."""
    found = lake.rows("training/select_current_policy", asset="base_policy")
    return found[0]["policy_id"] if found else ""


def _row(
    release: Release,
    counts: Counts,
    config: Settings,
    shares: dict[str, float],
    snapshot: int,
    origin: dict[str, Any],
) -> ReleaseRow:
    folder = config.releases_dir / counts.release_id
    path = folder.relative_to(config.home) if folder.is_relative_to(config.home) else folder
    return {
        "release_id": counts.release_id,
        "batches": counts.batches,
        "target": config.release.target,
        "rows": len(release.rows),
        "train_rows": counts.rows_of("train"),
        "heldout_rows": counts.rows_of("heldout"),
        "config": {
            "shares": shares,
            "seed": config.release.seed,
            "heldout_share": config.release.heldout_share,
            MADE: origin,
            MANIFEST: sha256_of(folder / manifest.NAME),
        },
        "snapshot_id": snapshot,
        "path": str(path),
    }


def _details(counts: Counts) -> dict[str, Any]:
    return {
        "release_id": counts.release_id,
        "train_rows": counts.rows_of("train"),
        "heldout_rows": counts.rows_of("heldout"),
        "images": counts.images,
        "sources": len(counts.of("source")),
    }


def release_asset() -> dg.AssetsDefinition:
    """The asset `release` with its gates: unpartitioned, with the release id as data version."""
    return lake_asset(
        key=KEY,
        group="dataset",
        description=(
            "A versioned data set from the accepted samples of all growth batches: selected towards the target mix of "
            "sources, categories, abilities, difficulties and answer types, split by cluster of look-alike images into "
            "training and held-out rows, exported as WeThink's JSONL beside its images, with a card. The release id is "
            "the hash of its rows: the same samples give the same release."
        ),
        tables=("releases", "release_rows"),
        kinds={"duckdb", "python"},
        owner="team:data-platform",
        deps=["samples"],
        gates=RELEASE_GATES,
        code_version=code_version(["dataset/release", "dataset/export", "dataset/card"]),
    )(_materialise)


def dataset_assets() -> list[dg.AssetsDefinition]:
    """The data set's assets."""
    return [release_asset()]
