"""Prompt files: complete, versioned by their bytes, and closed against what data says."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.calls.messages import call_id
from wethink_assets.evaluation import judge as evaluation_judge
from wethink_assets.prompt_files import (
    ROOMS,
    PromptError,
    all_prompts,
    folders,
    parse,
    prompt,
    register_folder,
    unregister_folder,
)
from wethink_assets.rewards import judge
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.settings import ROLES
from wethink_assets.synthesis.schemas import SCHEMAS
from wethink_assets.synthesis.stage_calls import request

SYNTHESIS = folders("synthesis")[0]


def test_every_prompt_has_a_role_a_schema_and_a_use():
    prompts = all_prompts("synthesis")
    assert [p.name for p in prompts] == sorted(path.stem for path in SYNTHESIS.glob("*.md")) and prompts
    for one in prompts:
        assert one.role in ROLES and one.schema in SCHEMAS
        drawn = one.name in ("answer_blind", "answer_again")  # several answers of one question
        assert one.parameters["max_tokens"] >= 256 and one.parameters["temperature"] == int(drawn)
        assert "JSON" in one.user, "models without structured outputs must be told the form"
        for name in SCHEMAS[one.schema]["properties"]:
            assert f'"{name}"' in one.user, f"{one.name} does not name {name}"
    assert {one.schema for one in prompts} == set(SCHEMAS)


def test_the_version_is_the_hash_of_the_file():
    paths = [(room, path) for room in ROOMS for folder in folders(room) for path in folder.glob("*.md")]
    assert len(paths) == len(all_prompts())
    for room, path in paths:
        assert prompt(room, path.stem).version == hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    data = (SYNTHESIS / "describe.md").read_bytes()
    assert parse("describe", data + b"\n").version != parse("describe", data).version
    assert parse("describe", data + b"\n").user == parse("describe", data).user


@pytest.mark.parametrize(
    "data",
    [b"", b"role: vlm\n", b"# System\nx\n# User\ny", b"role: vlm\nschema: a\nmood: good\n# System\nx\n# User\ny"],
)
def test_a_broken_file_is_named(data):
    with pytest.raises(PromptError, match="prompt broken"):
        parse("broken", data)


def test_an_unknown_prompt_is_an_error_and_no_path():
    with pytest.raises(PromptError):
        prompt("synthesis", "../__init__")
    with pytest.raises(PromptError, match="no prompts of a room kitchen"):
        prompt("kitchen", "describe")
    with pytest.raises(PromptError, match=r"wethink_assets/rewards/prompts/describe\.md"):
        prompt("rewards", "describe")


def test_judges_are_asked_what_their_calls_were_recorded_with():
    """Versions and call ids of the judge's and the evaluation's prompts.

    Other ones would pay for every judgement again.
    """
    asked = judge.build_request("What is it?", type_answer("A red car.", category="DES"), "A car that is red.")
    assert (asked.prompt_version, call_id(asked, "m")) == (
        "f5f3b082bd60",
        "7ba54b950c099c2b7733b176ea2ffc7a6dc2dcc6fb1d6b91af11768162c367a3",
    )
    graded = evaluation_judge.grade_answer("p", "What is it?", "a car", "a red car")
    assert (graded.prompt_version, call_id(graded, "m")) == (
        "26e93e598e57",
        "f5d0fd015eeb093cf601ab70ab39ff7ddd299ae5628865778fb6cbe2237156d6",
    )
    chosen = evaluation_judge.choose_option("p", "Which?", ["car", "bus"], "the first")
    assert (chosen.prompt_version, call_id(chosen, "m")) == (
        "934e37f9c7de",
        "8375361aa1f536a61cc35942a8b6f35e6334e3004f83441bee5050e85a7e77fc",
    )


def test_a_file_without_a_header_is_a_system_text():
    text = parse("rubric", b"Grade it.\nBe strict.\n")
    assert (text.role, text.system, text.render({"text": "{x}"})) == ("rubric", "Grade it.\nBe strict.\n", "{x}")
    assert prompt("rewards", "judge").role in ROLES


@pytest.mark.parametrize("room", ["rewards", "an_extension"])
def test_an_extension_adds_a_folder_of_prompts(tmp_path, room):
    (tmp_path / "brief.md").write_text("Judge how brief it is.\n")
    before = all_prompts()
    register_folder(room, tmp_path)
    try:
        register_folder(room, tmp_path)
        assert prompt(room, "brief").system == "Judge how brief it is.\n"
        assert [p.name for p in all_prompts(room)].count("brief") == 1 and len(all_prompts()) == len(before) + 1
        other = tmp_path / "other"
        other.mkdir()
        (other / "brief.md").write_text("x")
        with pytest.raises(PromptError, match="two prompts brief"):
            register_folder(room, other)
        with pytest.raises(PromptError, match="no folder"):
            register_folder(room, tmp_path / "absent")
    finally:
        unregister_folder(room, tmp_path)
    assert all_prompts() == before
    with pytest.raises(PromptError):
        prompt(room, "brief")


@given(st.text(), st.text())
def test_values_stand_in_the_text_as_they_are(description, count):
    text = prompt("synthesis", "generate_questions").render({"description": description, "count": count})
    assert text.count("<description>") == text.count("</description>") == 1
    defused = description.replace("<description>", "‹description›").replace("</description>", "‹/description›")
    assert f"<description>\n{defused}\n</description>" in text


def test_braces_and_placeholders_in_data_stay_data():
    text = prompt("synthesis", "check_well_posed").render(
        {"description": "{question} {0} {}", "question": "{description}"}
    )
    assert "<description>\n{question} {0} {}\n</description>" in text
    assert "<question>\n{description}\n</question>" in text


def test_a_missing_or_unknown_value_is_an_error():
    with pytest.raises(PromptError, match="count"):
        prompt("synthesis", "generate_questions").render({"description": "x"})
    with pytest.raises(PromptError):
        prompt("synthesis", "describe").render({"notes": "x", "more": "y"})


def test_requests_carry_prompt_version_and_bounds():
    asked = request("generate_questions", "s", {"description": "x", "count": "3"}, max_items=3, seed=4)
    assert asked.prompt_version == prompt("synthesis", "generate_questions").version
    assert asked.schema["properties"]["questions"]["maxItems"] == 3
    assert "maxItems" not in SCHEMAS["question_list"]["properties"]["questions"]
    assert asked.parameters["seed"] == 4
