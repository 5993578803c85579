"""A part of a release by pass rates: a release of its own that can be read, verified and asked about like any other."""

from __future__ import annotations

import json
import shutil

import pytest

from resources.lake.resource import Commit, Write
from tests.dataset.test_releases import wethink

POLICY = "base-000000000000"


def rate(sample_id: str, correct: int) -> dict:
    return {
        "policy_id": POLICY,
        "policy_kind": "base",
        "release_id": "r",
        "sample_id": sample_id,
        "answers": 4,
        "scored": 4,
        "correct": correct,
        "rate": correct / 4,
        "low": 0.0,
        "high": 1.0,
        "sampling": {},
        "verifier": "v",
        "run_id": "t",
    }


def _ask(house, row: dict) -> None:
    question = {name: row[name] for name in ("image_id", "batch", "category", "abilities")} | {
        "question_id": row["sample_id"],
        "refined_id": "x",
        "position": 0,
        "question": row["problem"],
        "options": [],
        "call_id": "c",
        "run_id": "t",
    }
    house.lake.write(Commit("t"), [Write("questions", [question])])


@pytest.mark.long
def test_the_hardest_rows_are_a_release_of_their_own(released, monkeypatch):
    whole = released.releases()[-1]
    rows = released.lake.store.sql("FROM release_rows ORDER BY split DESC, position").to_dicts()
    rated, hardest = rows[::2], {row["sample_id"] for row in rows[::6]}
    assert len({row["split"] for row in rows if row["sample_id"] in hardest}) == 2
    assert "no pass rates of" in wethink(released, monkeypatch, "part", "latest", "--rates", "0", "0", code=1)
    rates = [rate(row["sample_id"], 0 if row["sample_id"] in hardest else 2) for row in rated]
    released.lake.write(Commit("t"), [Write("pass_rates", rates, replace={})])

    options = ("--rates", "0", "0", "--policy", POLICY, "--tag", "hardest")
    said = wethink(released, monkeypatch, "part", "latest", *options)
    outside, unrated = len(rated) - len(hardest), len(rows) - len(rated)
    assert f"{outside} outside band, {unrated} without rate" in " ".join(said.split())
    (part,) = [row for row in released.releases() if row["release_id"] != whole["release_id"]]
    own = released.lake.store.sql("FROM release_rows WHERE release_id = $r", r=part["release_id"]).to_dicts()
    assert {row["sample_id"] for row in own} == hardest and part["rows"] == len(hardest)
    for split in ("train", "heldout"):
        assert sorted(r["position"] for r in own if r["split"] == split) == list(range(part[f"{split}_rows"]))
    before = {row["sample_id"]: row for row in rows}
    place = {"release_id", "position", "run_id"}
    assert all(
        {k: v for k, v in row.items() if k not in place}
        == {k: v for k, v in before[row["sample_id"]].items() if k not in place}
        for row in own
    )

    folder = released.settings.home / part["path"]
    lines = [json.loads(line) for name in ("wethink.jsonl", "heldout.jsonl") for line in (folder / name).open("rb")]
    assert len(lines) == len(hardest) and all((folder / "images" / line["image_path"]).is_file() for line in lines)
    told = json.loads((folder / "manifest.json").read_bytes())["release"]["part_of"]
    assert told["release_id"] == whole["release_id"] and told["rates"] == [0.0, 0.0]
    assert f"policy `{POLICY}`" in (folder / "README.md").read_text("utf-8")
    assert "intact" in wethink(released, monkeypatch, "verify", "hardest")
    assert released.releases()[-1]["release_id"] == whole["release_id"]
    other = next(row["sample_id"] for row in rated if row["sample_id"] not in hardest)
    _ask(released, before[other])
    why = " ".join(wethink(released, monkeypatch, "why", other, "--release", "hardest", code=1).split())
    assert f"this part of release {whole['release_id']}" in why

    again = wethink(released, monkeypatch, "part", "latest", *options)
    assert part["release_id"] in again and len(released.releases()) == 2
    shutil.rmtree(folder)
    wethink(released, monkeypatch, "checkout", "hardest", str(released.root / "again"))
    assert (released.root / "again" / "wethink.jsonl").is_file()
    released.materialise()  # the asset's release stays what it was, and no part is its parent
    assert json.loads(released.releases()[-1]["config"])["made"]["parent"] is None
    refused = wethink(released, monkeypatch, "part", "latest", "--rates", "0.9", "1", "--policy", POLICY, code=1)
    assert "give another band" in refused
