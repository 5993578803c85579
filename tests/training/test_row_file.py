"""The file of training rows: read back as written, window by window, whatever is in a text."""

from __future__ import annotations

import polars as pl
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from wethink_assets.training.row_file import WINDOW, RowFile, TrainingRow, problems_of, read_windows
from wethink_assets.training.rows import rollout_frames, what_became
from wethink_assets.training.scoring import write_rollouts

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def row(n: int, problem: str = "What?", reward: str = "rule") -> TrainingRow:
    return TrainingRow(f"s{n}", problem, "red", "{}", "FIB", reward, f"i{n}", f"/{n}.png")


@settings(max_examples=20, deadline=None)
@given(problems=st.lists(TEXT, max_size=12), cut=st.integers(0, 12))
def test_rows_are_read_as_they_were_written(tmp_path_factory, problems, cut):
    path = tmp_path_factory.mktemp("rows") / "rows.arrow"
    rows = [row(n, problem) for n, problem in enumerate(problems)]
    with RowFile(path) as file:
        file.append(rows[:cut])
        file.append(rows[cut:])
    assert [r for window in read_windows(path) for r in window] == rows
    assert file.rows == len(rows) and not file.judged
    assert problems_of(path, {"s0"}) == {r.sample_id: (r.problem, r.answer) for r in rows[:1]}


def test_windows_are_bounded_and_one_row_for_the_judge_is_enough(tmp_path):
    with RowFile(tmp_path / "rows.arrow") as file:
        file.append([row(n) for n in range(WINDOW + 1)])
        file.append([row(WINDOW + 1, reward="model")])
    assert [len(window) for window in read_windows(file.path)] == [WINDOW, 1, 1] and file.judged


def test_rollouts_of_many_steps_go_through_a_file_in_order(tmp_path):
    """More rows than a part, from two processes whose lines interleave."""
    logs = [tmp_path / "rollouts.0.jsonl", tmp_path / "rollouts.1.jsonl"]
    for process, log in enumerate(logs):
        with log.open("w") as file:
            for step in range(1, 1_501):
                for place in (2 * process, 2 * process + 1):
                    reward = "null" if step == 7 else "1.0"
                    file.write(
                        f'{{"step": {step}, "place": {place}, "sample_id": "s{step % 5}", "completion": "c", '
                        f'"verdict": "correct", "accuracy": 1.0, "format": 1.0, "reward": {reward}}}\n'
                    )
    path = tmp_path / "rollouts.parquet"
    assert write_rollouts(logs, path) == 6_000
    frames = list(rollout_frames(path, policy_id="rl-1", run_id="r"))
    assert sum(frame.height for frame in frames) == 6_000
    rows = [row for frame in frames for row in frame.to_dicts()]
    assert [(r["step"], r["member"]) for r in rows[:5]] == [(1, 0), (1, 1), (1, 2), (1, 3), (2, 0)]
    assert {(r["policy_id"], r["run_id"]) for r in rows} == {("rl-1", "r")}
    assert pq.read_metadata(path).num_rows == 6_000
    became = what_became(["s2", "s3", "s9"], pl.scan_parquet(path).filter(pl.col("step") > 6).head(8), 3, [])
    assert became.continued == 1
    assert [(s.subject_id, s.reason) for s in became.dropped] == [("s2", "never_scored"), ("s9", "not_sampled")]
