"""Hostile texts cost work in proportion to their length: every pattern of the rooms, and the entrances themselves."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.rewards import pattern_work
from wethink_assets.rewards import judge
from wethink_assets.rewards.extraction import extract
from wethink_assets.rewards.format import format_reward
from wethink_assets.rewards.normalise import clean, fold


@pytest.mark.long
def test_every_pattern_of_the_rooms_is_linear():
    """In a process of its own, with a limit of CPU time: a pattern that never ends is the last that it names."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.rewards.pattern_work"],
        cwd=pattern_work.ROOT,
        capture_output=True,
        text=True,
        timeout=1_200,
    )
    lines = done.stdout.splitlines()
    worst = [line for line in lines if line.startswith("SUPER-LINEAR")]
    assert done.returncode == 0 and not worst, "\n".join([*worst, *lines[-1:], done.stderr[-2_000:]])
    assert int(lines[0].split()[0]) >= 110


@pytest.mark.long
@pytest.mark.parametrize("text", [r"\s*x?\s*y", r"<a>(.*?)</a>", r"\s*,?\s*,?\s*;"])
def test_a_pattern_that_is_not_is_found(text):
    pattern = re.compile(text, re.DOTALL)
    assert any(
        pattern_work.growth(pattern, {"search"}, parts) >= pattern_work.WORST_RATIO
        for parts in pattern_work.hostile(pattern)
    )


def test_a_pattern_that_no_name_reaches_is_an_error(tmp_path, monkeypatch):
    (tmp_path / "hidden_pattern_room").mkdir()
    (tmp_path / "hidden_pattern_room" / "inner.py").write_text(
        "import re\n\ndef f(x):\n    return re.compile('a*').search(x)\n"
    )
    (tmp_path / "hidden_pattern_room" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(pattern_work, "ROOT", tmp_path)
    monkeypatch.setattr(pattern_work, "ROOMS", ("hidden_pattern_room",))
    with pytest.raises(AssertionError, match="compiles 1 patterns, 0 are reached"):
        pattern_work.patterns()


FLOODS = (
    "<think>",
    "</think>",
    "<answer>",
    "<answer>a</answer>",
    "<think></think>",
    "\\boxed{",
    "\\boxed{a}",
    "{",
    "\\",
    "a ",
    "the ",
    "<b>a</b>",
    "<b>",
    "$",
    "**",
    "1,234 ",
)

LENGTHS = (5_000, 80_000)
WORST = 64  # linear work takes 16 times as long for 16 times the text, work by the square 256 times


@pytest.mark.parametrize(
    "function",
    [extract, format_reward, clean, fold, lambda text: judge.refused("q", text[:4_000])],
    ids=["extract", "format", "clean", "fold", "refused"],
)
def test_the_entrances_are_linear(function):
    def seconds(text):
        started = pattern_work.CLOCK()
        function(text)
        return pattern_work.CLOCK() - started

    for flood in FLOODS:
        texts = [flood * (length // len(flood)) for length in LENGTHS]
        short = long = float("inf")
        for _ in range(6):  # the least of several: what else the machine does only adds to a time
            short, long = min(short, seconds(texts[0])), min(long, seconds(texts[1]))
            if long < 0.02 or long < WORST * short:  # work by the square would take seconds
                break
        else:
            pytest.fail(f"{flood!r}: {short:.4f} s for {LENGTHS[0]:,} characters, {long:.4f} s for {LENGTHS[1]:,}")
