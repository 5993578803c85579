"""Export of a policy as a model repository: weights, configuration, processor, card.

Belongs here: finding a policy by name, what is refused, writing the folder whole or not at all. Does not belong here:
the card's text (model_card.py), words for a terminal (cli/).
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wethink_assets.evaluation.report.model_card import card
from wethink_assets.gates import Reader
from wethink_assets.training.job import ADAPTER, LEARNED, MANIFEST, ROLLOUTS, STEPS, damage

LATEST = "latest"
_OWN = {MANIFEST, STEPS, ROLLOUTS, LEARNED}  # of the installation, not of the model


class PolicyExportError(ValueError):
    """The policy cannot be exported; the message says why, and the cure."""


def policy_named(lake: Reader, name: str) -> dict[str, Any]:
    """The policy of an id, the beginning of one, or `latest`: the RL policy that was made last.

    Raises:
        PolicyExportError: there is none, or more than one.
    """
    known = lake.rows("evaluation/select_policies")
    if name == LATEST:
        current = lake.rows("training/select_current_policy", asset="rl_policy")
        if not current:
            raise PolicyExportError("there is no RL policy yet: materialise rl_policy")
        name = current[0]["policy_id"]
    found = [row for row in known if row["policy_id"] == name] or [
        row for row in known if row["policy_id"].startswith(name)
    ]
    if len(found) != 1:
        of = ", ".join(row["policy_id"] for row in found[:5]) or "none"
        raise PolicyExportError(f"{len(found)} policies are called {name!r} ({of}): see `wethink policies list`")
    return found[0]


def card_of(lake: Reader, policy: Mapping[str, Any]) -> str:
    """The card of a policy, from what the lake holds of it."""
    policy_id = policy["policy_id"]
    parents = [row for row in lake.rows("evaluation/select_policies") if row["policy_id"] == policy["parent_id"]]
    promotions = lake.rows("evaluation/select_promotion", policy_id=policy_id)
    return card(
        policy,
        base=parents[0] if parents else None,
        promotion=promotions[0] if promotions else None,
        scores=lake.rows("evaluation/select_headline_scores", policy_id=policy_id),
        guards=lake.rows("training/select_guards", policy_id=policy_id),
    )


def export(
    lake: Reader, home: Path, policy: Mapping[str, Any], target: Path, *, unpromoted: bool = False
) -> list[Path]:
    """Write a policy's folder as a model repository; returns its files.

    Raises:
        PolicyExportError: it is not promoted and `unpromoted` is not set, its weights are not those that were trained,
            or something is at the target.
    """
    policy_id = policy["policy_id"]
    if policy["weights_sha256"] is None:
        raise PolicyExportError(f"{policy_id} is a checkpoint that was only registered: take it from {policy['path']}")
    if policy["kind"] == "rl" and not policy["promoted"] and not unpromoted:
        why = policy["why"] or "it has not been held against its base: materialise scoreboard"
        raise PolicyExportError(f"{policy_id} is not promoted ({why}): add --unpromoted to export it all the same")
    source = home / policy["path"]
    if fault := damage(source, policy["weights_sha256"]):
        raise PolicyExportError(f"{policy_id}: {fault}")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise PolicyExportError(f"{target} is there and not empty: name a new folder")
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for path in sorted(source.iterdir()):
        if path.is_file() and path.name not in _OWN:
            shutil.copyfile(path, part / path.name)
    if (source / ADAPTER).is_dir():
        shutil.copytree(source / ADAPTER, part / ADAPTER)
    (part / "README.md").write_text(card_of(lake, policy), "utf-8")
    if fault := damage(part, policy["weights_sha256"]):
        raise PolicyExportError(f"the copy of {policy_id}: {fault}")
    if target.is_dir():
        target.rmdir()
    part.replace(target)
    return sorted(path for path in target.rglob("*") if path.is_file())
