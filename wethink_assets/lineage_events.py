"""OpenLineage run events: what an asset's step read and wrote, as objects of the OpenLineage client.

Belongs here: events of plain facts. Pure, and the only importer of the client's event classes: loaded only where events
are sent. Does not belong here: sending (resources/openlineage.py), what Dagster knows of a step (step_lineage.py).

Job and data set of an asset bear its name, since several assets write one table: the table stands in `symlinks`. No
setting, prompt, reply or row goes into an event.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import attr
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    DatasetFacet,
    InputDatasetFacet,
    JobFacet,
    OutputDatasetFacet,
    RunFacet,
    column_lineage_dataset,
    dataset_version_dataset,
    documentation_dataset,
    error_message_run,
    input_statistics_input_dataset,
    job_type_job,
    output_statistics_output_dataset,
    parent_run,
    schema_dataset,
    symlinks_dataset,
)

from resources.lake.sql_files import Table

PRODUCER = "https://arxiv.org/abs/2506.07905"
_STEPS = uuid.uuid5(uuid.NAMESPACE_URL, "wethink step runs")


@dataclass(frozen=True)
class Output:
    """An asset that a step writes: its table, and which of its columns came with which input's."""

    asset: str
    table: Table | None = None
    columns: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One execution of a step: its name, the run of Dagster that it belongs to, what it reads, what it writes."""

    name: str
    run_id: str
    job: str
    attempt: int = 0
    batch: str = ""
    inputs: Sequence[str] = ()
    outputs: Sequence[Output] = ()

    @property
    def id(self) -> str:
        """UUID of the step: the same in all of its events."""
        return str(uuid.uuid5(_STEPS, f"{self.run_id} {self.name} {self.batch} {self.attempt}"))


@dataclass(frozen=True)
class Made:
    """What an output came to: rows as its accounting has them (None where it wrote none anew), the data version."""

    rows: int | None = None
    rows_in: int | None = None
    continued: int | None = None
    dropped: int | None = None
    failed: int | None = None
    version: str = ""


@attr.define
class RowsRunFacet(RunFacet):
    """Rows in = continued + dropped + failed, and the growth batch that they are of."""

    batch: str
    rowsIn: int | None = None  # noqa: N815
    continued: int | None = None
    dropped: int | None = None
    failed: int | None = None


def event(
    kind: Literal["START", "COMPLETE", "FAIL", "ABORT"],
    step: Step,
    namespace: str,
    made: Mapping[str, Made] | None = None,
    error: str = "",
) -> RunEvent:
    """The event of a step's start or end. `made`: by the asset that was written."""
    made = made or {}
    facets: dict[str, RunFacet] = {
        "parent": parent_run.ParentRunFacet(
            run=parent_run.Run(runId=step.run_id), job=parent_run.Job(namespace=namespace, name=step.job)
        ),
        "wethink_rows": RowsRunFacet(
            step.batch, *(_sum(made, name) for name in ("rows_in", "continued", "dropped", "failed"))
        ),
    }
    if error:
        facets["errorMessage"] = error_message_run.ErrorMessageRunFacet(message=error, programmingLanguage="PYTHON")
    job: dict[str, JobFacet] = {"jobType": job_type_job.JobTypeJobFacet("BATCH", "DAGSTER", "ASSET")}
    rows_in = _sum(made, "rows_in") if len(step.inputs) == len(step.outputs) == 1 else None
    return RunEvent(
        eventType=RunState[kind],
        eventTime=datetime.now(UTC).isoformat(),
        run=Run(step.id, facets),
        job=Job(namespace, step.name, job),
        inputs=[_input(namespace, name, rows_in) for name in step.inputs],
        outputs=[_output(namespace, output, made.get(output.asset, Made())) for output in step.outputs],
        producer=PRODUCER,
    )


def _sum(made: Mapping[str, Made], name: str) -> int | None:
    known = [n for one in made.values() if (n := getattr(one, name)) is not None]
    return sum(known) if known else None


def _input(namespace: str, name: str, rows_in: int | None) -> InputDataset:
    """An input. The rows that were read are known of the only one of a step with one output."""
    facets: dict[str, InputDatasetFacet] = {}
    if rows_in is not None:
        facets["inputStatistics"] = input_statistics_input_dataset.InputStatisticsInputDatasetFacet(rowCount=rows_in)
    return InputDataset(namespace, name, inputFacets=facets)


def _output(namespace: str, output: Output, made: Made) -> OutputDataset:
    facets: dict[str, DatasetFacet] = {}
    if made.version:
        facets["version"] = dataset_version_dataset.DatasetVersionDatasetFacet(made.version)
    if table := output.table:
        facets |= _facets_of(table, namespace)
    if output.columns:
        fields = {column: _origins(namespace, origins) for column, origins in output.columns.items()}
        facets["columnLineage"] = column_lineage_dataset.ColumnLineageDatasetFacet(fields)
    counted: dict[str, OutputDatasetFacet] = {}
    if made.rows is not None:
        counted["outputStatistics"] = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(made.rows)
    return OutputDataset(namespace, output.asset, facets=facets, outputFacets=counted)


def _facets_of(table: Table, namespace: str) -> dict[str, DatasetFacet]:
    columns = [schema_dataset.SchemaDatasetFacetFields(c.name, c.type, c.comment) for c in table.columns]
    name = symlinks_dataset.Identifier(namespace, f"lake.{table.name}", "TABLE")
    return {
        "schema": schema_dataset.SchemaDatasetFacet(columns),
        "documentation": documentation_dataset.DocumentationDatasetFacet(table.comment),
        "symlinks": symlinks_dataset.SymlinksDatasetFacet([name]),
    }


def _origins(namespace: str, origins: Sequence[tuple[str, str]]) -> column_lineage_dataset.Fields:
    same = column_lineage_dataset.Transformation("DIRECT", "IDENTITY")
    return column_lineage_dataset.Fields(
        [column_lineage_dataset.InputField(namespace, asset, column, [same]) for asset, column in origins]
    )
