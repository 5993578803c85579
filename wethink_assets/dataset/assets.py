"""The asset `release`: a versioned data set of the accepted samples of all growth batches, selected and exported.

Belongs here: the asset. Does not belong here: any decision about rows (record, selection, release, export).
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg

from resources.image_files import ImageFiles
from resources.lake.resource import Lake
from resources.settings import SettingsResource
from wethink_assets.accounting import StageResult
from wethink_assets.asset_factory import lake_asset
from wethink_assets.code_versions import code_version
from wethink_assets.commit import commit_result
from wethink_assets.dataset import export
from wethink_assets.dataset.card import card, mix_plot
from wethink_assets.dataset.gates import RELEASE_GATES
from wethink_assets.dataset.release import Release, build
from wethink_assets.presentation.plots import png_markdown
from wethink_assets.settings import Settings
from wethink_assets.sources.catalog import sources_of

KEY = dg.AssetKey("release")


def _materialise(
    context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource, images: ImageFiles
) -> dg.MaterializeResult:
    started = time.monotonic()
    config = settings.get()
    shares = target_shares(config)
    snapshot = lake.snapshot_id()
    samples = lake.rows("dataset/select_release_candidates")
    images.prefetch(sorted({row["image_id"] for row in samples}), files=True)
    release = _build_release(samples, config, shares, images.path)
    intact = export.is_intact(config.releases_dir / release.release_id, release.rows)
    if not intact and (changed := export.changed_images(release.rows, images.path)):
        release = _build_release(samples, config, shares, _all_but(changed, images.path))
    if not release.rows:
        raise dg.Failure(
            f"no release: none of {len(samples)} accepted samples can be used. "
            "Materialise `samples` for a growth batch first, and see the verdicts of its stages.",
            allow_retries=False,
        )
    text = card(
        release,
        target=config.release.target,
        shares=shares,
        heldout_share=config.release.heldout_share,
        seed=config.release.seed,
        yields=lake.rows("dataset/count_stage_yields"),
        reasons=lake.rows("dataset/count_stop_reasons"),
        models=[row["model"] for row in lake.rows("dataset/select_synthesis_models")],
    )
    plot = mix_plot(release, shares)
    folder = config.releases_dir / release.release_id
    wrote = export.write(folder, release.rows, images.path, documents={"README.md": text.encode(), "mix.png": plot})
    context.log.info(f"release {release.release_id} {'exported to' if wrote else 'is already at'} {folder}")
    result = StageResult(
        len(samples),
        len(release.rows),
        _tables(release, config, shares, snapshot),
        release.dropped,
        release.failed,
        details=_details(release),
    )
    return commit_result(
        context,
        lake,
        result,
        key=KEY,
        started=started,
        replace={table: {"release_id": release.release_id} for table in ("releases", "release_rows")},
        metadata={
            "release_id": release.release_id,
            "export": dg.MetadataValue.path(str(folder)),
            "card": dg.MetadataValue.md(text.replace("![Mix of sources](mix.png)\n\n", "")),
            "mix": dg.MetadataValue.md(png_markdown(plot, "mix of sources")),
            **{
                f"rows_by_{column}": dg.MetadataValue.json(release.counts(column))
                for column in ("split", "category", "source")
            },
        },
        data_version=release.release_id,
    )


def _build_release(
    samples: list[dict[str, Any]], config: Settings, shares: dict[str, float], find_image: Callable[[str], Path]
) -> Release:
    return build(
        samples,
        target=config.release.target,
        shares=shares,
        heldout_share=config.release.heldout_share,
        seed=config.release.seed,
        find_image=find_image,
    )


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


def _tables(release: Release, config: Settings, shares: dict[str, float], snapshot: int) -> dict[str, Any]:
    folder = config.releases_dir / release.release_id
    path = folder.relative_to(config.home) if folder.is_relative_to(config.home) else folder
    train = len(release.split("train"))
    return {
        "releases": [
            {
                "release_id": release.release_id,
                "batches": sorted({row["batch"] for row in release.rows}),
                "target": config.release.target,
                "rows": len(release.rows),
                "train_rows": train,
                "heldout_rows": len(release.rows) - train,
                "config": {
                    "shares": shares,
                    "seed": config.release.seed,
                    "heldout_share": config.release.heldout_share,
                },
                "snapshot_id": snapshot,
                "path": str(path),
            }
        ],
        "release_rows": [
            {"release_id": release.release_id} | {k: row[k] for k in ("sample_id", "image_id", "split", "position")}
            for row in release.rows
        ],
    }


def _details(release: Release) -> dict[str, Any]:
    return {
        "release_id": release.release_id,
        "train_rows": len(release.split("train")),
        "heldout_rows": len(release.split("heldout")),
        "images": len({row["image_id"] for row in release.rows}),
        "sources": len(release.counts("source")),
    }


def release_asset() -> dg.AssetsDefinition:
    """The asset `release` with its gates: unpartitioned, with the release id as data version."""
    return lake_asset(
        key=KEY,
        group="dataset",
        description=(
            "A versioned data set from the accepted samples of all growth batches: selected towards the target mix of "
            "sources, split by image into training and held-out rows, exported as WeThink's JSONL beside its images, "
            "with a card. The release id is the hash of its rows: the same samples give the same release."
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
