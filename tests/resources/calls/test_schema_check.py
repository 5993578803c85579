"""The quick check of a schema lets no value through that jsonschema refuses, and knows the schemas of the prompts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from resources.calls.schema_check import compiled
from resources.calls.structured import parse_json
from tests.resources.calls.asking import GOOD, SCHEMA
from tests.resources.calls.test_parts import JSON
from wethink_assets.rewards import judge
from wethink_assets.synthesis.schemas import SCHEMAS

NAMES = st.sampled_from(["a", "b", "c"])
SMALL = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.0, -0.0, 0.5, 1.0, "", "a", "ab", "\ud800"])
LEAVES = st.fixed_dictionaries(
    {"type": st.sampled_from(["string", "integer", "number", "boolean", "null", "object", "array", "any"])},
    optional={
        "enum": st.lists(SMALL, max_size=4),
        "minLength": st.integers(0, 2),
        "maxLength": st.integers(0, 2),
        "minItems": st.integers(0, 2),
        "maxItems": st.integers(0, 2),
        "pattern": st.just("a"),
        "title": st.just("t"),
    },
).map(lambda s: s if s["type"] != "any" else {k: v for k, v in s.items() if k != "type"})
SCHEMAS_OF_ANY_KIND = st.recursive(
    LEAVES,
    lambda inner: (
        st.fixed_dictionaries({"type": st.just("array"), "items": inner})
        | st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(NAMES, inner, max_size=3)},
            optional={"required": st.lists(NAMES, max_size=2), "additionalProperties": st.booleans() | inner},
        )
    ),
    max_leaves=5,
)
VALUES = st.recursive(
    SMALL, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)


@given(SCHEMAS_OF_ANY_KIND, VALUES | JSON)
@settings(deadline=None)
def test_what_it_lets_through_fits(schema, value):
    fits = compiled(schema)
    if fits is not None and fits(value):
        assert Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize("name", [*SCHEMAS, "judgement"])
def test_the_prompts_schemas_are_known(name):
    assert compiled(SCHEMAS.get(name, judge.SCHEMA)) is not None


def test_it_is_what_good_replies_are_held_against(monkeypatch):
    fits = compiled(SCHEMA)
    assert fits({"answer": "red", "score": 3}) and parse_json(GOOD, SCHEMA) == ({"answer": "red", "score": 3}, "")
    for wrong in ({"answer": "red"}, {"answer": 1, "score": 3}, {"answer": "red", "score": True}, [], "red"):
        assert not fits(wrong)
    assert not fits({"answer": "red", "score": 3, "more": 1})
    assert parse_json('{"answer": "red", "score": 3.0}', SCHEMA)[0] == {"answer": "red", "score": 3.0}, (
        "jsonschema's word"
    )
    assert "is not of type" in parse_json('{"answer": 1, "score": 3}', SCHEMA)[1]


def test_escapes_become_characters_that_can_be_kept():
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    assert parse_json('{"a": "x\\u0000y\\ud800"}', schema)[0] == {"a": "x\ufffdy\ufffd"}
    assert parse_json('{"a": "x\\u0000y"}', schema)[0] == {"a": "x\ufffdy"}
    assert parse_json('{"a": "b"}', {"const": {"a": "\ud800"}})[0] is None
