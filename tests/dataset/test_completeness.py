"""What a release says of batches that are not whole."""

from __future__ import annotations

from datetime import UTC, datetime

from wethink_assets.dataset.completeness import incomplete_batches
from wethink_assets.dataset.gates import RELEASE_GATES
from wethink_assets.gates import Scope
from wethink_assets.settings import Settings

AT = [datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 9)]


def account(batch: str, sources: list[str] | None, filled: int | None, samples: int | None) -> dict:
    return {
        "batch": batch,
        "sources": sources,
        "filled_at": None if filled is None else AT[filled],
        "samples_at": None if samples is None else AT[samples],
    }


def test_each_batch_that_is_not_whole_says_what_is_missing():
    accounts = [
        account("", None, 7, None),
        account("batch-0001", ["ai2d", "coco"], 1, 2),
        account("by hand", ["coco"], 3, 4),
        account("batch-0002", ["ai2d", "coco"], 5, None),
        account("batch-0003", ["ai2d", "coco"], 7, 6),
    ]
    order = ["batch-0001", "by hand", "not begun", "batch-0002", "batch-0003"]
    assert incomplete_batches(accounts, order, {"ai2d", "coco"}) == {
        "by hand": "ai2d not read",
        "batch-0002": "no samples made yet",
        "batch-0003": "filled after its samples were made",
    }
    assert "by hand" not in incomplete_batches(accounts, order, {"coco"}), "a paused source is not waited for"


def test_a_source_that_is_added_later_is_not_missed_in_older_batches():
    accounts = [account("batch-0001", ["coco"], 1, 2), account("batch-0002", ["coco", "sam"], 3, 4)]
    assert incomplete_batches(accounts, ["batch-0001", "batch-0002"], {"coco", "sam"}) == {}


def test_the_releases_check_names_the_batch_and_what_to_do():
    class Lake:
        def rows(self, name, **parameters):
            return {
                "growth/select_batches": [{"batch": "batch-0001"}, {"batch": "batch-0002"}],
                "growth/select_batch_accounts": [
                    account("batch-0001", None, 1, 2),
                    account("batch-0002", None, 3, None),
                ],
            }[name]

    (gate,) = [gate for gate in RELEASE_GATES if gate.name == "batches_complete"]
    outcome = gate.judge(Scope(Lake(), Settings(home="/nowhere"), "release", ""))
    assert not outcome.passed and outcome.metadata["incomplete"] == {"batch-0002": "no samples made yet"}
    assert "batch-0002" in outcome.description and "wethink run --batch" in outcome.description
