"""What the synthesis assets share: reading a batch, asking models, committing with checks and pictures.

Belongs here: the frame around a stage. Does not belong here: the assets themselves (assets.py), any rule of a stage.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import dagster as dg

from resources.calls.failures import FailureLimit
from resources.calls.resource import ModelCalls
from resources.image_files import ImageFiles
from resources.lake.resource import Lake
from resources.settings import SettingsResource
from wethink_assets.accounting import StageResult
from wethink_assets.commit import asset_label, column_schema, commit_stage, conservation_spec, rows_version
from wethink_assets.partitions import growth_batches
from wethink_assets.presentation.examples import example_table, pick
from wethink_assets.synthesis import calls_metadata
from wethink_assets.synthesis.stage_calls import CallModels

GROUP = "synthesis"
OWNERS = ["team:data-platform"]


@dataclass
class Stage:
    """One materialisation: the lake, the images and the caller of models, bound to asset, batch and run."""

    context: dg.AssetExecutionContext
    lake: Lake
    images: ImageFiles | None
    settings: SettingsResource
    calls: ModelCalls | None = None

    def __post_init__(self) -> None:
        self.started = time.monotonic()
        self.batch = self.context.partition_key
        self.key = self.context.asset_key

    def rows(self, name: str) -> list[dict[str, Any]]:
        return self.lake.rows(f"synthesis/{name}", batch=self.batch)

    @cached_property
    def ask(self) -> CallModels:
        """The caller of models: it stops paying once more of the rows that the stage asked about failed than may."""
        assert self.calls is not None
        chosen = self.settings.get().synthesis
        failures = FailureLimit(chosen.max_failed_share, chosen.stop_after_failed)
        return self.calls.for_asset(self.context, batch=self.batch, failures=failures)

    def commit(
        self,
        result: StageResult,
        table: str,
        *,
        shown: Sequence[str],
        check: str,
        violations: str,
        shown_rows: Sequence[dict[str, Any]] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> dg.MaterializeResult:
        """Commit a stage and check it with a statement that finds violating rows in what was committed."""
        self._stop_when_too_many_failed(result)
        rows = list(result.rows[table])
        of_calls = self._calls_metadata()
        described: dict[str, Any] = dict(metadata or {}) | of_calls
        if rows and self.images is not None:
            examples = pick(shown_rows if shown_rows is not None else rows)
            self.images.prefetch([row["image_id"] for row in examples])
            described["examples"] = dg.MetadataValue.md(example_table(examples, shown, self.images.bytes))
        made = commit_stage(
            self.context,
            self.lake,
            result,
            key=self.key,
            batch=self.batch,
            run_id=self.context.run.run_id,
            started=self.started,
            metadata=described,
            data_version=rows_version([row[_ID[table]] for row in rows]),
        )
        found = self.rows(violations) if violations else []
        extra = {"violations": len(found)}
        if found:
            extra["first"] = str(found[0])[:500]
        result_of_check = dg.AssetCheckResult(
            asset_key=self.key, check_name=check, passed=not found, severity=dg.AssetCheckSeverity.ERROR, metadata=extra
        )
        return made._replace(
            check_results=[*(made.check_results or []), result_of_check, *self._calls_checks(of_calls)]
        )

    def _stop_when_too_many_failed(self, result: StageResult) -> None:
        limit = self.settings.get().synthesis.max_failed_share
        share = len(result.failed) / max(1, result.rows_in)
        if share <= limit:
            return
        reasons = ", ".join(f"{reason} {count}" for reason, count in result.reasons().items())
        raise dg.Failure(
            f"{asset_label(self.key)}: {len(result.failed)} of {result.rows_in} rows failed ({share:.0%}, at most "
            f"{limit:.0%} may): {reasons}. First: {result.failed[0].detail[:300]}. Nothing was committed; finished "
            "calls stay in the ledger. Cure the cause, or raise synthesis.max_failed_share.",
            allow_retries=False,
        )

    def _calls_metadata(self) -> dict[str, Any]:
        if self.calls is None:
            return {}
        return calls_metadata.metadata(
            self.lake.rows(
                "synthesis/summarise_calls",
                run_id=self.context.run.run_id,
                asset=asset_label(self.key),
                batch=self.batch,
            )[0]
        )

    def _calls_checks(self, shown: Mapping[str, Any]) -> list[dg.AssetCheckResult]:
        if self.calls is None:
            return []
        over_budget = self.calls.over_budget(self.context.run.run_id)
        return calls_metadata.results(self.key, shown, over_budget, self.settings.get().synthesis)


_ID = {
    "descriptions": "description_id",
    "refined_descriptions": "refined_id",
    "questions": "question_id",
    "valid_questions": "question_id",
    "answers": "answer_id",
    "chosen_answers": "question_id",
    "reasoning_paths": "path_id",
    "routed_answers": "question_id",
    "samples": "sample_id",
}


def stage_asset(
    table: str,
    *,
    key: str,
    deps: Sequence[str],
    check: str,
    rule: str,
    kinds: set[str],
    more: Sequence[dg.AssetCheckSpec] = (),
) -> Any:
    """What all asking assets share."""
    return dg.asset(
        key=key,
        group_name=GROUP,
        partitions_def=growth_batches,
        deps=[dg.AssetKey(d) for d in deps],
        kinds=kinds,
        owners=OWNERS,
        metadata=column_schema(table),
        check_specs=[
            conservation_spec(key),
            dg.AssetCheckSpec(check, asset=key, blocking=True, description=rule),
            *more,
            *calls_metadata.specs(key),
        ],
    )
