"""A benchmark family that an extension adds is asked, scored and shown as the built-in ones are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner

from resources.lake.store import LakeStore
from tests.benchmark_sets.tsv_files import b64, png, row, write
from tests.evaluation.policy_endpoint import PolicyEndpoint
from tests.extending.family_extension import BENCHMARK, EXTENSION, FAMILY, INSTRUCTION
from wethink_assets import extensions
from wethink_assets.benchmark_sets import registry as benchmark_sets
from wethink_assets.cli.main import main
from wethink_assets.evaluation import scoreboard
from wethink_assets.evaluation.assets import evaluation_assets
from wethink_assets.evaluation.families import registry as families
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.predictions import asked_items
from wethink_assets.evaluation.prompts import request
from wethink_assets.graph import build_definitions
from wethink_assets.settings import EvaluationSettings, ExtraBenchmark, Settings

COUNTS = {"How many cups?": 3, "How many cars?": 7, "How many birds?": 12}
MORE = {"exact": (0, 0, 0), "near": (1, 1, 5)}  # by how much each policy counts too many


def test_the_settings_alone_put_its_score_before_the_scoreboard(tmp_path: Path) -> None:
    score, board = dg.AssetKey(["scores", BENCHMARK.name]), dg.AssetKey("scoreboard")
    settings = Settings(home=tmp_path, extensions=("tests.extending.family_extension",))
    try:
        graph = build_definitions(settings).resolve_asset_graph()
        assert graph.get(score).metadata["metric"] == "strict_near_count"
        assert {dg.AssetKey("predictions_base"), dg.AssetKey("predictions_rl")} <= graph.get(score).parent_keys
        assert score in graph.get(board).parent_keys
    finally:
        extensions.unregister(EXTENSION)
    assert score not in build_definitions(Settings(home=tmp_path)).resolve_asset_graph().get_all_asset_keys()


@pytest.fixture(scope="module")
def extension() -> Iterator[None]:
    extensions.register(EXTENSION)
    yield
    extensions.unregister(EXTENSION)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[PolicyEndpoint]:
    def answer(model: str, text: str, image: bytes) -> str:
        question, _, instruction = text.partition("\n")
        assert instruction == INSTRUCTION
        number = COUNTS[question] + MORE[model][list(COUNTS).index(question)]
        return f"<think>I count.</think><answer>{number} of them</answer>"

    server = PolicyEndpoint(answer)
    yield server
    server.close()


@pytest.fixture(scope="module")
def evaluated(
    extension: None, endpoint: PolicyEndpoint, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[dict[str, str], LakeStore]]:
    """What `wethink evaluate` prints of each policy, and the lake that it wrote."""
    root = tmp_path_factory.mktemp("counting")
    (root / "sets").mkdir()
    rows = [
        row(index, b64(png(colour)), question=question, answer=gold, kind="thing" if gold < 10 else "animal")
        for index, (colour, (question, gold)) in enumerate(zip(("red", "green", "blue"), COUNTS.items(), strict=True))
    ]
    write(root / "sets" / BENCHMARK.file_name, rows)
    config = root / "wethink.toml"
    config.write_text(f'home = "{root}/home"\nbenchmarks_root = "{root}/sets"\n')
    assert CliRunner().invoke(main, ["setup"], env={"WETHINK_CONFIG": str(config)}).exit_code == 0
    outputs = {}
    for model in MORE:
        arguments = ["evaluate", "--endpoint", endpoint.url, "--model", model, "--benchmarks", BENCHMARK.name]
        done = CliRunner().invoke(main, [*arguments, "--rules-only"], env={"WETHINK_CONFIG": str(config)})
        assert done.exit_code == 0, done.output
        outputs[model] = done.output
    store = LakeStore(f"sqlite:{root}/home/lake/catalog.sqlite", f"{root}/home/lake/data")
    yield outputs, store
    store.close()


@pytest.mark.long
def test_its_rule_scores_the_replies_of_a_policy(evaluated: tuple[dict[str, str], LakeStore]) -> None:
    outputs, store = evaluated
    assert all(re.search(r"SmallCounts\W+strict_near_count", output) for output in outputs.values())
    rows = store.sql("SELECT policy_id, scorer, metric, value, n FROM scores WHERE main ORDER BY value").to_dicts()
    assert [(r["policy_id"], r["value"]) for r in rows] == [("near", pytest.approx(100 / 3)), ("exact", 100.0)]
    assert {(r["scorer"], r["metric"], r["n"]) for r in rows} == {("strict", "strict_near_count", 3)}
    read = store.sql("SELECT extracted FROM item_scores WHERE policy_id = 'near' ORDER BY item").to_dicts()
    assert [r["extracted"] for r in read] == ["4", "8", "17"]
    breakdown = store.sql("SELECT breakdown FROM scores WHERE main AND policy_id = 'near'").to_dicts()[0]["breakdown"]
    assert '"animal"' in breakdown and '"thing"' in breakdown


def test_the_scoreboard_compares_two_policies_on_its_set(evaluated: tuple[dict[str, str], LakeStore]) -> None:
    _, store = evaluated
    sets = [b for b in families.scored_sets(EvaluationSettings()) if b.name == BENCHMARK.name]
    items = asked_items(store.rows("evaluation/select_items"), sets)
    policies = {"base": "near", "rl": "exact"}
    main_scores = store.rows("evaluation/select_main_scores", **policies)
    rows = scoreboard.board(
        {BENCHMARK.name: items},
        store.rows("evaluation/select_item_scores", **policies),
        main_scores,
        base_id="near",
        rl_id="exact",
        resamples=200,
        seed=0,
        sets=sets,
    )
    assert [(r["benchmark"], r["n"], r["delta"]) for r in rows] == [(BENCHMARK.name, 3, pytest.approx(200 / 3))]
    assert f"| {BENCHMARK.name} | strict_near_count, rules only | 3 |" in scoreboard.markdown(rows, main_scores, sets)


def test_the_command_lists_its_set_after_the_built_in_ones(extension: None, tmp_path: Path) -> None:
    arguments = ["evaluate", "--endpoint", "http://127.0.0.1:9/v1", "--model", "m", "--benchmarks", "Unknown"]
    done = CliRunner().invoke(main, arguments, env={"WETHINK_HOME": str(tmp_path)})
    listed = re.findall(r"[A-Za-z][\w.-]*", done.output.partition("there are ")[2].partition(". Others")[0])
    assert listed == [*(b.name for b in benchmark_sets.BENCHMARKS), BENCHMARK.name]


def test_a_set_of_the_settings_may_use_the_family(extension: None) -> None:
    (*_, added) = families.scored_sets(EvaluationSettings(extra=(ExtraBenchmark(name="MyCounts", rule="counting"),)))
    assert (added.name, added.metric) == ("MyCounts", "strict_near_count")


def test_its_words_are_in_the_version_of_its_prompts_alone(extension: None) -> None:
    item = Item(BENCHMARK.name, "1", "How many?")

    def versions(benchmark: benchmark_sets.Benchmark) -> list[str]:
        profiles = (EvaluationSettings(profile="plain"), EvaluationSettings(profile="wethink"))
        return [request(benchmark, item, settings).prompt_version for settings in profiles]

    built_in = benchmark_sets.BY_NAME["MMStar"]
    assert not set(versions(BENCHMARK)) & set(versions(built_in))
    assert versions(built_in) == versions(benchmark_sets.BY_NAME["DynaMath"])


def test_two_objects_of_one_name_are_refused_and_the_same_object_is_not(extension: None) -> None:
    families.register(FAMILY)
    benchmark_sets.register(BENCHMARK)
    with pytest.raises(ValueError, match=r"'counting'.*family_extension and .*family_extension"):
        families.register(replace(FAMILY, metric="other"))
    with pytest.raises(ValueError, match="'choice'"):
        families.register(replace(FAMILY, name="choice"))
    with pytest.raises(ValueError, match="'SmallCounts'"):
        benchmark_sets.register(replace(BENCHMARK, rule="choice"))
    with pytest.raises(ValueError, match="'MMStar'"):
        benchmark_sets.register(replace(BENCHMARK, name="MMStar"))


def test_a_set_without_a_family_is_named_with_the_families_that_there_are(extension: None) -> None:
    benchmark_sets.register(replace(BENCHMARK, name="Orphan", rule="guessing"))
    try:
        with pytest.raises(ValueError, match=r"evaluation set 'Orphan': no rule 'guessing'; there are .*, counting, "):
            evaluation_assets(EvaluationSettings())
    finally:
        benchmark_sets.unregister("Orphan")
