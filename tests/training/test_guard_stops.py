"""A real training run that a guard ends: what the run says, what stays, how it goes on; with TensorBoard beside it."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from tests.training.installation import MECHANICS, materialize, resources, settings, write_release
from wethink_assets.settings import GuardSettings
from wethink_assets.training.assets import training_assets
from wethink_assets.training.checkpoints import complete, step_of
from wethink_assets.training.job import MANIFEST, read_manifest

base_policy, _, rl_policy = training_assets()


@pytest.mark.long
@pytest.mark.skipif(not find_spec("torch"), reason="training needs the cpu or gpu dependencies: make setup")
def test_a_guard_ends_a_real_run_which_goes_on_when_it_only_warns(tmp_path):
    bound = GuardSettings(window=1, kl="stop", kl_bound=1e-9)  # left as soon as a step had a rate
    training = MECHANICS.model_copy(
        update={"beta": 0.1, "checkpoint_every": 1, "steps": 4, "guards": bound, "report_to": ("tensorboard",)}
    )
    # rewards that vary, without which an untaught policy learns nothing and leaves no reference
    config = settings(tmp_path, training).model_copy(update={"extensions": ("tests.training.varied_term",)})
    write_release(config, 3)
    assert materialize(config, [base_policy]).success
    stopped = materialize(config, [rl_policy])
    assert not stopped.success
    error = next(e for e in stopped.all_events if e.is_step_failure).event_specific_data.error
    said = str(error.cause or error)
    assert "guard kl ended training at step 3: the policy left its reference" in said
    assert "lower training.learning_rate or raise training.beta" in said, "the cure"
    assert 'set training.guards.kl = "warn". The next run goes on after step 2' in said
    lake = resources(config)["lake"].store
    try:
        assert not lake.sql("SELECT * FROM policies WHERE kind = 'rl'").rows(), "what a guard ended is no policy"
        assert not lake.sql("SELECT * FROM promotions").rows()
        assert not list(tmp_path.glob("policies/rl-*/" + MANIFEST))
        (work,) = tmp_path.glob("policies/rl-*.work")
        assert [step_of(point) for point in complete(work / "checkpoints")] == [2], "a sound checkpoint stays"

        warns = training.model_copy(update={"guards": bound.model_copy(update={"kl": "warn"})})
        gone_on = materialize(config.model_copy(update={"training": warns}), [rl_policy])
        assert gone_on.success
        (row,) = lake.sql("SELECT * FROM policies WHERE kind = 'rl'").to_dicts()
        assert read_manifest(tmp_path / row["path"])["resumed_after"] == 2
        checks = {c.check_name: c.passed for c in gone_on.get_asset_check_evaluations()}
        assert checks["guard_kl"] is False and checks["guard_non_finite"]
        told = lake.sql("SELECT strength, step, said FROM training_guards WHERE guard = 'kl'").to_dicts()
        assert (told[0]["strength"], told[0]["step"]) == ("warn", 3) and "raise training.beta" in told[0]["said"]
    finally:
        lake.close()
    events = list((tmp_path / "reports" / "tensorboard" / row["policy_id"]).rglob("events.out.tfevents.*"))
    assert len(events) >= 2 and all(b"train/reward" in event.read_bytes() for event in events), "of both runs"
