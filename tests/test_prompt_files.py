"""Prompt files: complete, versioned by their bytes, and closed against what data says."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wethink_assets.prompt_files import PROMPTS_DIR, PromptError, all_prompts, parse, prompt
from wethink_assets.settings import ROLES
from wethink_assets.synthesis.schemas import SCHEMAS
from wethink_assets.synthesis.stage_calls import request


def test_every_prompt_has_a_role_a_schema_and_a_use():
    found = all_prompts()
    assert len(found) == 11
    for one in found:
        assert one.role in ROLES and one.schema in SCHEMAS
        assert one.parameters["max_tokens"] >= 256 and one.parameters["temperature"] == 0
        assert "JSON" in one.user, "models without structured outputs must be told the form"
        for name in SCHEMAS[one.schema]["properties"]:
            assert f'"{name}"' in one.user, f"{one.name} does not name {name}"
    assert {one.schema for one in found} == set(SCHEMAS)


def test_the_version_is_the_hash_of_the_file():
    for path in PROMPTS_DIR.glob("*.md"):
        assert prompt(path.stem).version == hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    data = (PROMPTS_DIR / "describe.md").read_bytes()
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
        prompt("../__init__")


@given(st.text(), st.text())
def test_values_stand_in_the_text_as_they_are(description, count):
    text = prompt("generate_questions").render({"description": description, "count": count})
    assert text.count("<description>") == text.count("</description>") == 1
    defused = description.replace("<description>", "‹description›").replace("</description>", "‹/description›")
    assert f"<description>\n{defused}\n</description>" in text


def test_braces_and_placeholders_in_data_stay_data():
    text = prompt("check_well_posed").render({"description": "{question} {0} {}", "question": "{description}"})
    assert "<description>\n{question} {0} {}\n</description>" in text
    assert "<question>\n{description}\n</question>" in text


def test_a_missing_or_unknown_value_is_an_error():
    with pytest.raises(PromptError, match="count"):
        prompt("generate_questions").render({"description": "x"})
    with pytest.raises(PromptError):
        prompt("describe").render({"notes": "x", "more": "y"})


def test_requests_carry_prompt_version_and_bounds():
    made = request("generate_questions", "s", {"description": "x", "count": "3"}, max_items=3, seed=4)
    assert made.prompt_version == prompt("generate_questions").version
    assert made.schema["properties"]["questions"]["maxItems"] == 3
    assert "maxItems" not in SCHEMAS["question_list"]["properties"]["questions"]
    assert made.parameters["seed"] == 4
