"""Cost of prompt changes: the text of a request decides what is paid again, not the file's hash."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wethink_assets.evaluation import judge as evaluation_judge
from wethink_assets.prompt_files import ROOMS, all_prompts, folders, parse, prompt
from wethink_assets.rewards import judge
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.synthesis.prompt_changes import changes, would_render
from wethink_assets.synthesis.registry import prompt_feeds
from wethink_assets.synthesis.stage_calls import request


def recorded(call, batch="b1", calls=10, cost=0.5, assets=("descriptions",), **more):
    return {
        "prompt": call.prompt,
        "batch": batch,
        "prompt_version": call.prompt_version,
        "role": call.role,
        "model": "m",
        "calls": calls,
        "prompt_tokens": 1000 * calls,
        "completion_tokens": 100 * calls,
        "cost": cost,
        "messages": json.dumps(call.messages()),
        "parameters": json.dumps({"top_p": 1, **call.parameters}),
        "assets": list(assets),
        **more,
    }


DESCRIBE = request("describe", "i", {"notes": "(none)"}, image_ids=["i"])
MISSING = request("ask_missing_details", "i", {"description": "d", "known_details": "(none)", "limit": "2"})
PATH = request("refine_path", "q", {"question": "q", "chain": "c", "answer": "a"}, image_ids=["i"])


JUDGED = judge.build_request("What is shown?", type_answer("A red car.", category="DES"), "A car.")
GRADED = evaluation_judge.grade_answer("p", "What is shown?", "a car", "a {gold}\n\ncar")


def edited(name: str, old: bytes, new: bytes):
    files = {file.stem: file for room in ROOMS for folder in folders(room) for file in folder.glob("*.md")}
    data = files[name].read_bytes()
    assert old in data
    return [parse(name, data.replace(old, new)) if p.name == name else p for p in all_prompts()]


@given(st.text())
def test_every_rendered_request_is_recognised(notes):
    call = request("describe", "i", {"notes": notes}, image_ids=["i"], seed=3)
    assert would_render(prompt("synthesis", "describe"), json.dumps(call.messages()), json.dumps(call.parameters))


def test_without_an_edit_nothing_is_paid_again():
    entries = changes(all_prompts(), [recorded(DESCRIBE), recorded(MISSING)], {}, {})
    states = {c.prompt: c.state for c in entries}
    assert (states["describe"], states["ask_missing_details"], states["refine_path"]) == (
        "unchanged",
        "unchanged",
        "never asked",
    )
    assert not any(c.because_of for c in entries)


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
    entries = {
        c.prompt: c
        for c in changes(
            edited("describe", old, new),
            rows,
            {("descriptions", "b1"): 24, ("descriptions", "b2"): 6},
            {"vlm": (1.0, 10.0)},
        )
    }
    one = entries["describe"]
    assert (one.state, one.calls, one.rows) == (state, 15, 30)
    assert one.cost == pytest.approx(15 * (1000 + 1000) / 1e6), "at today's prices"
    assert entries["ask_missing_details"].because_of == (("describe",) if state == "changed" else ())


def test_what_follows_is_named_and_what_came_before_is_not():
    entries = {
        c.prompt: c
        for c in changes(
            edited("refine_path", b"You rewrite", b"You edit"), [recorded(DESCRIBE), recorded(PATH)], {}, {}
        )
    }
    assert (
        entries["refine_path"].state == "changed"
        and not entries["describe"].because_of
        and entries["refine_path"].cost == 0.5
    )


@pytest.mark.parametrize(
    ("asked", "room", "old", "new"),
    [
        (JUDGED, "rewards", b"about half", b"a half"),
        (GRADED, "evaluation", b"in tenths", b"in 0.1 steps"),
        (GRADED, "evaluation", b"max_tokens: 60", b"max_tokens: 80"),
    ],
)
def test_prompts_of_training_and_evaluation_count_too(asked, room, old, new):
    """Their calls are of no growth batch: training asks the judge, and so do the sets that need one."""
    assert would_render(prompt(room, asked.prompt), json.dumps(asked.messages()), json.dumps(asked.parameters))
    rows = [recorded(asked, batch="", assets=["scores"])]
    for prompts, state in ((all_prompts(), "unchanged"), (edited(asked.prompt, old, new), "changed")):
        change = next(c for c in changes(prompts, rows, {("scores", ""): 7}, {}) if c.prompt == asked.prompt)
        assert (change.state, change.calls, change.rows, change.role) == (state, 10, 7, "judge")


def test_a_prompt_without_its_file_is_removed():
    prompts = [p for p in all_prompts() if p.name != "describe"]
    assert changes(prompts, [recorded(DESCRIBE)], {}, {})[0].state == "removed"


def test_every_prompt_has_its_place_in_the_order():
    feeds = prompt_feeds()
    assert {p.name for p in all_prompts("synthesis")} <= feeds.keys()
    assert {later for after in feeds.values() for later in after} <= feeds.keys()
