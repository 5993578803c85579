"""What is shown of a training run: curves, examples, and whether the reward rose."""

from __future__ import annotations

import pytest

from wethink_assets.training import metadata


def test_plots_and_examples_are_small_and_survive_hostile_text():
    steps = [{"step": i, "metrics": {"reward": i / 10, "loss": None}} for i in range(1, 11)]
    picture = metadata.curves(steps, {"reward": "reward", "loss": "loss"}, "Reward")
    assert picture.startswith("![Reward](data:image/png;base64,") and len(picture) < 100_000
    assert metadata.rise(steps) == (pytest.approx(0.15), pytest.approx(0.95))
    assert metadata.rise([]) == (0.0, 0.0)
    rollouts = [
        {"sample_id": "s", "member": 0, "step": step, "completion": "<script>|`*\n" * 99, "reward": reward}
        for step, reward in ((1, None), (2, 0.3))
    ]
    table = metadata.examples(rollouts, {"s": ("Which | one?", "<b>")})
    linked = metadata.examples(rollouts, {"s": ("Which?", "a")}, explorer="http://127.0.0.1:3200")
    assert linked.endswith("| [s](http://127.0.0.1:3200/row/s) |") and "](" not in table
    assert len(table.splitlines()) == 3 and "<script>" not in table and "left out" in table and "0.30" in table


def test_the_page_of_a_run_shows_what_is_logged_and_says_where_nothing_is():
    steps = [{"step": n, "metrics": {"reward": 0.5, "entropy": 1.0, "heldout/accuracy": None}} for n in (1, 2)]
    seen = metadata.live(steps, 9)
    assert seen["step"] == "2 of 9" and seen["reward"] == 0.5 and "kl" not in seen
    assert all(seen[name].startswith("![") for name in ("rewards", "course"))
    assert metadata.course([{"step": 1, "metrics": {"epoch": 1.0}}]) == "_The course of the run: nothing is logged yet_"
