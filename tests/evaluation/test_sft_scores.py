"""The SFT policy is asked and scored over HTTP as the others are, and stands on no scoreboard."""

from __future__ import annotations

import dagster as dg
import pytest

from resources.calls.resource import ModelCalls
from resources.lake.resource import Commit, Write
from resources.settings import SettingsResource
from resources.workers.vllm_server import PolicyServer
from tests.evaluation.test_assets import RL, House
from wethink_assets.benchmark_sets.assets import benchmark_set_assets
from wethink_assets.evaluation.sft_assets import sft_evaluation_assets
from wethink_assets.picture_files import PictureFiles

SFT = "sft-000000000000"


@pytest.mark.long
def test_the_sft_policy_is_asked_and_scored_on_sets_and_held_out_rows(tiny_pack, tmp_path, monkeypatch):
    house = House(tmp_path, tiny_pack, ("MMStar",))
    try:
        house.settings = house.settings.model_copy(
            update={"evaluation": house.settings.evaluation.model_copy(update={"rules_only": True})}
        )
        own = SettingsResource.of(house.settings)
        files = PictureFiles(lake=house.lake, settings=own)
        account = {"asset": "sft_policy", "batch": "", "run_id": "t", "details": {"policy_id": SFT}, "seconds": 0.0}
        (now,) = house.sql("SELECT max(committed_at) AS at FROM materializations")
        counts = {"rows_in": 1, "continued": 1, "dropped": 0, "failed": 0, "rows_written": 1, "committed_at": now["at"]}
        policy = {"policy_id": SFT, "kind": "sft", "path": "nowhere", "config": {}, "seconds": 0.0, "run_id": "t"}
        house.lake.write(
            Commit("test"),
            [
                Write("policies", [policy], mode="upsert"),
                Write("materializations", [account | counts], mode="upsert"),
            ],
        )
        right = house.answer
        monkeypatch.setattr(house.endpoint, "answer", lambda model, text, image: right(RL, text, image))

        def run():
            return dg.materialize(
                [*benchmark_set_assets(), *sft_evaluation_assets(house.settings.evaluation)],
                resources={
                    "lake": house.lake,
                    "settings": own,
                    "images": files,
                    "calls": ModelCalls(lake=house.lake, settings=own, images=files),
                    "server": PolicyServer(settings=own),
                },
                instance=house.instance,
            )

        first = run()
        assert first.success
        scores = house.sql("SELECT benchmark, value, n FROM scores WHERE main AND policy_id = $p AND n > 0", p=SFT)
        assert {row["benchmark"]: row["value"] for row in scores} == {"MMStar": 100.0, "heldout": 100.0}
        asked = {(r["policy_kind"], r["benchmark"]) for r in house.sql("SELECT DISTINCT * FROM predictions")}
        assert asked == {("sft", "MMStar"), ("sft", "heldout")}
        assert {body["model"] for body in house.endpoint.asked} == {SFT}
        (row,) = house.sql("SELECT * FROM materializations WHERE asset = 'scores_sft'")
        assert row["rows_in"] == row["continued"] + row["dropped"] + row["failed"] > 0
        assert not house.sql("SELECT * FROM scoreboard")
        told = len(house.endpoint.asked)
        again = run().asset_materializations_for_node("scores_sft")[0].metadata
        assert again["unchanged"].value and len(house.endpoint.asked) == told
    finally:
        house.endpoint.close()
        house.close()
