"""Code versions of the evaluation rest on what decides their rows, and on nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.extending import family_extension
from wethink_assets import code_versions, extensions
from wethink_assets.benchmark_sets.registry import ALL_SETS, BENCHMARKS, BY_NAME
from wethink_assets.evaluation import judge
from wethink_assets.evaluation.families.registry import BUILT_IN, MODULES, family
from wethink_assets.evaluation.versions import predictions_version, score_version, scoreboard_version

JUDGE_PROMPTS = (judge.choose_option, judge.extract_answer, judge.same_answer, judge.grade_answer)
WORDED_APART = {"dynamath", "wemath"}  # families whose module holds a wording of its own


@pytest.fixture
def files_of(monkeypatch) -> Callable[[Callable[[], str]], set[Path]]:
    """The files that a code version is made of."""

    def files(version: Callable[[], str]) -> set[Path]:
        digested: list[set[Path]] = []
        monkeypatch.setattr(code_versions, "digest", lambda paths: str(digested.append(set(paths))))
        version()
        (paths,) = digested
        return paths

    return files


def module_file(name: str) -> Path:
    return code_versions.PACKAGE / f"evaluation/families/{name}.py"


def families_in(paths: set[Path]) -> set[str]:
    return {name for name in BUILT_IN if module_file(name) in paths}


@pytest.mark.parametrize("benchmark", ALL_SETS, ids=lambda b: b.name)
def test_the_scores_of_a_set_rest_on_its_own_family_alone(files_of, benchmark):
    assert families_in(files_of(lambda: score_version(benchmark))) == {benchmark.rule}


def test_scores_rest_on_the_verifier_where_their_rule_does(files_of):
    verifier = code_versions.PACKAGE / "rewards/verifier.py"
    without = {b.name for b in ALL_SETS if verifier not in files_of(lambda b=b: score_version(b))}
    assert without == {"OCRBench", "MMVet"}


def test_predictions_rest_on_wordings_and_on_no_rule(files_of):
    paths = files_of(lambda: predictions_version(ALL_SETS))
    assert families_in(paths) == WORDED_APART
    assert {"wording.py", "profiles.py", "format.py"} <= {path.name for path in paths}
    assert not {"verifier.py", "judge.py", "scoring.py", "statistics.py"} & {path.name for path in paths}
    assert families_in(files_of(lambda: predictions_version([BY_NAME["WeMath"], BY_NAME["MMVet"]]))) == {"wemath"}


def test_the_scoreboard_rests_on_statistics_and_on_what_its_families_observe(files_of):
    paths = files_of(lambda: scoreboard_version(ALL_SETS))
    assert families_in(paths) == {"mmbench", "wemath", "dynamath", "hallusion"}
    assert {"scoreboard.py", "statistics.py", "observing.py"} <= {path.name for path in paths}
    assert not {"verifier.py", "judge.py", "number_format.py"} & {path.name for path in paths}


@pytest.mark.parametrize("name", MODULES)
def test_a_family_names_the_prompts_with_which_its_rules_ask(name):
    own = [module_file(name)]
    texts = [p.read_text("utf-8") for p in code_versions.reached([own]) if p != Path(judge.__file__)]
    asked = {ask.__name__ for ask in JUDGE_PROMPTS if any(re.search(rf"\b{ask.__name__}\b", t) for t in texts)}
    asked |= {"judge"} if "judge.build_request(" in module_file(name).read_text("utf-8") else set()
    assert set(BUILT_IN[name].judge_prompts) == asked


def test_a_prompt_of_the_judge_makes_stale_what_is_judged_with_it(monkeypatch):
    before = {b.name: score_version(b) for b in ALL_SETS}
    for name in ("grade_answer", "same_answer", "judge"):
        known = code_versions.prompt

        def edited(room: str, asked: str, name: str = name, known=known):
            return SimpleNamespace(version="edited") if asked == name else known(room, asked)

        with monkeypatch.context() as patch:
            patch.setattr(code_versions, "prompt", edited)
            stale = {b.name for b in ALL_SETS if score_version(b) != before[b.name]}
        assert stale == {b.name for b in ALL_SETS if name in family(b.rule).judge_prompts} != set()


def test_a_row_of_the_registry_counts_where_it_decides():
    row = BY_NAME["MMStar"]
    sets = {
        "asked": replace(row, suffix=" Think."),
        "scored": replace(row, scale=10.0),
        "shown": replace(row, paper_rl=1.0),
        "file": replace(row, md5="0" * 32),
    }
    assert {name for name, other in sets.items() if score_version(other) != score_version(row)} == {"scored"}
    asked, board = predictions_version(BENCHMARKS), scoreboard_version(BENCHMARKS)
    others = {name: [other if b is row else b for b in BENCHMARKS] for name, other in sets.items()}
    assert {name for name, other in others.items() if predictions_version(other) != asked} == {"asked"}
    assert {name for name, other in others.items() if scoreboard_version(other) != board} == {"scored", "shown"}
    assert predictions_version(BENCHMARKS[::-1]) == asked


def test_a_family_of_an_extension_counts_with_its_own_file(files_of):
    extensions.register(family_extension.EXTENSION)
    try:
        own = Path(family_extension.__file__)
        assert own in files_of(lambda: score_version(family_extension.BENCHMARK))
        assert own in files_of(lambda: predictions_version([family_extension.BENCHMARK]))
        assert own not in files_of(lambda: score_version(BY_NAME["MMStar"]))
    finally:
        extensions.unregister(family_extension.EXTENSION)
