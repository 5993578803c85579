"""Retraining by declarative automation: the policy is trained again once the release has grown enough, or a check asks.

Belongs here: the conditions as Dagster shows them, the sensor that ticks them, what growth then leaves out. Does not
belong here: how a policy is trained, and whether an equal one is trained twice (training/), what a batch takes.

Off unless `[growth] retrain_share` is set. All assets of training and evaluation bear one condition, so that a tick
asks for all of them in one run, or for none. A release is asked for once: a run that failed is a person's to mend,
since what ends a training (memory, a rule of the recipe) ends it again.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import dagster as dg

from jobs.growth import Reads
from jobs.jobs import DATA, DATA_SET, EVALUATION, TRAINING
from wethink_assets.asset_factory import asset_label
from wethink_assets.settings import Settings
from wethink_assets.sources.batches import REASON_TAG
from wethink_assets.training.assets import RL

RELEASE = dg.AssetKey("release")
SENSOR = "retraining"
GROUPS = ("training", "evaluation")


@dataclass(frozen=True)
class Learned:
    """The release of now, and the policy of now with the release that it learned from: ids and training rows."""

    release_id: str = ""
    rows: int = 0
    policy_id: str = ""
    learned_id: str = ""
    learned_rows: int = 0

    @classmethod
    def of(cls, lake: Reads) -> Learned:
        """As the lake has it."""
        releases = {row["release_id"]: row["train_rows"] for row in lake.rows("dataset/select_releases")}
        release = next((row["release_id"] for row in lake.rows("dataset/select_latest_release")), "")
        policy = next(iter(lake.rows("training/select_current_policy", asset=RL.to_user_string())), {})
        learned = policy.get("release_id") or ""
        return cls(release, releases.get(release, 0), policy.get("policy_id", ""), learned, releases.get(learned, 0))


class Look:
    """One reading of the lake per tick, shared by the conditions of all assets."""

    def __init__(self, lake: Reads) -> None:
        self._lake = lake
        self._at: datetime | None = None
        self._seen = Learned()

    def __call__(self, at: datetime) -> Learned:
        if at != self._at:
            self._seen, self._at = Learned.of(self._lake), at
        return self._seen


class _Condition(dg.AutomationCondition):
    """A condition that says as its label, beside its name, what it has found."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._told = ""

    @property
    def description(self) -> str:
        return self._told

    def get_label(self) -> str | None:
        return self._told or None

    def _result(self, context: dg.AutomationContext, true: bool, cursor: str | None = None) -> dg.AutomationResult:
        subset = context.candidate_subset if true else context.get_empty_subset()
        return dg.AutomationResult(context, subset, cursor=cursor)


class UntriedRelease(_Condition):
    """There is a release that the policy did not learn from and that no run was asked for. The cursor holds the release
    of the tick before and, where that tick asked for a run, the one that it was for.
    """

    @property
    def name(self) -> str:
        return "untried_release"

    def evaluate(self, context: dg.AutomationContext) -> dg.AutomationResult:
        seen, tried = (context.cursor or " ").split(" ")
        asked = context.get_previous_requested_subset(context.root_context.key)
        tried = seen if asked is not None and not asked.is_empty else tried
        now = self._look(context.evaluation_time)
        release = now.release_id
        if not release:
            self._told = "there is no release"
        elif release == now.learned_id:
            self._told = f"{now.policy_id} learned from release {release}"
        elif release == tried:
            self._told = f"a run was asked for release {release} already"
        else:
            self._told = f"release {release} is new"
        new = bool(release) and release not in (now.learned_id, tried)
        return self._result(context, new, f"{release} {tried}")


class ReleaseGrew(_Condition):
    """The release has so many more training rows than the one that the policy learned from; true before any policy."""

    def __init__(self, look: Look, share: float) -> None:
        super().__init__(look)
        self.share = share

    @property
    def name(self) -> str:
        return f"release_grew(by={self.share:g})"

    def evaluate(self, context: dg.AutomationContext) -> dg.AutomationResult:
        grown, self._told = grown_by(self._look(context.evaluation_time), self.share)
        return self._result(context, grown)


def grown_by(now: Learned, share: float) -> tuple[bool, str]:
    """Whether the training rows have grown by the share, and that in words."""
    if not now.release_id:
        return False, "there is no release"
    if not now.policy_id:
        return True, f"{now.rows:,} training rows, and no policy has learned from any"
    if not now.learned_rows:
        return True, f"{now.rows:,} training rows, and nothing is known of those that {now.policy_id} learned from"
    change = f"{now.rows / now.learned_rows - 1:+.1%} since {now.policy_id} learned from {now.learned_rows:,}"
    told = f"{now.rows:,} training rows, {change}; [growth] retrain_share asks for {share:+.1%}"
    return now.rows - now.learned_rows >= share * now.learned_rows, told


@dataclass(frozen=True)
class Retraining:
    """The condition of an installation that has one."""

    condition: dg.AutomationCondition
    checks: tuple[str, ...]

    @classmethod
    def of(cls, settings: Settings, lake: Reads) -> Retraining | None:
        """None unless `[growth] retrain_share` is set."""
        share, checks = settings.growth.retrain_share, settings.growth.retrain_checks
        return None if share is None else cls(_condition(Look(lake), share, checks), checks)

    def on(self, assets: Sequence[dg.AssetsDefinition]) -> list[dg.AssetsDefinition]:
        """The same assets, those of training and evaluation with the condition.

        Raises:
            ValueError: none of the assets has a check that is named in the settings.
        """
        known = {f"{asset_label(key.asset_key)}:{key.name}" for asset in assets for key in asset.check_keys}
        if unknown := [check for check in self.checks if check not in known]:
            raise ValueError(
                f"[growth] retrain_checks: there is no check {', '.join(unknown)}; docs/checks.md lists them, each is "
                "named as asset:check"
            )
        return [asset.map_asset_specs(self._of_spec) for asset in assets]

    def _of_spec(self, spec: dg.AssetSpec) -> dg.AssetSpec:
        if spec.group_name not in GROUPS:
            return spec
        return spec.replace_attributes(automation_condition=self.condition)

    def sensor(self) -> dg.AutomationConditionSensorDefinition:
        """Ticks the condition. It runs from the start: that the setting is there is the switch."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", dg.BetaWarning)  # the code location ticks it, as conditions of ours need
            return dg.AutomationConditionSensorDefinition(
                SENSOR,
                target=TRAINING | EVALUATION,
                use_user_code_server=True,
                default_status=dg.DefaultSensorStatus.RUNNING,
                minimum_interval_seconds=60,
                run_tags={REASON_TAG: f"sensor {SENSOR}"},
                description=(
                    "A release that grew by [growth] retrain_share, or any new one where one of retrain_checks failed: "
                    "train and evaluate, once for each release. The automation page of each of these assets shows "
                    "what holds and what does not."
                ),
            )


def _condition(look: Look, share: float, checks: Sequence[str]) -> dg.AutomationCondition:
    when = dg.AutomationCondition
    due: dg.AutomationCondition = ReleaseGrew(look, share)
    for check in checks:
        due = due | _failed(check)
    blocked = when.any_checks_match(when.check_failed(), blocking_only=True)
    return (
        UntriedRelease(look)
        & due
        & (~when.asset_matches(RELEASE, blocked)).with_label("no blocking check of the release failed")
        & (~when.asset_matches(RL, when.in_progress())).with_label("no run that trains is under way")
    )


def _failed(check: str) -> dg.AutomationCondition:
    """The check, `asset:check`, failed when it was run last."""
    asset, _, name = check.partition(":")
    key = dg.AssetKey(asset.split("/"))
    own = dg.AssetSelection.checks(dg.AssetCheckKey(key, name))
    failed = dg.AutomationCondition.any_checks_match(dg.AutomationCondition.check_failed()).allow(own)
    return dg.AutomationCondition.asset_matches(key, failed).with_label(f"check {check} failed")


def grown_assets(
    settings: Settings, context: dg.ScheduleEvaluationContext | dg.SensorEvaluationContext
) -> list[dg.AssetKey] | None:
    """What a run of growth makes: everything (None), or up to the release where retraining is decided here."""
    if settings.growth.retrain_share is None or context.repository_def is None:
        return None
    return sorted((DATA | DATA_SET).resolve(context.repository_def.asset_graph))
