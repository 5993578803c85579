"""Parsers of model replies on whatever a model may say."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wethink_assets.accounting import Stopped
from wethink_assets.synthesis.answer import choice_letter
from wethink_assets.synthesis.describe import MAX_NOTES_CHARS, notes
from wethink_assets.synthesis.questions import read_abilities, read_options, read_question
from wethink_assets.synthesis.refine import DETAILS_A_TURN, missing_details, visual_answers
from wethink_assets.synthesis.schemas import ABILITIES
from wethink_assets.synthesis.stage_calls import tidy

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=10), inner, max_size=5),
    max_leaves=12,
)
PROPOSAL = st.fixed_dictionaries(
    {},
    optional={
        "question": JSON | st.just("What is it?"),
        "category": JSON | st.sampled_from(["MC", "FIB", "DES", "mc"]),
        "options": JSON | st.lists(st.text(max_size=8), max_size=8),
        "abilities": JSON | st.lists(st.sampled_from(["reasoning", "OCR", "math", "x"]), max_size=4),
    },
)


@given(JSON | PROPOSAL)
def test_any_proposal_is_a_usable_question_or_has_a_reason(proposal):
    read = read_question(proposal)
    if isinstance(read, Stopped):
        assert read.reason and read.detail
        return
    assert read["question"].strip() and read["category"] in ("MC", "FIB", "DES")
    assert (
        read["abilities"][0] == "reasoning" and set(read["abilities"][1:]) <= set(ABILITIES) and read["abilities"][1:]
    )
    assert (read["category"] == "MC") == bool(read["options"])
    assert len(set(read["options"])) == len(read["options"])


@given(JSON)
def test_details_and_answers_keep_their_bounds(value):
    asked = missing_details(value)
    assert asked is None or (len(asked) <= DETAILS_A_TURN and all(asked) and len(set(asked)) == len(asked))
    answered = visual_answers(value, 2)
    assert answered is None or (len(answered) == 2 and all(isinstance(a, str) for a in answered))


@given(JSON | st.text())
def test_notes_are_bounded_text(context):
    assert isinstance(notes(context if isinstance(context, (str, dict)) else None), str)
    assert len(notes(context if isinstance(context, (str, dict)) else None)) <= MAX_NOTES_CHARS


@given(st.text())
def test_kept_text_has_no_markers_and_is_stable(text):
    kept = tidy(text)
    if kept is None:
        return
    assert kept.strip() == kept and "\x00" not in kept and "<think>" not in kept and "<image>" not in kept
    assert tidy(kept) == kept


@given(st.text(max_size=40), st.lists(st.text(max_size=10), max_size=6))
def test_a_choice_is_one_of_the_options_or_nothing(answer, options):
    letter = choice_letter(answer, options)
    assert letter is None or ord(letter) - 65 < len(options)


def test_choices_as_models_write_them():
    options = ["red", "blue", "green"]
    for answer in ("B", "(B)", "B.", "B. blue", "B) blue", "blue", "Blue.", " b lue".replace(" ", "")):
        assert choice_letter(answer, options) == "B", answer
    for answer in ("D", "purple", "A or B", "", "Because it is blue"):
        assert choice_letter(answer, options) is None, answer
    assert choice_letter("△", ["○", "△"]) == "B"


def test_options_lose_their_letters_and_duplicates_are_refused():
    assert read_options(["A. red", "B. blue"], "MC") == ["red", "blue"]
    assert read_options(["red", "Red."], "MC") is not None  # a final stop may be part of an option
    assert read_options(["red", "RED"], "MC") is None
    assert read_options(["red"], "MC") is None
    assert read_options(["red", "blue"], "FIB") is None
    assert read_options(None, "DES") == []


def test_abilities_by_their_other_names():
    assert read_abilities(["Reasoning", "OCR", "spatial awareness"]) == ["reasoning", "ocr", "spatial"]
    assert read_abilities(["reasoning"]) is None
    assert read_abilities(["ocr", "math"]) is None


def test_notes_leave_native_questions_out():
    context = {
        "captions": ["A dog."],
        "objects": [{"name": "dog"}],
        "qa": [{"question": "What barks?", "answers": ["dog"]}],
    }
    assert notes(context) == "Captions: A dog.\nObjects: dog"
    chart = {"table": {"header": ["Year", "Sales"], "rows": [["2001", "7"], "broken"]}, "facts": {"genre": "Baroque"}}
    assert notes(chart) == "Facts: genre Baroque\nData: Year, Sales; 2001, 7"
    assert notes("{}") == notes("not json") == "(none)"
    assert len(notes({"captions": ["word " * 300] * 20})) <= MAX_NOTES_CHARS
