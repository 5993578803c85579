"""The asset factory: Dagster assets of the lake's tables, with their quality gates as asset checks.

Belongs here: specs, column schemas, checks that the UI can run again alone.
Does not belong here: what an asset does, any gate.

Two runs never execute one step at a time: the second waits, says for whom, and then finds what the first has paid for.

An asset and its gates are one step. A run that materialises the asset evaluates its gates right after the commit, in
the same step; a run of single checks evaluates these alone and writes nothing. Results of a partitioned asset carry its
growth batch.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from resources.lake.sql_files import tables as all_tables
from wethink_assets.column_lineage import column_lineage
from wethink_assets.gates import Gate, Outcome, Reader, Scope, gates_of
from wethink_assets.memoisation import GO_ON_TAG, MadeOf, Unchanged, look, making
from wethink_assets.partitions import growth_batches
from wethink_assets.presentation.markdown import Markdown, cell
from wethink_assets.presentation.row_links import Address
from wethink_assets.step_lineage import told_lineage

RESOURCES = frozenset({"lake", "settings"})  # what gates need
AssetFunction = Callable[..., dg.MaterializeResult]


def asset_label(key: dg.AssetKey) -> str:
    """The name of an asset in the lake: the parts of its key joined with '/'."""
    return "/".join(key.path)


def batch_of(context: dg.AssetExecutionContext) -> str:
    """The growth batch (partition) that the step is about; '' for an unpartitioned asset.

    The run's own partition does not decide: the job `everything` takes unpartitioned assets into a batch's run.
    """
    if not context.has_partition_key or all(spec.partitions_def is None for spec in context.assets_def.specs):
        return ""
    return context.partition_key


def column_schema(*table_names: str) -> dict[str, Any]:
    """Definition metadata: column schema of the asset's first table, from its DDL file, and the names of all tables."""
    table = all_tables()[table_names[0]]
    columns = [
        dg.TableColumn(
            column.name,
            column.type,
            description=column.comment,
            constraints=dg.TableColumnConstraints(nullable=column.nullable),
        )
        for column in table.columns
    ]
    return {
        "dagster/column_schema": dg.TableSchema(columns=columns),
        "dagster/table_name": table.name,
        "tables": ", ".join(table_names),
    }


def with_column_lineage(assets: Sequence[dg.AssetsDefinition]) -> list[dg.AssetsDefinition]:
    """The same assets with what is known of their columns' lineage as definition metadata."""
    names = {spec.key: str(spec.metadata.get("dagster/table_name", "")) for asset in assets for spec in asset.specs}
    known = {key: table for key, name in names.items() if (table := all_tables().get(name))}

    def add(spec: dg.AssetSpec) -> dg.AssetSpec:
        inputs = {asset_label(d.asset_key): known[d.asset_key] for d in spec.deps if d.asset_key in known}
        columns = column_lineage(known[spec.key], inputs) if spec.key in known else {}
        if not columns:
            return spec
        deps = {
            name: [dg.TableColumnDep(dg.AssetKey(asset.split("/")), column) for asset, column in origins]
            for name, origins in columns.items()
        }
        return spec.merge_attributes(metadata={"dagster/column_lineage": dg.TableColumnLineage(deps)})

    return [asset.map_asset_specs(add) for asset in assets]


def lake_asset(
    *,
    key: dg.AssetKey | str,
    group: str,
    description: str,
    tables: Sequence[str],
    kinds: Iterable[str],
    owner: str,
    gates: Sequence[Gate] = (),
    deps: Iterable[dg.AssetKey | str] = (),
    partitioned: bool = False,
    pool: str | None = None,
    tags: Mapping[str, str] | None = None,
    metadata: Mapping[str, Any] | None = None,
    code_version: str | None = None,
    one_batch_at_a_time: bool = False,
) -> Callable[[AssetFunction], dg.AssetsDefinition]:
    """Decorator that makes an asset with gates of a function of `context` and of resources by name.

    The function commits its rows and returns the `MaterializeResult`.
    `tables` are those that the asset writes, its own first. `one_batch_at_a_time`: what a batch gets depends on what
    the others have. Gates that extensions registered for the asset stand behind
    `gates`.
    """
    key = dg.AssetKey(key) if isinstance(key, str) else key
    guards = gates_of(asset_label(key), gates)
    spec = dg.AssetSpec(
        key,
        deps=[dg.AssetKey(dep) if isinstance(dep, str) else dep for dep in deps],
        group_name=group,
        description=description,
        kinds=set(kinds),
        owners=[owner],
        tags=dict(tags or {}),
        metadata=column_schema(*tables) | dict(metadata or {}),
        code_version=code_version,
        partitions_def=growth_batches if partitioned else None,
        skippable=False,
    )

    def decorate(function: AssetFunction) -> dg.AssetsDefinition:
        names = [name for name in inspect.signature(function).parameters if name != "context"]

        @dg.multi_asset(
            name="__".join(key.path),
            specs=[spec],
            check_specs=check_specs(key, guards),
            required_resource_keys={*RESOURCES, *names},
            can_subset=True,
            pool=pool,
        )
        def _step(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
            if key not in context.selected_asset_keys:
                yield from gate_results(context, {key: guards}, materialised=set())
                return
            lake, batch, config = context.resources.lake, batch_of(context), context.resources.settings.get()
            turn = asset_label(key) if one_batch_at_a_time else f"{asset_label(key)} {batch}".strip()
            with (
                lake.only_run_of(turn, context.log.info),
                told_lineage(context, config, [key], batch) as told,
            ):
                made_of, same = _looked(context, spec, batch, beside_others=one_batch_at_a_time)
                if same is not None:
                    result = _left_alone(context, key, same)
                else:
                    with making(made_of):
                        result = function(context, **{name: getattr(context.resources, name) for name in names})
                yield told.made(result)
                yield from gate_results(context, {key: guards}, materialised={key})

        return _step

    return decorate


def _looked(
    context: dg.AssetExecutionContext, spec: dg.AssetSpec, batch: str, *, beside_others: bool
) -> tuple[MadeOf | None, Unchanged | None]:
    """What the rows are made of, and the commit that a run that goes on would make again; nothing without batches."""
    if not batch or spec.code_version is None:
        return None, None
    return look(
        context.resources.lake,
        context.resources.settings.get(),
        asset_label(spec.key),
        batch,
        upstream=[asset_label(dep.asset_key) for dep in spec.deps],
        code_version=spec.code_version,
        beside_others=beside_others,
        goes_on=GO_ON_TAG in context.run.tags,
    )


def _left_alone(context: dg.AssetExecutionContext, key: dg.AssetKey, same: Unchanged) -> dg.MaterializeResult:
    context.log.info(
        f"{asset_label(key)}: left as it is, {same.rows_written} rows that run {same.run_id[:8]} made of the same "
        "code, settings and inputs"
    )
    return dg.MaterializeResult(
        asset_key=key, metadata={"dagster/row_count": same.rows_written, "unchanged": True, "made_by_run": same.run_id}
    )


def check_specs(key: dg.AssetKey, gates: Sequence[Gate]) -> list[dg.AssetCheckSpec]:
    """Asset check specs of an asset's gates.

    Without partitions of their own, since the UI of Dagster 1.13 executes no check alone that has them.
    """
    return [
        dg.AssetCheckSpec(
            gate.name,
            asset=key,
            description=gate.protects_from,
            blocking=gate.blocking,
            metadata={"severity": gate.severity},
        )
        for gate in gates
    ]


def gate_results(
    context: dg.AssetExecutionContext,
    gates: Mapping[dg.AssetKey, Sequence[Gate]],
    *,
    materialised: set[dg.AssetKey],
) -> Iterator[dg.AssetCheckResult]:
    """Evaluate the selected gates, and every blocking gate of an asset that this step materialised.

    They are on the run's growth batch. A run of checks alone that names none asks about every batch of the asset.

    Raises:
        Failure: a blocking gate failed that the run did not select, so that nothing flows on without it.
    """
    lake, settings = context.resources.lake, context.resources.settings.get()
    unselected: list[str] = []
    for key, guards in gates.items():
        label, fresh = asset_label(key), key in materialised
        selected = {
            gate.name for gate in guards if dg.AssetCheckKey(key, gate.name) in context.selected_asset_check_keys
        }
        due = [gate for gate in guards if gate.name in selected or (gate.blocking and fresh)]
        scopes = [Scope(lake, settings, label, batch) for batch in _batches(context, lake, label, fresh)] if due else []
        for gate in due:
            outcomes = {scope.batch: _judged(gate, scope, fresh) for scope in scopes}
            if gate.name in selected:
                yield check_result(key, gate, outcomes)
            else:
                unselected += [
                    f"{label}: {gate.name} failed. {outcome.description}"
                    for outcome in outcomes.values()
                    if not outcome.passed and not outcome.warn
                ]
    if unselected:
        raise dg.Failure("; ".join(unselected), allow_retries=False)


def _judged(gate: Gate, scope: Scope, fresh: bool) -> Outcome:
    """The gate's verdict; a gate that ends in an error did not pass, and one of rows that are not there cannot."""
    if not fresh and not scope.accounting():
        return Outcome(False, f"{scope.asset} has committed nothing here: materialise it")
    try:
        return gate.judge(scope)
    except Exception as error:  # noqa: BLE001 - whatever a gate meets, the others are still asked
        return Outcome(False, f"the gate itself ended in {type(error).__name__}: {error}"[:1_000])


def _batches(context: dg.AssetExecutionContext, lake: Reader, asset: str, materialised: bool) -> list[str]:
    batch = batch_of(context)
    if batch or materialised:
        return [batch]
    return [row["batch"] for row in lake.rows("quality/select_batches_of_asset", asset=asset)] or [""]


def check_result(key: dg.AssetKey, gate: Gate, outcomes: Mapping[str, Outcome]) -> dg.AssetCheckResult:
    """Asset check result of a gate's verdict, with its batch; over several batches with a line per batch."""
    failures = {batch: outcome for batch, outcome in outcomes.items() if not outcome.passed}
    deciding = next(iter((failures or outcomes).values()))
    warns = all(gate.severity == "WARN" if o.warn is None else o.warn for o in (failures or outcomes).values())
    metadata = shown(deciding.metadata)
    description = deciding.description
    if len(outcomes) > 1:
        description = f"{len(failures)} of {len(outcomes)} batches failed" + (
            f": {', '.join(failures)}" if failures else ""
        )
        lines = [
            f"| {batch} | {'passed' if o.passed else 'failed'} | {cell(o.description)} |"
            for batch, o in outcomes.items()
        ]
        table = "\n".join(["| batch | verdict | what was found |", "|---|---|---|", *lines])
        metadata = {"batches": dg.MetadataValue.md(table), "failed_batches": len(failures)}
    elif batch := next(iter(outcomes)):
        metadata["batch"] = batch
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=gate.name,
        passed=not failures,
        severity=dg.AssetCheckSeverity.WARN if warns else dg.AssetCheckSeverity.ERROR,
        description=description or None,
        metadata=metadata,
    )


def shown(values: Mapping[str, Any]) -> dict[str, Any]:
    """Dagster metadata of pure modules' values: Markdown becomes `MetadataValue.md`, an address a link."""
    of_type = {Markdown: dg.MetadataValue.md, Address: dg.MetadataValue.url}
    return {
        name: of_type[type(value)](str(value)) if type(value) in of_type else value for name, value in values.items()
    }
