"""How a release was made (provenance): the record that its manifest and the lake hold.

Belongs here: what is recorded: rows, settings without secrets and places, models, prompts, code, gates, parent, tags.
Pure. Does not belong here: files and hashes (manifest.py), what people read (card.py).

Nothing in it depends on the clock, the run or the machine: the same rows, made again from the same, have the same
record.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from wethink_assets.accounting import Stopped
from wethink_assets.code_versions import code_version
from wethink_assets.dataset.counts import Counts
from wethink_assets.dataset.why import IMPORTED, PART_OF
from wethink_assets.rewards.identity import rewards_digest
from wethink_assets.settings import Settings

# Places in column config of table releases: this record, and the SHA-256 of the manifest that holds it.
MADE, MANIFEST = "made", "manifest"
# What of the settings decides rows. Places, endpoints and names of keys are nobody's business.
_SETTINGS = {
    "release": True,
    "synthesis": {"turns", "questions", "filters_off", "seed"},
    "images": {"benchmark_look_alikes"},
    "sources": {"quota", "quotas", "paused", "extra"},
    "rewards": True,
    "extensions": True,
}


def record(
    counts: Counts,
    settings: Settings,
    *,
    shares: Mapping[str, float],
    stopped: Mapping[str, Sequence[Stopped]],
    asked: Sequence[Mapping[str, Any]],
    held_against: Mapping[str, str],
    releases: Sequence[Mapping[str, Any]],
    mix: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """The record of a release.

    `stopped` by verdict; `asked` are rows of dataset/select_prompts_of_batches; `held_against` are the evaluation sets
    known, by name, with their versions; `releases` all of the catalogue, the oldest first: the parent is the latest
    other one that was made here, and the tags are those of that day. A release that is made again keeps both. `mix` is
    what was wanted and taken of each source and value (mix_outcome.py).
    """
    before = next((made_of(row) for row in releases if row["release_id"] == counts.release_id), {})
    others = [row for row in releases if row["release_id"] != counts.release_id]
    own = [row for row in others if not {IMPORTED, PART_OF} & json.loads(row["config"] or "{}").keys()]
    tags = {tag: row["release_id"] for row in others for tag in row["tags"] if tag != "latest"}
    return {
        "release_id": counts.release_id,
        "parent": before["parent"] if before else (own[-1]["release_id"] if own else None),
        "tags": before["tags"] if before else dict(sorted(tags.items())),
        "rows": {split: counts.rows_of(split) for split in ("train", "heldout")},
        "images": counts.images,
        "clusters": counts.clusters,
        "batches": counts.batches,
        "stopped": {
            verdict: dict(sorted(Counter(stop.reason for stop in rows).items())) for verdict, rows in stopped.items()
        },
        "mix": list(mix),
        "settings": settings.model_dump(mode="json", include=_SETTINGS) | {"shares": dict(sorted(shares.items()))},
        "models": _by(asked, "role", "model"),
        "prompts": _by(asked, "prompt", "prompt_version"),
        "code": {"package": _package(), "release": code_version(["dataset/release", "dataset/export"])},
        "gates": {
            "row_filters": code_version(["row_filters/registry"]),
            "record": code_version(["dataset/record"]),
            "verifier": rewards_digest(judged=False),
            "contamination": code_version(["dataset/contamination"]),
            "evaluation_sets": dict(sorted(held_against.items())),
        },
    }


def made_of(release: Mapping[str, Any]) -> dict[str, Any]:
    """The record that the lake holds of a release; empty where it was made by a version that kept none."""
    return json.loads(release["config"] or "{}").get(MADE, {})


def _by(rows: Iterable[Mapping[str, Any]], key: str, value: str) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row[key], set()).add(row[value])
    return {name: sorted(values) for name, values in sorted(found.items())}


def _package() -> str:
    try:
        return version("wethink-assets")
    except PackageNotFoundError:  # run from its sources
        return ""
