"""Mending of foreign rows: what is repaired, by which name, and what is left to the record's guards."""

from __future__ import annotations

import json

import pytest

from tests.imports.published import CHOICE, GOOD, STOPPED, TAKEN
from wethink_assets.dataset.record import Refusal
from wethink_assets.imports.lines import Line, fields_of
from wethink_assets.imports.mend import REPAIRS, Mended, filtered, mended
from wethink_assets.imports.options import split_options
from wethink_assets.row_filters.registry import NAMES as FILTERS


def mend(row) -> Mended | Refusal:
    fields = fields_of(Line(1, json.dumps(row).encode()))
    return fields if isinstance(fields, Refusal) else mended(fields)


def test_every_repair_has_a_row_that_needs_it_and_a_name():
    assert set(TAKEN) == {None, *REPAIRS}


@pytest.mark.parametrize("repair", TAKEN, ids=str)
def test_each_defect_is_mended_under_its_name(repair):
    row = mend(TAKEN[repair])
    assert isinstance(row, Mended), row
    assert filtered(row, ()) is None
    assert row.repairs == ({repair} if repair else frozenset())


@pytest.mark.parametrize(("verdict", "reason"), STOPPED)
def test_what_cannot_be_mended_is_refused_by_the_guards_of_our_own_rows(verdict, reason):
    row = mend(STOPPED[verdict, reason])
    of_the_folder = ("repeated_question", "missing_image", "path_leaves_folder", "not_an_image")
    if reason in of_the_folder:
        assert isinstance(row, Mended) and filtered(row, ()) is None
    elif reason in FILTERS:
        assert isinstance(row, Mended) and filtered(row, {reason}) is None
        found = filtered(row, ())
        assert found is not None and found.reason == reason and found.detail
    else:
        assert isinstance(row, Refusal) and row.reason == reason


@pytest.mark.parametrize(
    ("problem", "question", "options"),
    [
        ("Q?\nA. red\nB. blue", "Q?", ["red", "blue"]),
        ("Q?\nOptions:\n(A) red\n(B) blue\n(C) Both", "Q?", ["red", "blue", "Both"]),
        ("Q?\nChoices: (A) red (B) blue", "Q?", ["red", "blue"]),
        ("Q? A. red B. blue C. 3.5 m", "Q?", ["red", "blue", "3.5 m"]),
        ("Q?\nA) red\nB) dark\n  blue\nAnswer with the option's letter.", "Q?", ["red", "dark blue"]),
        ("Which of A. and B. is it?\nA: red\nB: blue", "Which of A. and B. is it?", ["red", "blue"]),
        ("问题?\n选项:\nA、红\nB、蓝", "问题?", ["红", "蓝"]),
        ("Q?\n[A] red\n[B] blue\n\nPlease select the correct answer.", "Q?", ["red", "blue"]),
        ("Q? (A) red (B) blue\nPlease answer directly.", "Q?", ["red", "blue"]),
        ("Q? (A) red, (B) blue", "Q?", ["red", "blue"]),
    ],
)
def test_options_are_read_in_the_writings_that_are_published(problem, question, options):
    assert split_options(problem) == (question, options)


@pytest.mark.parametrize("problem", ["Q?", "A. red\nB. blue", "Is it vitamin A?", "Q?\nA. red", "Q?\nB. red\nC. blue"])
def test_where_no_options_can_be_told_there_are_none(problem):
    assert split_options(problem) is None


@pytest.mark.parametrize(
    "text", ["<" + " " * 90_000, "(A)" + " " * 90_000, " . " * 30_000, "A. x\n" * 20_000, "<image> " * 12_000]
)
def test_hostile_texts_take_no_longer_than_their_length(text):
    """Each would take minutes where a pattern went over its blanks again and again."""
    for name in ("problem", "refined_cot"):
        assert isinstance(mend({**CHOICE, name: f"Which?{text}<image>"}), Refusal)
        row = mend({**CHOICE, name: f"{text}?"})
        if isinstance(row, Mended):
            filtered(row, ())
    row = mend({**GOOD, "refined_cot": f"{text} so it is 3"})
    if isinstance(row, Mended):
        filtered(row, ())


def test_a_path_with_half_a_pair_of_tags_around_it_keeps_its_text():
    for path in ("<think>Three oars.", "Three oars.</think>"):
        row = mend({**GOOD, "refined_cot": path})
        assert isinstance(row, Mended) and row.record.refined_cot == "Three oars." and row.repairs == {"outer_tags"}
    assert isinstance(mend({**GOOD, "refined_cot": "Three</think> oars."}), Refusal)


def test_what_its_makers_gave_to_the_judge_stays_there():
    row = mend({**GOOD, "reward": "model"})
    assert isinstance(row, Mended) and (row.record.reward, row.record.answer_type) == ("model", "free_form")
    assert not row.repairs
