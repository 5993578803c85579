"""Memory of the synthesis stages: that of a window, however many rows a growth batch has."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.conftest import PROJECT_ROOT

MOST_MB = 60  # of a stage over 1,500 rows of 19 KB, in windows of 64
STAGES = ("refined_descriptions", "valid_questions", "dual_answers", "chosen_answers", "reasoning_paths")


def peaks(folder, window: int, *names: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.synthesis.memory_worker", str(folder), str(window), *names],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.long
def test_no_stage_holds_its_batch(tmp_path):
    took = peaks(tmp_path, 64, *STAGES)
    assert set(took) == set(STAGES)
    assert {name: mb for name, mb in took.items() if mb > MOST_MB} == {}


@pytest.mark.long
def test_a_window_as_large_as_the_batch_is_seen(tmp_path):
    """The limit above is one that a stage which holds its batch does not keep."""
    assert peaks(tmp_path, 10_000, "valid_questions")["valid_questions"] > MOST_MB
