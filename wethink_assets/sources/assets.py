"""The source assets, one factory: 18, and those that the configuration adds.

Belongs here: reading the partition, calling `take`, committing, describing. Does not belong here: any rule.
"""

import time
from itertools import islice

import dagster as dg

from resources.lake.resource import Lake
from resources.settings import SettingsResource
from resources.storage.places import Places, copies_of, locate
from wethink_assets.accounting import StageResult
from wethink_assets.commit import asset_label, column_schema, commit_stage, conservation_spec, rows_version
from wethink_assets.partitions import growth_batches
from wethink_assets.presentation import contact_sheet
from wethink_assets.settings import SourceSettings
from wethink_assets.sources.annotation_join import Problem
from wethink_assets.sources.catalog import SOURCES, Source, sources_of
from wethink_assets.sources.ingest import quota_of, take
from wethink_assets.sources.listing import SourceMissingError

SHOWN = 24  # thumbnails of a contact sheet


def source_asset(source: Source) -> dg.AssetsDefinition:
    """The asset of one source."""
    key = dg.AssetKey(["sources", source.asset])

    @dg.asset(
        key=key,
        group_name="sources",
        partitions_def=growth_batches,
        description=(
            f"{source.title}: the images of folder `{source.key}/` that a growth batch takes, with the source's own "
            f"annotations ({source.annotations}) in one typed context. Licence: {source.licence}."
        ),
        kinds={"python", "duckdb"},
        owners=["team:data-platform"],
        tags={"source_group": source.group},
        metadata=column_schema("source_images") | {"home": source.home, "share_of_120000": source.share},
        check_specs=[
            conservation_spec(key),
            dg.AssetCheckSpec(
                "licence_present", asset=key, blocking=True, description="Every stored image says its licence."
            ),
            dg.AssetCheckSpec(
                "annotations_readable",
                asset=key,
                description="No annotation file was broken, truncated or refused. Images go on without.",
            ),
        ],
    )
    def _asset(context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource) -> dg.MaterializeResult:
        started = time.monotonic()
        batch = context.partition_key
        chosen = settings.get()
        places = Places.of(chosen)
        quota = quota_of(source, chosen.sources)
        if quota == 0:
            rows = lake.rows("sources/select_rows_of_batch", source=source.key, batch=batch)
            result, problems = StageResult(len(rows), len(rows), {"source_images": rows}), []
        else:
            earlier = lake.rows("sources/select_taken", source=source.key, asset=asset_label(key))
            store, cache = copies_of(chosen)
            try:
                result, problems = take(
                    source,
                    places,
                    batch,
                    earlier,
                    quota,
                    keep=store if chosen.sources.copy_images else None,
                    cache=cache,
                    progress=_progress(context, source),
                )
            except SourceMissingError as error:
                raise dg.Failure(str(error), allow_retries=False) from None
            except OSError as error:
                raise dg.Failure(
                    f"source {source.key}: {places.described(source.key)}: {error.strerror or error}"
                ) from None
            if not result.rows_in:
                context.log.warning(
                    f"source {source.key}: no image in {places.described(source.key)} that was not taken before"
                )
        for problem in problems:
            context.log.warning(f"source {source.key}: {problem}")
        rows = result.rows["source_images"]
        shown = islice(rows, SHOWN if quota != 0 else 0)
        files = {row["image_uri"]: locate(chosen, row["image_uri"], row["image_id"]) for row in shown}
        return commit_stage(
            context,
            lake,
            result,
            key=key,
            batch=batch,
            run_id=context.run.run_id,
            started=started,
            replace={"source_images": {"source": source.key, "batch": batch}},
            metadata={
                "licence": source.licence,
                "contact_sheet": dg.MetadataValue.md(contact_sheet.of_files(files, title=source.title)),
                **_example(rows),
            },
            checks=[_licence(key, rows), _annotations(key, problems)],
            data_version=rows_version([f"{r['image_uri']}:{r['image_id']}:{r['context']}" for r in rows]),
        )

    return _asset


def _progress(context: dg.AssetExecutionContext, source: Source):
    """Tells of a long reading every ten seconds."""
    started = told = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told > 10:
            told = time.monotonic()
            rate = done / (told - started)
            context.log.info(
                f"source {source.key}: {done} of {total} files read, {rate:.0f}/s, {(total - done) / rate:.0f} s left"
            )

    return tell


def _example(rows) -> dict[str, dg.MetadataValue]:
    """The first annotated image's context, as it will reach the prompts."""
    row = next((r for r in rows if r["context"] != "{}"), None)
    if row is None:
        return {}
    return {"example_context": dg.MetadataValue.md(f"`{row['image_uri']}`\n```json\n{row['context'][:2000]}\n```")}


def _licence(key: dg.AssetKey, rows) -> dg.AssetCheckResult:
    missing = [row["image_uri"] for row in rows if not row["licence"].strip()]
    return dg.AssetCheckResult(
        asset_key=key,
        check_name="licence_present",
        passed=not missing,
        metadata={"without_licence": len(missing), "licences": sorted({row["licence"] for row in rows})[:20]},
    )


def _annotations(key: dg.AssetKey, problems: list[Problem]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=key,
        check_name="annotations_readable",
        passed=not problems,
        severity=dg.AssetCheckSeverity.WARN,
        description="; ".join(map(str, problems))[:1000] or "every annotation file found was read to its end",
        metadata={"problems": len(problems)},
    )


ASSETS: list[dg.AssetsDefinition] = [source_asset(source) for source in SOURCES]


def source_assets(settings: SourceSettings) -> list[dg.AssetsDefinition]:
    """The 18, and one for each source that the settings add."""
    return [*ASSETS, *(source_asset(source) for source in sources_of(settings)[len(SOURCES) :])]
