"""Termination of a run of the project's own jobs, as the UI does it: `dagster dev`'s launcher, Dagster's termination.

Two processes of Dagster stand between the button and the calls (code server and run worker), and a third one where
assets are materialised without a job: those run each step in a process of its own.
"""

from __future__ import annotations

import json
import threading
import time

import dagster as dg
import pytest
from dagster._core.definitions.selector import JobSubsetSelector
from dagster._core.test_utils import instance_for_test
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import ModuleTarget

from resources.lake.store import LakeStore
from tests.conftest import PROJECT_ROOT
from tests.resources.calls.stub_endpoint import Act, StubEndpoint, completion
from tests.synthesis.house import House

DONE, AT_ONCE = 6, 3
ENDED = (dg.DagsterRunStatus.CANCELED, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS)


@pytest.fixture(scope="module")
def endpoint():
    with StubEndpoint() as server:
        yield server


@pytest.fixture(scope="module")
def place(tmp_path_factory, endpoint):
    """An installation with twenty images in its pool, its instance, and a code server that reads its settings."""
    root = tmp_path_factory.mktemp("terminated")
    house = House(root, seeds=2)
    house.lake.store.close()
    config = root / "wethink.toml"
    lines = [
        f'home = "{house.settings.home}"',
        f'sources_root = "{root / "sources"}"',
        "[endpoints.vlm]",
        f'base_url = "{endpoint.base_url}"',
        'model = "stub"',
        f"concurrency = {AT_ONCE}",
        "timeout_s = 300",
    ]
    config.write_text("\n".join(lines))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WETHINK_CONFIG", str(config))
        patch.chdir(PROJECT_ROOT)
        folder = root / "dagster"
        folder.mkdir()
        with instance_for_test(temp_dir=str(folder)) as instance:
            instance.add_dynamic_partitions("growth_batch", ["g1"])
            target = ModuleTarget(
                "wethink_assets.definitions",
                attribute="defs",
                working_directory=str(PROJECT_ROOT),
                location_name="wethink",
            )
            with WorkspaceProcessContext(instance, target) as workspace:
                yield instance, workspace, LakeStore(house.settings.lake_catalog, house.settings.lake_data_path)


def launched(instance, workspace, job: str) -> str:
    """The run's id: `descriptions` of batch g1, as the UI asks for it."""
    context = workspace.create_request_context()
    location = context.get_code_location("wethink")
    (repository,) = location.get_repositories().values()
    asset = dg.AssetKey("descriptions")
    selector = JobSubsetSelector(
        location_name="wethink",
        repository_name=repository.name,
        job_name=job,
        op_selection=None,
        asset_selection={asset},
    )
    remote = location.get_job(selector)
    tags = {"dagster/partition": "g1"}
    plan = location.get_execution_plan(remote, {}, step_keys_to_execute=None, known_state=None, instance=instance)
    run = instance.create_run(
        job_name=job,
        run_id=None,
        run_config={},
        status=None,
        tags=tags,
        root_run_id=None,
        parent_run_id=None,
        step_keys_to_execute=None,
        execution_plan_snapshot=plan.execution_plan_snapshot,
        job_snapshot=remote.job_snapshot,
        parent_job_snapshot=remote.parent_job_snapshot,
        asset_selection=frozenset({asset}),
        asset_check_selection=None,
        resolved_op_selection=None,
        op_selection=None,
        remote_job_origin=remote.get_remote_origin(),
        job_code_origin=remote.get_python_origin(),
        asset_graph=repository.asset_graph,
    )
    instance.launch_run(run.run_id, context)
    return run.run_id


def until(what, seconds: float) -> None:
    woken, deadline = threading.Event(), time.monotonic() + seconds
    while not what() and time.monotonic() < deadline:
        woken.wait(0.02)


@pytest.mark.long
def test_a_run_that_dagster_terminates_is_canceled_within_five_seconds_and_the_next_goes_on(place, endpoint):
    """First the project's job, whose run worker asks; then what "Materialize" runs, where each step's process asks."""
    instance, workspace, store = place
    answered: set[str] = set()
    for job in ("grow_data", "__ASSET_JOB"):
        begun = len(endpoint.calls)

        def behave(call, begun=begun):
            nth = len(endpoint.calls) - begun
            return Act(
                completion(json.dumps({"description": f"A picture of {call.images[0]}."})),
                delay_s=0 if nth <= DONE else 600,
            )

        endpoint.behave = behave
        run_id = launched(instance, workspace, job)

        def over(run_id=run_id):
            return instance.get_run_by_id(run_id).status in ENDED

        until(lambda begun=begun, over=over: len(endpoint.calls) - begun >= DONE + AT_ONCE or over(), 120)
        assert len(endpoint.calls) - begun == DONE + AT_ONCE, [e.message for e in instance.all_logs(run_id)][-3:]
        started = time.monotonic()
        assert instance.run_launcher.terminate(run_id)
        until(over, 60)
        took = time.monotonic() - started
        assert instance.get_run_by_id(run_id).status == dg.DagsterRunStatus.CANCELED
        assert took < 5, f"{job} was over after {took:.2f} s"
        asked = [c.images[0] for c in endpoint.calls[begun:]]
        assert len(asked) == DONE + AT_ONCE, "nothing was sent after the termination"
        assert answered.isdisjoint(asked), "what an earlier run paid for is not asked again"
        answered.update(asked[:DONE])
        kept = {
            i for r in store.sql("SELECT image_ids FROM calls WHERE status = 'ok'").to_dicts() for i in r["image_ids"]
        }
        assert kept == answered, "every reply that came is in the ledger"
