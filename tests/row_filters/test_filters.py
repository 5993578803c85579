"""Row filters: what each drops and what it lets pass, on paths and questions of its own and on blind ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wethink_assets.demo.pack.render import make_scene
from wethink_assets.demo.pack.scene import KINDS
from wethink_assets.demo.teacher.hard_paths import wordings
from wethink_assets.row_filters.candidate import Candidate
from wethink_assets.row_filters.registry import FILTERS, NAMES, refusals
from wethink_assets.settings.data import RowFilterName

BLIND = Path(__file__).parent / "blind"


def fib(path: str, answer: str = "3", question: str = "How many cups are there?") -> Candidate:
    return Candidate(question, (), "FIB", answer, path)


def mc(path: str, answer: str = "B", options: tuple[str, ...] = ("the bowl", "the cup", "the fork")) -> Candidate:
    return Candidate("Which one is red?", options, "MC", answer, path)


def des(path: str, answer: str = "A book with a purple cover: Night, volume 2.") -> Candidate:
    return Candidate("Describe the book cover.", (), "DES", answer, path)


def found(row: Candidate) -> set[str]:
    return set(refusals(row, of_path=True)) | set(refusals(row, of_path=False))


def lines(name: str) -> list[dict]:
    return [json.loads(line) for line in (BLIND / name).read_text("utf-8").splitlines()]


def test_the_setting_knows_every_filter():
    assert get_args(RowFilterName) == NAMES


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (fib("Two stand left. According to the description, there are 3."), "path_names_description"),
        (fib("The description mentions cups. There are 3."), "path_names_description"),
        (fib("根据描述，桌上有杯子。一共有3个。", question="有几个杯子？"), "path_names_description"),
        (fib("The answer is 3. Two stand left and one right."), "path_gives_answer_first"),
        (fib("3. Two stand left and one right."), "path_gives_answer_first"),
        (fib("Answer: 3.\nTwo stand left and one right, so 3."), "path_gives_answer_first"),
        (mc("B. The cup is the only red thing. So it is the cup."), "path_gives_answer_first"),
        (fib("Two stand left. 右边还有一个杯子。 So there are 3."), "path_changes_language"),
        (fib("Two stand left. Справа стоит ещё одна. So there are 3."), "path_changes_language"),
        (fib("Two stand left. Entonces la respuesta es una que se ve en los vasos. 3 cups."), "path_changes_language"),
        (fib("I look again. I look again. I look again. There are 3."), "path_loops"),
        (fib("There are 3 3 3 3 3 3"), "path_loops"),
        (fib("The answer is 3. Thus, the answer is 3. Hence, the answer is 3."), "path_loops"),
        (fib("The bowl is blue. The bowl is green. There are 3."), "path_contradicts_itself"),
        (fib("There are 4 cups on the table. There are 5 cups on the table. So 3."), "path_contradicts_itself"),
        (fib("They stand in a line. The answer is 5. I count, and the answer is 3."), "path_contradicts_itself"),
        (mc("One thing is bright. All of this points to C. the fork. So it is the cup."), "path_contradicts_itself"),
        (fib("7 times 14 is 98. This clearly gives 112 cm^2. So it is 98 cm^2.", "98 cm^2", "How large?"),
         "path_contradicts_itself"),
        (fib("The shirt is yellow. This gives blue. So it is yellow.", "yellow", "Which colour?"),
         "path_contradicts_itself"),
        (fib("It lies left. All of these observations point to right. Hence, left.", "left", "On which side?"),
         "path_contradicts_itself"),
        (fib("There are 3. The result of this is 5. So it is 3."), "path_contradicts_itself"),
        (des("I name the main thing. The answer is A book with a pink cover: Night, volume 2.."),
         "path_contradicts_itself"),
        (mc("The cup is bright. Only C. the fork fits what is seen. So it is the cup."), "path_contradicts_itself"),
        (mc("The cup is bright. This clearly gives C. the fork. So it is the cup."), "path_contradicts_itself"),
        (fib("On the left 1 + 1 = 3, and so on. There are 3."), "path_wrong_step"),
        (fib("25% of 80 is 25. There are 3."), "path_wrong_step"),
        (fib("The average of 10, 20 and 30 is 25. There are 3."), "path_wrong_step"),
        (fib("There are 4 in the upper row and 5 in the lower row, which makes 10 in all. So 3."), "path_wrong_step"),
        (fib("From 2008 to 2015 is 9 years. There are 3."), "path_wrong_step"),
        (fib("Two stand left and one right. The light is soft. The mood is calm."), "path_ends_elsewhere"),
        (mc("The cup is bright. The light is soft. The mood is calm."), "path_ends_elsewhere"),
        (fib("The sign is blue. The light is soft. The mood is calm.", "blue", "What colour is the sign?"),
         "path_ends_elsewhere"),
        (fib("The side is 5 cm. The light is soft. The mood is calm.", "5 cm", "How long is it?"),
         "path_ends_elsewhere"),
        (fib("", "STOP", "What does the red sign with STOP say?"), "answer_in_question"),
        (mc("", "A", ("0.5", "1/2", "3")), "two_right_options"),
        (mc("", "C", ("50 cm", "5 m", "0.5 m")), "two_right_options"),
    ],
)  # fmt: skip
def test_each_filter_finds_its_flaw(row, name):
    assert name in found(row)


@pytest.mark.parametrize(
    "row",
    [
        fib("Two cups stand left and one right. Counting gives 2 + 1 = 3."),
        fib("There are 3 cups on the left shelf. There are 4 cups on the right shelf. The difference is 1.", "1"),
        fib("There are 4 cups on the table. After one is taken away, there are 3 cups on the table.", "3"),
        fib("The scale says 1 cm = 5 km. The line is 2 cm long, so 2 × 5 = 10 km.", "10 km", "How far is it?"),
        fib("A third of 100 is 100 / 3 = 33.3. So it is 33.3.", "33.3", "How much is a third?"),
        fib('The sign says "出口". That means exit.', "exit", "What does the sign mean?"),
        fib("In △ABC we have α = 60° and β = 60°. So γ = 180° - 60° - 60° = 60°.", "60°", "How large is γ?"),
        fib("The description of the plant says: 3 leaves. So 3.", question="Read the description: how many leaves?"),
        fib("The bar for 2001 is 5. The bar for 2002 is 6. The bar for 2003 is 7.", "7", "How high is the last?"),
        mc("The bowl is blue and the fork is grey. Only the cup is red."),
        mc("Option A shows a bowl and C a fork. The red thing is the cup, so B is correct."),
        fib("The stones lie above the kite.", "no", "Are the stones below the kite?"),
        fib("It is red, as the light shows.", "red", "Is the light red or green?"),
        # A middle result is no other answer, wherever it stands.
        fib("9 + 16 = 25. This gives 25. The root is 5, so the side is 5.", "5", "How long is the side?"),
        fib("The side is 5 if the square is 25. This gives 25. So the side is 5.", "5", "How long is the side?"),
        fib("The whole is 98 cm^2. This gives 49 cm^2 a half. So the whole is 98 cm^2.", "98 cm^2", "How large?"),
        fib("The whole is 98 cm^2. This gives 49 cm. So the whole is 98 cm^2.", "98 cm^2", "How large?"),
        fib("It shows 3. Halving this gives 1.5. Doubling leads back, so it is 3."),
        fib("It seems to be 3. This gives 5? No, I was wrong: one is counted twice. So it is 3."),
        fib("There are 3. This gives 5, but two of them are bowls. So it is 3."),
        fib("It might be 3. The result is 5. However, two are bowls. So it is 3."),
        fib("The mix looks green. Only blue and yellow are mixed. So it is green.", "green", "Which colour results?"),
        fib("It is yellow. The result of mixing is green. But asked is the first: yellow.", "yellow", "Which colour?"),
        fib("It is yes for the cup. Only no bowl is left. So yes.", "yes", "Is there a cup?"),
        mc("The cup is red. This leads to C being wrong. So it is B."),
        mc("The cup is red. This rules out C. So it is B."),
        mc("The cup is red. Only A. the bowl and C. the fork are left, and they are grey. So B."),
        # A description in other words, less of it, another subject or a thought that is taken back.
        des("I name the main thing. The answer is A book with a purple cover: Night, volume 2."),
        des("I name the main thing. The answer is A novel with a violet cover called Night, the second volume."),
        des("I name the main thing. The answer is A book."),
        des("I name the main thing. At first the answer would be A book with a pink cover: Night, volume 2."),
        des("I look. The answer is A book with a pink cover: Night, volume 2. No, that is not so, the light is pink."),
        # An amount may be said in words, in another unit, or with its unit elsewhere.
        fib("The side is half of ten. That makes five centimetres. It is short.", "5 cm", "How long is it?"),
        fib("In centimetres: the side measures 5. It is short.", "5 cm", "How long is it?"),
        fib("The side is 50 mm long. That is all.", "5 cm", "How long is it?"),
        fib("It sells bread. Its sign reads: Bäckerei - Müller! It is old.", "BÄCKEREI MÜLLER", "What is on the sign?"),
    ],
)  # fmt: skip
def test_good_rows_pass(row):
    assert not found(row)


def test_no_good_path_written_blind_is_dropped():
    dropped = {
        row["path"]: found(
            Candidate(row["question"], tuple(row["options"]), row["category"], row["answer"], row["path"])
        )
        for row in lines("good_paths.jsonl")
    }
    assert not {path: names for path, names in dropped.items() if names}


def test_blind_questions():
    share = {}
    for row in lines("questions.jsonl"):
        options = tuple(row.get("options", ()))
        candidate = Candidate(row["question"], options, "MC" if options else "FIB", row["answer"], "")
        share.setdefault(row["kind"], []).append(bool(refusals(candidate, of_path=False)))
    caught = {kind: sum(hits) / len(hits) for kind, hits in share.items()}
    assert caught["innocent"] == caught["distinct_options"] == 0
    assert caught["two_right_options"] >= 0.85 and caught["answer_in_question"] >= 0.6


def test_no_question_of_the_sample_pack_is_dropped():
    for kind in KINDS:
        for item in make_scene(kind, 5).items:
            assert not found(Candidate(item.question, item.options, item.category, item.answer, item.short_chain))


@pytest.mark.parametrize(
    ("flaw", "least"),
    [("loop", 0.9), ("language", 0.9), ("description", 0.95), ("leak", 0.95), ("wrong_step", 0.85), ("elsewhere", 0.7)],
)
def test_wordings_written_blind_are_caught(flaw, least):
    items = [item for kind in KINDS for item in make_scene(kind, 1).items if item.category != "DES"]
    hits = []
    for number, wording in enumerate(wordings()[flaw]):
        for item in items[number::60]:
            first, _, rest = item.short_chain.partition(". ")
            text = wording.replace("{path}", item.short_chain).replace("{first}", first.rstrip(".") + ".")
            text = text.replace("{rest}", rest or item.short_chain).replace("{answer}", item.answer)
            row = Candidate(
                item.question, item.options, item.category, item.answer, text.replace("{other}", item.wrong)
            )
            hits.append(bool(refusals(row, of_path=True)))
    assert sum(hits) / len(hits) >= least


TEXT = st.text(max_size=200) | st.from_regex(
    r"(?:There are [0-9]{1,3} cups|[0-9] \+ [0-9] = [0-9]|The answer is [A-C]|\. )*"
)


@settings(deadline=None)
@given(TEXT, st.lists(TEXT, max_size=4), st.sampled_from(["MC", "FIB", "DES"]), TEXT, TEXT)
def test_filters_say_something_of_any_text(question, options, category, answer, path):
    row = Candidate(question, tuple(options), category, answer, path)
    assert all(detail for f in FILTERS if (detail := f.look(row)) is not None)
