"""Code versions of assets: a changed rule, prompt or scorer makes stale what rests on it, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import pytest

from resources.lake import sql_files
from wethink_assets import code_digest, code_versions, prompt_files
from wethink_assets.benchmark_sets.registry import BENCHMARKS
from wethink_assets.evaluation.families.registry import family
from wethink_assets.graph import build_definitions
from wethink_assets.settings import Settings
from wethink_assets.sources.catalog import SOURCES
from wethink_assets.synthesis.assets import stage_code_version
from wethink_assets.synthesis.registry import stages

SCORES = {f"scores/{benchmark.name}" for benchmark in BENCHMARKS} | {"scores/heldout"}
# What gives or takes a reward: whoever changes a rule of the verifier changes these.
# Not the release: the verifier holds what it wrote, in a gate, and decides none of its rows.
SCORING = {"dual_answers", "reasoning_paths", "routed_answers", "samples", "rl_policy"}


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    """A copy of the sources. Edits of it are undone: sources that no test touches are read once."""
    root = tmp_path_factory.mktemp("tree")
    for name in ("wethink_assets", "resources"):
        shutil.copytree(code_versions.PACKAGE.parent / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    return root / "wethink_assets"


@pytest.fixture
def tree(package, monkeypatch) -> Iterator[Path]:
    """The copy, of which code versions are made in this test."""
    for module in (code_versions, code_digest):
        monkeypatch.setattr(module, "PACKAGE", package)
    monkeypatch.setattr(prompt_files, "_HOUSE", package)
    prompt_files.prompt.cache_clear()
    yield package
    prompt_files.prompt.cache_clear()


def versions(home: Path) -> dict[str, str]:
    specs = build_definitions(Settings(home=home)).resolve_all_asset_specs()
    return {"/".join(spec.key.path): spec.code_version or "" for spec in specs}


@cache
def untouched(tree: Path) -> dict[str, str]:
    return versions(tree.parent)


def changed(tree: Path, edit: Callable[[str], str], *places: str) -> set[str]:
    """The assets whose code version differs after an edit of these files."""
    before, texts = untouched(tree), {tree / place: (tree / place).read_text("utf-8") for place in places}
    try:
        for path, text in texts.items():
            assert edit(text) != text, path
            path.write_text(edit(text), "utf-8")
        prompt_files.prompt.cache_clear()
        after = versions(tree.parent)
    finally:
        for path, text in texts.items():
            path.write_text(text, "utf-8")
    return {asset for asset in before if before[asset] != after[asset]}


def one_more_rule(text: str) -> str:
    return text + "\n\nONE_MORE_RULE = frozenset({1})\n"


def test_every_asset_has_a_code_version(tmp_path):
    assert not [asset for asset, version in versions(tmp_path).items() if not version]


def test_comments_docstrings_and_layout_make_nothing_stale(tree):
    def reworded(text: str) -> str:
        return text.replace('"""', '"""Reworded. ', 1) + "\n\n# a comment\n"

    places = ("synthesis/describe.py", "rewards/verifier.py", "evaluation/families/mmvet.py", "sources/readers/coco.py")
    assert changed(tree, reworded, *places, "training/grpo_worker.py") == set()


@pytest.mark.parametrize("stage", stages(), ids=lambda stage: stage.name)
def test_the_module_of_a_stage_makes_the_stage_stale(tree, stage):
    place = stage.run.__module__.removeprefix("wethink_assets.").replace(".", "/") + ".py"
    assert stage.name in (stale := changed(tree, one_more_rule, place))
    users = {  # of what stands in these modules, too
        "adjudicate": {"routed_answers"},
        "answer": {"chosen_answers", "reasoning_paths", "routed_answers"},
        "refine_path": {"routed_answers"},
    }
    assert stale - {stage.name, "gate_quality"} <= users.get(Path(place).stem, set())


@pytest.mark.parametrize("stage", [s for s in stages() if s.asks], ids=lambda stage: stage.name)
def test_a_prompt_makes_those_stages_stale_that_ask_it(tree, stage):
    name = stage.prompt_names()[0]
    room = "rewards" if name == "judge" else "synthesis"
    stale = changed(tree, lambda text: text + "\nBe careful.\n", f"{room}/prompts/{name}.md")
    asking = {other.name for other in stages() if name in other.prompt_names()}
    assert stale & {other.name for other in stages()} == asking
    if room == "synthesis":
        assert stale == asking


def test_the_statement_that_a_stage_reads_makes_the_stage_stale(tmp_path, monkeypatch):
    before = versions(tmp_path)
    text = sql_files.statement("synthesis/select_questions_to_check")
    monkeypatch.setattr(
        "wethink_assets.synthesis.assets.statement",
        lambda name: sql_files.statement(name) + ("LIMIT 1" if sql_files.statement(name) == text else ""),
    )
    after = versions(tmp_path)
    assert {asset for asset in before if before[asset] != after[asset]} == {"valid_questions"}


def test_a_rule_of_the_verifier_makes_stale_what_is_rewarded_or_scored_by_it(tree):
    stale = changed(tree, one_more_rule, "rewards/rule_yes_no.py")
    assert stale >= SCORING and "scores/heldout" in stale
    untouched = {
        "descriptions",
        "refined_descriptions",
        "questions",
        "valid_questions",
        "image_pool",
        "benchmark_items",
    }
    assert not stale & (untouched | {f"sources/{source.asset}" for source in SOURCES})


def test_a_module_that_runs_in_a_process_of_its_own_makes_stale_what_starts_it(tree):
    assert changed(tree, one_more_rule, "rewards/math_worker.py") >= SCORING | {"scores/heldout"}


@pytest.mark.parametrize(
    "imports",
    [
        "from wethink_assets.rewards import dates_times, units",
        "from wethink_assets.rewards import (\n    dates_times,  # (years, too)\n    units,\n)",
        "from wethink_assets.rewards import dates_times as d, \\\n    units",
        "import json, wethink_assets.rewards.units",
        "if True: from wethink_assets.rewards.units import *",
        "def f():\n    import json; from wethink_assets.rewards import units",
        "import_module('wethink_assets.rewards.units')",
    ],
)
def test_every_form_of_an_import_is_followed(tmp_path, imports):
    path = tmp_path / "rules.py"
    path.write_text(imports + "\n", "utf-8")
    assert code_versions.PACKAGE / "rewards" / "units.py" in code_versions.reached([[path]])


def test_a_stage_with_bound_arguments_has_the_version_of_its_rules():
    stage = stages()[0]
    bound = replace(stage, run=partial(stage.run))
    assert stage_code_version(bound) == stage_code_version(stage)


def test_the_judges_prompt_makes_stale_what_is_judged(tree):
    stale = changed(tree, lambda text: text + "\nBe strict.\n", "rewards/prompts/judge.md")
    assert stale >= {"judge_calibration", "dual_answers", "routed_answers", "rl_policy"}
    assert not stale & {"base_policy", "questions", "descriptions", "image_pool"}


def test_a_scorer_makes_the_scores_of_its_family_stale(tree):
    stale = changed(tree, one_more_rule, "evaluation/families/mmvet.py")
    assert "scores/MMVet" in stale and stale & SCORES == {"scores/MMVet"}


def test_a_reader_makes_its_sources_stale(tree):
    assert changed(tree, one_more_rule, "sources/readers/coco.py") == {"sources/coco"}


@pytest.mark.parametrize("place", ["dataset/mix.py", "dataset/mix_selection.py"])
def test_how_rows_are_chosen_towards_a_mix_makes_the_release_stale(tree, place):
    stale = changed(tree, one_more_rule, place)
    assert "release" in stale and not stale & {"samples", "rl_policy", "heldout_rows"}


def test_edits_that_are_undone_leave_the_code_versions_as_they_were(tree):
    before = untouched(tree)
    assert changed(tree, one_more_rule, "rewards/verifier.py") and versions(tree.parent) == before


def test_the_trainer_makes_the_rl_policy_stale_and_the_lessons_the_base(tree):
    assert changed(tree, one_more_rule, "training/grpo_worker.py") == {"rl_policy", "sft_policy"}
    assert changed(tree, one_more_rule, "training/sft_worker.py") == {"sft_policy"}
    assert "base_policy" in changed(tree, one_more_rule, "training/warm_start.py")


ASKING_STAGES = {stage.name for stage in stages() if stage.asks}
PREDICTIONS = {f"{what}_{kind}" for what in ("predictions", "pass_rates") for kind in ("base", "rl")}
PREDICTIONS.add("predictions_sft")
JUDGED = {f"scores/{b.name}" for b in BENCHMARKS if family(b.rule).judge_prompts} | {"scores/heldout"}


@pytest.mark.parametrize("module", ["dispatcher", "replies", "thinking", "wire"])
def test_how_models_are_asked_makes_stale_what_asks_them_and_nothing_else(tree, module):
    asking = ASKING_STAGES | PREDICTIONS | JUDGED | {"judge_calibration", "rl_policy", "scores_sft"}
    assert changed(tree, one_more_rule, f"../resources/calls/{module}.py") == asking


@pytest.mark.parametrize("place", ["../resources/image_files.py", "picture_files.py"])
def test_which_picture_is_sent_makes_stale_what_is_shown_pictures(tree, place):
    assert changed(tree, one_more_rule, place) == ASKING_STAGES | PREDICTIONS


def test_which_files_a_tree_has_makes_its_readers_stale(tree):
    readers = {f"sources/{source.asset}" for source in SOURCES} | {"benchmark_items", "image_pool"}
    assert changed(tree, one_more_rule, "../resources/storage/tree.py") == readers


def test_what_moves_and_keeps_bytes_makes_nothing_stale(tree):
    moving = "calls/engine calls/ledger calls/route lake/rows lake/store storage/bucket storage/places workers/launcher"
    assert changed(tree, one_more_rule, *(f"../resources/{name}.py" for name in moving.split())) == set()


def test_every_rule_of_the_resources_is_reached():
    roots = (*code_versions.ASKING, *code_versions.SHOWING, "sources/ingest", "sources/readers")
    reached = code_versions.reached(code_versions._files(name) for name in roots)
    own = {p.relative_to(code_versions.PACKAGE.parent).as_posix() for p in reached}
    assert set(code_versions._RULES_OF_RESOURCES) <= own
