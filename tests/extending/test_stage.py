"""A stage that no file of the project knows, between two of its own: run, gated, priced and traced like them."""

from __future__ import annotations

from dataclasses import replace

import dagster as dg
import pytest

from tests.extending.stage_extension import EXTENSION, STAGE
from tests.synthesis.finished import finished_house
from tests.synthesis.house import House
from wethink_assets import extensions
from wethink_assets.graph import build_definitions
from wethink_assets.lineage.lineage import walk
from wethink_assets.settings import Settings
from wethink_assets.synthesis.assets import synthesis_assets
from wethink_assets.synthesis.registry import prompt_feeds, register, stages, tables_written, unregister
from wethink_assets.synthesis.stage import passed_by

ADDED = ("rechecks", "dual_answers")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A finished installation that got the extension, after one run of the added stage and the one behind it."""
    finished = finished_house(tmp_path_factory)
    extensions.register(EXTENSION)
    house = House(tmp_path_factory.mktemp("extended"), copy_of=finished)
    chosen = [asset for asset in synthesis_assets() if asset.key.path[0] in ADDED]
    house.result = house.run(selection=chosen)
    yield house
    house.lake.store.close()
    extensions.unregister(EXTENSION)


def nodes(node):
    return [node, *(below for child in node.children for below in nodes(child))]


def lines(node):
    return [below.text for below in nodes(node)]


def test_the_settings_alone_put_the_stage_into_the_graph(tmp_path):
    settings = Settings(home=tmp_path, extensions=("tests.extending.stage_extension",))
    try:
        graph = build_definitions(settings).resolve_asset_graph()
        node = graph.get(dg.AssetKey(STAGE.name))
        assert node.parent_keys == {dg.AssetKey("valid_questions")} and node.description == STAGE.description
        assert dg.AssetKey(STAGE.name) in graph.get(dg.AssetKey("dual_answers")).parent_keys
        checks = {key.name for key in graph.asset_check_keys if key.asset_key == node.key}
        assert checks >= {"rows_conserved", "looked_at_again", "calls_failure_rate"}
        schema = node.metadata["dagster/column_schema"]
        assert [column.name for column in schema.columns][:2] == ["look_id", "question_id"]
    finally:
        extensions.unregister(EXTENSION)
    assert (
        dg.AssetKey(STAGE.name)
        not in build_definitions(Settings(home=tmp_path)).resolve_asset_graph().get_all_asset_keys()
    )


@pytest.mark.long
def test_what_the_stage_drops_reaches_no_later_stage(house):
    assert house.result.success
    accounting = {row["asset"]: row for row in house.sql("FROM materializations WHERE batch = 'g1'")}
    looked, answered = accounting["rechecks"], accounting["dual_answers"]
    assert looked["rows_in"] == accounting["valid_questions"]["continued"] > 0
    assert looked["rows_in"] == looked["continued"] + looked["dropped"] + looked["failed"]
    assert answered["rows_in"] == looked["continued"]
    passed = {row["question_id"] for row in house.rows("rechecks")}
    assert {row["question_id"] for row in house.rows("answers")} <= passed
    stopped = house.sql("SELECT reason FROM verdicts WHERE asset = 'rechecks' AND batch = 'g1'")
    assert len(stopped) == looked["dropped"] + looked["failed"]


def test_only_the_questions_that_pass_are_asked_about_again(house):
    calls = house.sql("SELECT role, prompt FROM calls WHERE prompt = 'recheck'")
    looked = house.sql("SELECT rows_in FROM materializations WHERE asset = 'rechecks' AND batch = 'g1'")
    assert len(calls) == looked[0]["rows_in"] and {call["role"] for call in calls} == {"adjudicator"}
    assert prompt_feeds()["recheck"] == ("answer_from_description", "answer_from_image")
    assert "recheck" in prompt_feeds()["check_answerable"]


def test_its_gates_passed_on_the_batch(house):
    results = [e for e in house.result.get_asset_check_evaluations() if e.asset_key.path == ["rechecks"]]
    assert {e.check_name for e in results if e.passed} >= {"rows_conserved", "looked_at_again"}
    assert {e.metadata["batch"].value for e in results} == {"g1"}


def test_lineage_shows_the_look_at_a_question_and_finds_a_row_by_its_id(house):
    look = house.rows("rechecks")[0]
    (shown,) = [line for line in lines(walk(house.lake.store, look["question_id"])) if line.startswith("second look")]
    assert look["reason"][:20] in shown and look["look_id"][:12] in shown
    tree = walk(house.lake.store, look["look_id"])
    assert any(node.mark and node.text == shown for node in nodes(tree))
    assert f"second look {look['look_id']}" in "\n".join(lines(walk(house.lake.store, look["call_id"])))


def test_the_registry_derives_the_order_and_refuses_names_that_are_taken(house):
    names = [stage.name for stage in stages()]
    assert names.index("valid_questions") < names.index("rechecks") < names.index("dual_answers")
    assert "rechecks" in tables_written()
    register(STAGE)  # again, which changes nothing
    with pytest.raises(ValueError, match="rechecks"):
        register(STAGE.__class__(**{**STAGE.__dict__, "description": "another one"}))
    with pytest.raises(ValueError, match="no stage"):
        register(STAGE.__class__(**{**STAGE.__dict__, "name": "x", "table": "x", "before": ("nothing",)}))
    unregister("x")


def test_a_key_that_rows_do_not_have_is_named():
    by_image = replace(STAGE, passes_by="image_id")
    rows, written = (
        [{"image_id": "a", "text": "old"}, {"image_id": "b", "text": "old"}],
        [{"image_id": "a", "text": "new"}],
    )
    assert passed_by(rows, by_image, written) == [{"image_id": "a", "text": "new"}]
    assert passed_by(rows, by_image, []) == []
    with pytest.raises(ValueError, match=r"rechecks lets rows pass by 'question_id'.* that are to pass"):
        passed_by(rows, STAGE, written)
    with pytest.raises(ValueError, match="that it wrote"):
        passed_by([{"question_id": "q"}], STAGE, written)
