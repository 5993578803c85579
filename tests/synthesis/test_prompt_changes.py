"""What an edited prompt would pay again: what was said decides, not the file's hash."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wethink_assets.prompt_files import PROMPTS_DIR, all_prompts, parse, prompt
from wethink_assets.synthesis.prompt_changes import FEEDS, changes, would_render
from wethink_assets.synthesis.stage_calls import request


def recorded(made, batch="b1", calls=10, cost=0.5, assets=("descriptions",), **more):
    return {
        "prompt": made.prompt,
        "batch": batch,
        "prompt_version": made.prompt_version,
        "role": made.role,
        "model": "m",
        "calls": calls,
        "prompt_tokens": 1000 * calls,
        "completion_tokens": 100 * calls,
        "cost": cost,
        "messages": json.dumps(made.messages()),
        "parameters": json.dumps({"top_p": 1, **made.parameters}),
        "assets": list(assets),
        **more,
    }


DESCRIBE = request("describe", "i", {"notes": "(none)"}, image_ids=["i"])
MISSING = request("ask_missing_details", "i", {"description": "d", "known_details": "(none)", "limit": "2"})
PATH = request("refine_path", "q", {"question": "q", "chain": "c", "answer": "a"}, image_ids=["i"])


def edited(name: str, old: bytes, new: bytes):
    data = (PROMPTS_DIR / f"{name}.md").read_bytes()
    assert old in data
    return [parse(name, data.replace(old, new)) if p.name == name else p for p in all_prompts()]


@given(st.text())
def test_every_rendered_request_is_recognised(notes):
    made = request("describe", "i", {"notes": notes}, image_ids=["i"], seed=3)
    assert would_render(prompt("describe"), json.dumps(made.messages()), json.dumps(made.parameters))


def test_without_an_edit_nothing_is_paid_again():
    found = changes(all_prompts(), [recorded(DESCRIBE), recorded(MISSING)], {}, {})
    states = {c.prompt: c.state for c in found}
    assert (states["describe"], states["ask_missing_details"], states["refine_path"]) == (
        "unchanged",
        "unchanged",
        "never asked",
    )
    assert not any(c.because_of for c in found)


@pytest.mark.parametrize(
    ("old", "new", "state"),
    [
        (b"in detail", b"thoroughly", "changed"),
        (b"You describe", b"You depict", "changed"),
        (b"max_tokens: 1024", b"max_tokens: 2048", "changed"),
        (b"schema: description\n", b"schema: description\n\n", "unchanged"),
    ],
)
def test_an_edit_counts_where_it_changes_what_is_said(old, new, state):
    rows = [
        recorded(DESCRIBE),
        recorded(DESCRIBE, "b2", calls=5, cost=0.25),
        recorded(MISSING, assets=["refined_descriptions"]),
    ]
    found = {
        c.prompt: c
        for c in changes(
            edited("describe", old, new),
            rows,
            {("descriptions", "b1"): 24, ("descriptions", "b2"): 6},
            {"vlm": (1.0, 10.0)},
        )
    }
    one = found["describe"]
    assert (one.state, one.calls, one.rows) == (state, 15, 30)
    assert one.cost == pytest.approx(15 * (1000 + 1000) / 1e6), "at today's prices"
    assert found["ask_missing_details"].because_of == (("describe",) if state == "changed" else ())


def test_what_follows_is_named_and_what_came_before_is_not():
    found = {
        c.prompt: c
        for c in changes(
            edited("refine_path", b"You rewrite", b"You edit"), [recorded(DESCRIBE), recorded(PATH)], {}, {}
        )
    }
    assert (
        found["refine_path"].state == "changed"
        and not found["describe"].because_of
        and found["refine_path"].cost == 0.5
    )


def test_calls_of_training_and_evaluation_do_not_count():
    judged = recorded(PATH, batch="") | {"prompt": "judge"}
    assert "judge" not in {c.prompt for c in changes(all_prompts(), [judged], {}, {})}


def test_every_prompt_has_its_place_in_the_order():
    names = {p.name for p in all_prompts()}
    assert names <= {*FEEDS, "refine_path"} and {n for later in FEEDS.values() for n in later} <= {
        *FEEDS,
        "refine_path",
    }
