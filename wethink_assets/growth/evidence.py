"""Evidence of growth plans: what the lake and the settings know of each source and ability before a batch.

Belongs here: reading it. Does not belong here: what follows from it (plan.py, abilities.py), committing (assets.py).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from wethink_assets.gates import Reader
from wethink_assets.growth.abilities import AbilityEvidence
from wethink_assets.growth.plan import Evidence
from wethink_assets.settings import Settings
from wethink_assets.sources.catalog import sources_of
from wethink_assets.sources.ingest import quota_of
from wethink_assets.sources.new_files import new_files
from wethink_assets.synthesis.schemas import ABILITIES

COUNT_S = 60.0  # for counting the files that are left; sources that are not reached by then count as endless
BASE = "base_policy"  # the asset whose policy the pass rates are of that decide what is learned from


def of_sources(lake: Reader, config: Settings, batch: str, shares: Mapping[str, float]) -> list[Evidence]:
    """What is known of each source before a batch; files are counted only where the policy asks for it.

    `shares` are the sources' weights in the release's mix.
    """
    yields = {row["source"]: row for row in lake.rows("growth/select_source_yields", batch=batch)}
    end = time.monotonic() + COUNT_S
    counts = config.growth.policy != "fixed"
    untaken = new_files(lake, config, late=lambda: time.monotonic() > end).untaken if counts else {}
    nothing = {"images": 0, "samples": 0, "coming": 0, "taken": 0}
    scored = {row["source"]: row for p in _trained(lake) for row in lake.rows("growth/select_heldout_accuracy", **p)}
    rated = {row["source"]: row for p in _base(lake) for row in lake.rows("growth/count_learnable_by_source", **p)}
    return [
        Evidence(
            source.key,
            quota_of(source, config.sources),
            shares.get(source.key, 0.0),
            untaken=untaken.get(source.key),
            accuracy=scored.get(source.key, {}).get("accuracy"),
            answers=scored.get(source.key, {}).get("n", 0),
            rated=rated.get(source.key, {}).get("rated", 0),
            learnable=rated.get(source.key, {}).get("learnable", 0),
            **{name: yields.get(source.key, nothing)[name] for name in nothing},
        )
        for source in sources_of(config.sources)
    ]


def of_abilities(lake: Reader, config: Settings, batch: str) -> list[AbilityEvidence]:
    """What is known of each ability before a batch."""
    yields = {row["ability"]: row for row in lake.rows("growth/select_ability_yields", batch=batch)}
    scored = {row["ability"]: row for p in _trained(lake) for row in lake.rows("growth/select_ability_accuracy", **p)}
    rated = {row["ability"]: row for p in _base(lake) for row in lake.rows("growth/count_learnable_by_ability", **p)}
    return [
        AbilityEvidence(
            name,
            dict(config.growth.abilities).get(name, 1.0),
            samples=yields.get(name, {}).get("samples", 0),
            proposed=yields.get(name, {}).get("proposed", 0),
            accuracy=scored.get(name, {}).get("accuracy"),
            answers=scored.get(name, {}).get("n", 0),
            rated=rated.get(name, {}).get("rated", 0),
            learnable=rated.get(name, {}).get("learnable", 0),
        )
        for name in ABILITIES
    ]


def _trained(lake: Reader) -> list[dict[str, Any]]:
    """The trained policy on the scoreboard and the release that it learned from; none before one was scored."""
    return lake.rows("growth/select_board_policy")


def _base(lake: Reader) -> list[dict[str, Any]]:
    """The base policy of now; none before there is one."""
    return [{"policy_id": row["policy_id"]} for row in lake.rows("training/select_current_policy", asset=BASE)]
