"""The source assets, one per source: images of a growth batch with their native annotations.

Belongs here: reading the partition, calling `take`, committing, describing. Does not belong here: any rule.
"""

import time
from dataclasses import replace
from itertools import islice

import dagster as dg

from resources.lake.resource import Lake
from resources.settings import SettingsResource
from resources.storage.places import Places, copies_of, locate
from wethink_assets.accounting import StageResult
from wethink_assets.asset_factory import asset_label, lake_asset
from wethink_assets.code_versions import code_version
from wethink_assets.commit import commit_result, rows_version
from wethink_assets.presentation import contact_sheet
from wethink_assets.presentation.markdown import code
from wethink_assets.settings import SourceSettings
from wethink_assets.sources.batches import begin_batch
from wethink_assets.sources.catalog import sources_of
from wethink_assets.sources.gates import source_gates
from wethink_assets.sources.ingest import PLAN, TooManyFailedError, at_once, left_for_later, quota_of, take
from wethink_assets.sources.listing import SourceMissingError
from wethink_assets.sources.readers import registry as readers
from wethink_assets.sources.source import Source

SHOWN = 24  # thumbnails of a contact sheet


def source_asset(source: Source) -> dg.AssetsDefinition:
    """The asset of one source."""
    key = dg.AssetKey(["sources", source.asset])

    @lake_asset(
        key=key,
        group="sources",
        description=(
            f"{source.title}: the images of folder `{source.key}/` that a growth batch takes, with the source's own "
            f"annotations ({source.annotations}) in one typed context. Licence: {source.licence}."
        ),
        tables=("source_images",),
        kinds={"python", "duckdb"},
        owner="team:data-platform",
        deps=[PLAN],
        gates=source_gates(source),
        partitioned=True,
        one_batch_at_a_time=True,
        tags={"source_group": source.group},
        metadata={"home": source.home, "share_of_120000": source.share},
        code_version=source_code_version(source),
    )
    def _source(context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource) -> dg.MaterializeResult:
        started = time.monotonic()
        batch = context.partition_key
        own = settings.get()
        places = Places.of(own)
        quota = quota_of(source, own.sources)
        if quota != 0 and own.growth.decides and (plan := lake.rows("growth/select_plan", batch=batch)):
            quota = {row["source"]: row["quota"] for row in plan}.get(source.key, 0)
        if quota == 0:
            rows = lake.rows("sources/select_rows_of_batch", source=source.key, batch=batch)
            result, problems = StageResult(len(rows), len(rows), {"source_images": rows}), []
        else:
            earlier = lake.rows("sources/select_taken", source=source.key, asset=asset_label(key), batch=batch)
            store, cache = copies_of(own)
            try:
                result, problems = take(
                    source,
                    places,
                    batch,
                    earlier,
                    at_once(quota),
                    keep=store if own.sources.copy_images else None,
                    cache=cache,
                    max_failed_share=own.sources.max_failed_share,
                    progress=_progress(context, source),
                )
            except (SourceMissingError, TooManyFailedError) as error:
                raise dg.Failure(str(error), allow_retries=False) from None
            except OSError as error:
                raise dg.Failure(
                    f"source {source.key}: {own.shown(places.described(source.key))}: {error.strerror or error}"
                ) from None
            if not result.rows_in:
                place = own.shown(places.described(source.key))
                context.log.warning(f"source {source.key}: no image in {place} that was not taken before")
            if more := left_for_later(source, quota, result.rows_in):
                context.log.warning(more)
        for problem in problems:
            tell = context.log.info if problem.foreign else context.log.warning
            tell(f"source {source.key}: {problem}")
        if "place" in result.details:
            result = replace(result, details={**result.details, "place": own.shown(result.details["place"])})
        rows = result.rows["source_images"]
        shown = islice(rows, SHOWN if quota != 0 else 0)
        files = {row["image_uri"]: locate(own, row["image_uri"], row["image_id"]) for row in shown}
        return commit_result(
            context,
            lake,
            result,
            key=key,
            started=started,
            replace={"source_images": {"source": source.key, "batch": batch}},
            also=begin_batch(lake, batch, context.run.tags),
            metadata={
                "licence": source.licence,
                "contact_sheet": dg.MetadataValue.md(contact_sheet.of_files(files, title=source.title)),
                **_example(rows),
            },
            data_version=rows_version([f"{r['image_uri']}:{r['image_id']}:{r['context']}" for r in rows]),
        )

    return _source


def source_code_version(source: Source) -> str:
    """What decides a source's rows: the ingest, its reader, and its row of the catalog as far as rows depend on it."""
    row = [source.key, source.folders, source.only, source.licence]
    return code_version(["sources/ingest", readers.module_of(source.reader)], also=row)


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
    return {"example_context": dg.MetadataValue.md(f"{code(row['image_uri'])}\n```json\n{row['context'][:2000]}\n```")}


def source_assets(settings: SourceSettings | None = None) -> list[dg.AssetsDefinition]:
    """One per source: built in, registered, added by the settings."""
    return [source_asset(source) for source in sources_of(settings or SourceSettings())]
