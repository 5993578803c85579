"""The stages of the whole data path, each as one run in this process: assets as Dagster runs them, exports, training
rows, scoring.

Belongs here: what a stage of `benchmarks/scale.py` does. Does not belong here: sizes, processes, tables (scale.py).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from wethink_assets.exports.formats import FORMATS
from wethink_assets.settings import Settings
from wethink_assets.synthesis.registry import stages

BATCH = "all"
CALLS_OF_AN_IMAGE = 20
GENERATED_CALLS = "calls"  # a lake of their own, below the home
SYNTHESIS = tuple(stage.name for stage in stages())
EXPORTS = {f"export_{name.replace('-', '_')}": name for name in FORMATS}
NAMES = (
    *("sources", "benchmark_items", "image_pool"),
    *SYNTHESIS,
    *("release", *EXPORTS, "calls_export", "training_rows", "training_set", "scoring"),
)


def settings_of(home: Path, pack: Path) -> Settings:
    return Settings(
        home=home,
        sources_root=pack / "sources",
        benchmarks_root=pack / "benchmarks",
        truth_root=pack / "truth",
        sources={"quota": None},
        synthesis={"max_failed_share": 1.0},
        release={"target": 10_000_000},
        evaluation={"rules_only": True},
    )


class TeacherInProcess:
    """Model calls of an asset, answered by the sample teacher without a server; transport faults are left out.

    `always`: replies by the name of their schema that are given whatever is asked.
    """

    def __init__(self, truth: Path, faults: Any = None, always: Mapping[str, Any] | None = None) -> None:
        from wethink_assets.demo.teacher.faults import Faults, Rates
        from wethink_assets.demo.teacher.replies import Teacher
        from wethink_assets.demo.teacher.scenes import SceneIndex

        self.index, self.always = SceneIndex(truth), always or {}
        self.teacher = Teacher(faults or Faults(Rates(), 0, None))

    def for_asset(self, context: Any, **_: Any) -> Callable[[list[Any]], list[Any]]:
        return lambda requests: [self.reply(request) for request in requests]

    def reply(self, request: Any) -> Any:
        from resources.calls.messages import ModelReply, call_id
        from wethink_assets.demo.teacher.replies import TeacherRequest

        images = request.image_ids
        scene = self.index.load(images[-1][:12]) if images else self.index.by_text(request.text)
        asked = TeacherRequest(
            request.role,
            request.text,
            request.schema_name or "",
            request.schema or {},
            scene,
            request.parameters.get("seed", 0),
        )
        identity = call_id(request, "teacher")
        try:
            content = self.always.get(asked.schema_name) or self.teacher.reply(asked)
        except LookupError as error:
            return ModelReply(identity, False, "", None, None, "refusal", str(error), "teacher", False, 0.0, 1, 1)
        return ModelReply(identity, True, json.dumps(content), content, None, None, "", "teacher", False, 0.0, 1, 1)


def run(settings: Settings, name: str, *, ledger: bool = False) -> dict[str, Any]:
    """One stage; its rows, and the names of checks that failed. `ledger`: synthesis asks as in production."""
    if name in EXPORTS:
        return {"rows": _export(settings, name)}
    others = {
        "calls_export": _calls_made if ledger else _generated_calls,
        "training_rows": _training_rows,
        "training_set": _training_set,
        "scoring": _score,
    }
    if name in others:
        return {"rows": others[name](settings)}
    return materialise(settings, name, ledger=ledger)


def materialise(
    settings: Settings,
    name: str,
    *,
    ledger: bool = False,
    faults: Any = None,
    always: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """An asset of the graph, as a Dagster run does it; `faults` and `always` are of the sample teacher."""
    import dagster as dg

    from resources.calls.resource import ModelCalls
    from resources.lake.resource import Lake
    from resources.settings import SettingsResource
    from wethink_assets.benchmark_sets.assets import benchmark_set_assets
    from wethink_assets.dataset.assets import release_asset
    from wethink_assets.gate_quality.assets import gate_quality_assets
    from wethink_assets.images.assets import pool_asset
    from wethink_assets.picture_files import PictureFiles
    from wethink_assets.sources.assets import source_assets
    from wethink_assets.synthesis.assets import stage_asset

    assets: dict[str, Callable[[], list[Any]]] = {
        "sources": source_assets,
        "benchmark_items": benchmark_set_assets,
        "image_pool": lambda: [pool_asset()],
        "release": lambda: [release_asset()],
        "gate_quality": gate_quality_assets,
        **{stage.name: lambda stage=stage: [stage_asset(stage)] for stage in stages()},
    }
    lake, given = Lake.at(settings.lake_catalog, settings.lake_data_path), SettingsResource.of(settings)
    pictures = PictureFiles(lake=lake, settings=given)
    values: dict[str, Any] = {"lake": lake, "settings": given, "images": pictures}
    if name in SYNTHESIS:
        assert settings.truth_dir is not None
        values["calls"] = (
            ModelCalls(lake=lake, settings=given, images=pictures)
            if ledger
            else dg.ResourceDefinition.hardcoded_resource(TeacherInProcess(settings.truth_dir, faults, always))
        )
    instance = dg.DagsterInstance.ephemeral()
    instance.add_dynamic_partitions("growth_batch", [BATCH])
    result = dg.materialize(
        assets[name](),
        partition_key=None if name in ("benchmark_items", "release", "gate_quality") else BATCH,
        instance=instance,
        raise_on_error=False,
        resources=values,
    )
    told = [m.materialization.metadata for m in result.get_asset_materialization_events()]
    if not told:
        raise SystemExit(f"{name} committed nothing: {[e.message for e in result.all_events if e.is_failure]}")
    failed = [f"{c.check_name}: {c.description}"[:200] for c in result.get_asset_check_evaluations() if not c.passed]
    return {"rows": sum(int(str(metadata["rows_in"].value)) for metadata in told), "failed": failed}


def _latest_release(settings: Settings) -> str:
    from resources.lake.resource import Lake

    return Lake.of(settings).rows("dataset/select_latest_release")[0]["release_id"]


def _export(settings: Settings, name: str) -> int:
    """`wethink release export`; what was written is removed again."""
    from resources.lake.store import LakeStore
    from wethink_assets.cli.releases import Shelf
    from wethink_assets.exports.choice import Choice

    folder = settings.home / name
    shutil.rmtree(folder, ignore_errors=True)
    if not Shelf(LakeStore.of(settings, create=True), settings).export(
        _latest_release(settings), folder, EXPORTS[name], Choice()
    ):
        raise SystemExit(f"{name} set rows aside")
    rows = sum(json.loads((folder / "manifest.json").read_text("utf-8"))["rows"].values())
    shutil.rmtree(folder)
    return rows


def prepare(settings: Settings, name: str, images: int) -> None:
    """What a stage needs and no stage makes: an empty lake, calls to export."""
    from resources.lake.store import LakeStore
    from tests.lake_at_size import fill_calls

    store = LakeStore.of(settings, create=True)
    store.snapshot_id()  # the lake is made here, so that no stage pays for it
    store.close()
    home = settings.home / GENERATED_CALLS
    if name == "calls_export" and not home.is_dir():
        unfinished = home.with_suffix(".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        store = LakeStore.of(settings.model_copy(update={"home": unfinished}), create=True)
        fill_calls(store, images * CALLS_OF_AN_IMAGE, text=200)
        store.close()
        unfinished.rename(home)


def _generated_calls(settings: Settings) -> int:
    return _calls_made(settings.model_copy(update={"home": settings.home / GENERATED_CALLS}))


def _calls_made(settings: Settings) -> int:
    """`wethink calls export` of the lake's calls."""
    from resources.calls.bundle import export_calls
    from resources.lake.store import LakeStore

    path = settings.home / "calls.parquet"
    path.unlink(missing_ok=True)
    return export_calls(LakeStore.of(settings, create=True), path)


def _training_rows(settings: Settings) -> int:
    """The file of training rows, written and mapped, as a training run does it."""
    from resources.lake.resource import Lake
    from resources.scratch import scratch_folder
    from resources.settings import SettingsResource
    from wethink_assets.picture_files import PictureFiles
    from wethink_assets.training.row_file import RowFile, read_windows
    from wethink_assets.training.rows import training_rows

    lake = Lake.of(settings)
    images = PictureFiles(lake=lake, settings=SettingsResource.of(settings))
    release = _latest_release(settings)
    path = settings.home / "train.arrow"
    with scratch_folder(settings.scratch_dir, "training") as folder, RowFile(path) as file:
        size = settings.synthesis.window_rows
        for window in lake.windows("dataset/select_training_rows", folder, size=size, release_id=release):
            images.prefetch({row["image_id"] for row in window})
            file.append(training_rows(window, images.picture)[0])
    return sum(len(window) for window in read_windows(path))


def _training_set(settings: Settings) -> int:
    """All rows as the trainer asks for them: in drawn order, a step's prompts at a time, images opened."""
    from wethink_assets.training.row_file import read_windows
    from wethink_assets.training.training_set import training_set

    prompts, path = settings.training.prompts_per_step, settings.home / "train.arrow"
    steps = max(1, sum(len(window) for window in read_windows(path)) // prompts)
    rows = training_set(path, SimpleNamespace(image_processor=None), prompts, steps, 0)
    opened = 0
    for start in range(0, len(rows), prompts):
        opened += sum(image.size[0] > 0 for image in rows[start : start + prompts]["image"])
    return opened


def _score(settings: Settings) -> int:
    """Verdicts and numbers of all sets for two policies that answer alike."""
    from resources.lake.resource import Lake
    from wethink_assets.benchmark_sets.registry import HELDOUT_SET
    from wethink_assets.evaluation.assets import items_by_set
    from wethink_assets.evaluation.families.registry import scored_sets
    from wethink_assets.evaluation.set_scores import score_set, verdicts_by_set

    lake, sets = Lake.of(settings), (*scored_sets(settings.evaluation), HELDOUT_SET)
    items = items_by_set(lake, sets)
    policies = {"base-1": "base", "rl-1": "rl"}
    answered = [
        {
            "policy_id": policy,
            "benchmark": item.benchmark,
            "item": item.item,
            "reply": "I cannot tell." if n % 3 == 0 else f"<think>So.</think><answer>{item.answer}</answer>",
        }
        for policy in policies
        for some in items.values()
        for n, item in enumerate(some)
    ]
    answers = verdicts_by_set(items, answered, sets, None)
    for benchmark in sets:
        score_set(
            benchmark,
            answers[benchmark.name],
            policies,
            n_set=len(items.get(benchmark.name, ())),
            resamples=settings.evaluation.resamples,
            seed=0,
            rules_only=True,
        )
    return len(answered)
