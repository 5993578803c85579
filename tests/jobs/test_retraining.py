"""Retraining by declarative automation: when a release asks for a new policy, once, and never beside a running one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import dagster as dg
import pytest

from jobs.retraining import SENSOR, Learned, Retraining, grown_by
from jobs.schedules import weekly_growth
from resources.lake.resource import Commit, Write
from wethink_assets.graph import build_definitions
from wethink_assets.settings import LakeSettings, Settings

CHECKS = ("rl_policy:reward_improved",)
TRAINED = {"training", "evaluation"}


def test_growth_is_reckoned_from_what_the_policy_learned():
    now = Learned("r2", 120, "rl-1", "r1", 100)
    assert grown_by(now, 0.2) == (
        True,
        "120 training rows, +20.0% since rl-1 learned from 100; [growth] retrain_share asks for +20.0%",
    )
    assert not grown_by(replace(now, rows=119), 0.2)[0] and not grown_by(replace(now, rows=90), 0.0)[0]
    assert grown_by(Learned("r2", 120), 5.0)[0] and grown_by(Learned("r2", 120, "rl-1"), 5.0)[0]
    assert not grown_by(Learned(), 0.0)[0]


@dg.asset(group_name="dataset", check_specs=[dg.AssetCheckSpec("no_defects", asset="release", blocking=True)])
def release(): ...


@dg.asset(group_name="training")
def base_policy(): ...


@dg.asset(
    group_name="training",
    deps=[release, base_policy],
    check_specs=[dg.AssetCheckSpec("reward_improved", asset="rl_policy")],
)
def rl_policy(): ...


@dg.asset(group_name="evaluation", deps=[base_policy])
def predictions_base(): ...


@dg.asset(group_name="evaluation", deps=[rl_policy, predictions_base])
def scoreboard(): ...


ASSETS = [release, base_policy, rl_policy, predictions_base, scoreboard]


class House:
    """A release, a policy and what follows, by name alone; what the lake knows is one object,
    and runs are the events they leave."""

    def __init__(self, settings: Settings) -> None:
        self.now = Learned()
        self.looks = 0
        self.instance = dg.DagsterInstance.ephemeral()
        retraining = Retraining.of(settings, self)
        assert retraining is not None
        self.sensor = retraining.sensor()
        self.repository = dg.Definitions(assets=retraining.on(ASSETS), sensors=[self.sensor]).get_repository_def()
        self.cursor: str | None = None

    def rows(self, name: str, **_: object) -> list[dict]:
        now = self.now
        known = {now.learned_id: now.learned_rows, now.release_id: now.rows}
        if name == "dataset/select_releases":
            self.looks += 1
            return [{"release_id": r, "train_rows": n} for r, n in known.items() if r]
        if name == "dataset/select_latest_release":
            return [{"release_id": now.release_id}] if now.release_id else []
        assert name == "training/select_current_policy"
        return [{"policy_id": now.policy_id, "release_id": now.learned_id}] if now.policy_id else []

    def made(self, asset: str, **checks: bool) -> None:
        self.instance.report_runless_asset_event(dg.AssetMaterialization(asset))
        for name, passed in checks.items():
            evaluation = dg.AssetCheckEvaluation(
                asset_key=dg.AssetKey(asset), check_name=name, passed=passed, metadata={}
            )
            self.instance.report_runless_asset_event(evaluation)

    def released(self, release_id: str, rows: int, *, sound: bool = True) -> None:
        self.now = replace(self.now, release_id=release_id, rows=rows)
        self.made("release", no_defects=sound)

    def trained(self, policy: str, *, improved: bool = True) -> None:
        self.made("rl_policy", reward_improved=improved)
        self.now = Learned(self.now.release_id, self.now.rows, policy, self.now.release_id, self.now.rows)

    def tick(self) -> list[list[str]]:
        """The assets of each run that one tick of the sensor asks for."""
        before = self.looks
        context = dg.build_sensor_context(instance=self.instance, cursor=self.cursor, repository_def=self.repository)
        data = self.sensor.evaluate_tick(context)
        self.cursor = data.cursor
        self.said = {
            evaluation.key.to_user_string(): [
                node.condition_snapshot.label for node in evaluation.iter_nodes() if node.condition_snapshot.label
            ]
            for evaluation in data.automation_condition_evaluations
        }
        assert self.looks <= before + 1
        return [sorted(key.to_user_string() for key in request.asset_selection) for request in data.run_requests]


ALL = ["base_policy", "predictions_base", "rl_policy", "scoreboard"]


@pytest.fixture
def house(tmp_path):
    return House(settings(tmp_path))


def settings(home, **growth) -> Settings:
    return Settings(home=home, growth={"retrain_share": 0.2, "retrain_checks": CHECKS, **growth})


def test_the_first_release_trains_and_the_next_once_it_has_grown(house):
    assert house.tick() == [] and house.said["rl_policy"][0] == "there is no release"
    house.released("r1", 100)
    assert house.tick() == [ALL]
    assert house.tick() == []  # asked for, and not asked for again
    house.trained("rl-1")
    assert house.tick() == [] and house.said["rl_policy"][0] == "rl-1 learned from release r1"

    house.released("r2", 110)
    assert house.tick() == []
    assert "+10.0% since rl-1 learned from 100" in str(house.said)
    house.released("r3", 130)
    assert house.tick() == [ALL] and house.tick() == []


def test_a_check_asks_for_a_release_that_hardly_grew(house):
    house.released("r1", 100)
    house.tick()
    house.trained("rl-1", improved=False)
    assert house.tick() == []  # the check failed, and nothing is new to learn from
    house.released("r2", 101)
    assert house.tick() == [ALL] and house.tick() == []


def test_a_release_is_tried_once_and_a_failed_run_is_left_to_a_person(house):
    house.released("r1", 100)
    assert house.tick() == [ALL]
    house.released("r1", 100)  # the run failed, and the release was made again: the same rows
    assert house.tick() == [] and house.said["rl_policy"][0] == "a run was asked for release r1 already"
    house.released("r2", 101)
    assert house.tick() == [ALL]


def test_nothing_is_trained_beside_a_run_that_trains_or_on_a_release_with_defects(house):
    house.released("r1", 100)
    job = house.repository.get_implicit_global_asset_job_def()
    under_way = house.instance.create_run_for_job(job, asset_selection={dg.AssetKey("rl_policy")})
    house.instance.report_dagster_event(dg.DagsterEvent("PIPELINE_START", under_way.job_name), under_way.run_id)
    assert house.tick() == []
    house.instance.report_run_failed(under_way)
    assert house.tick() == [ALL]

    house.released("r2", 500, sound=False)
    assert house.tick() == []
    house.released("r2", 500)
    assert house.tick() == [ALL]


def test_a_check_that_is_not_there_is_named_and_the_default_leaves_no_trace(tmp_path, house):
    assert Retraining.of(Settings(home=tmp_path), house) is None
    retraining = Retraining.of(settings(tmp_path, retrain_checks=["release:no_such"]), house)
    with pytest.raises(ValueError, match="there is no check release:no_such"):
        retraining.on(ASSETS)
    assert house.sensor.name == SENSOR


def test_the_graph_asks_for_training_and_evaluation_and_growth_ends_at_the_release(lake, tmp_path):
    own = {"catalog": lake.catalog, "data_path": lake.data_path}
    definitions = build_definitions(settings(tmp_path, fresh_days=7).model_copy(update={"lake": LakeSettings(**own)}))
    specs = {spec.key: spec for spec in definitions.resolve_all_asset_specs()}
    trained = {key for key, spec in specs.items() if spec.group_name in TRAINED}
    assert {key for key, spec in specs.items() if spec.automation_condition} == trained
    graph = definitions.resolve_asset_graph()
    assert {k.name for k in graph.get(dg.AssetKey("rl_policy")).check_keys} >= {"rows_conserved", "weights_sound"}
    assert graph.get(dg.AssetKey("rl_policy")).pools == {"gpu"}
    assert {k.to_user_string() for k, spec in specs.items() if spec.freshness_policy} == {"release", "scoreboard"}

    instance = dg.DagsterInstance.local_temp(str(tmp_path))
    resources = {name: definitions.resources[name] for name in ("lake", "settings")}

    def requested() -> int:
        return dg.evaluate_automation_conditions(definitions, instance).total_requested

    lake.write(Commit("test"), released("r2", 120, {"r1": 100}))
    assert requested() == len(trained)
    lake.write(Commit("test"), released("r2", 110, {"r1": 100}))
    assert requested() == 0

    context = dg.build_schedule_context(
        instance=instance,
        scheduled_execution_time=datetime(2026, 11, 30, 3, tzinfo=UTC),
        repository_def=definitions.get_repository_def(),
        resources=resources,
    )
    with context:
        (asked,) = weekly_growth.evaluate_tick(context).run_requests
    assert asked.partition_key == "batch-0001"
    assert set(asked.asset_selection) == {
        key for key, spec in specs.items() if spec.group_name not in (TRAINED | {"fine_tuning"})
    }


def released(release: str, rows: int, earlier: dict[str, int]) -> list[Write]:
    """What the lake holds after a release, where a policy learned from an earlier one."""
    one = {"batches": [], "target": 1, "heldout_rows": 0, "config": {}, "snapshot_id": 1, "path": "p", "run_id": "r"}
    policy = {"kind": "rl", "path": "p", "config": {}, "seconds": 0.0, "run_id": "r", "policy_id": "rl-1"}
    account = {"batch": "", "run_id": "r", "rows_in": 0, "continued": 0, "dropped": 0, "failed": 0, "rows_written": 0}
    account |= {"seconds": 0.0, "committed_at": datetime.now(UTC)}
    releases = {release: rows, **earlier}
    details = {"release": {"release_id": release}, "rl_policy": {"policy_id": "rl-1"}}
    return [
        Write(
            "releases",
            [{**one, "release_id": r, "rows": n, "train_rows": n} for r, n in releases.items()],
            mode="upsert",
        ),
        Write("policies", [{**policy, "release_id": next(iter(earlier))}], mode="upsert"),
        Write("materializations", [{**account, "asset": a, "details": d} for a, d in details.items()], mode="upsert"),
    ]
