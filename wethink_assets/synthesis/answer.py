"""Stage 5, dual answering: the reasoner answers from the refined description, the VLM from the image.

Belongs here: asking both, and whether the two answers agree. Does not belong here: which is right (adjudicate.py),
what makes two typed answers equal (rewards).

Rule questions (MC, FIB) are compared by the rule verifier. Descriptive answers (DES) have no rule: the judge
compares the pair, and a tier of at least 0.75 is agreement [D].
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from resources.calls.messages import ModelReply
from wethink_assets.accounting import StageResult, Stopped, content_id
from wethink_assets.gates import no_rows
from wethink_assets.rewards import judge
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.rewards.judge_retries import ask_until_clear
from wethink_assets.rewards.normalise import clean, fold
from wethink_assets.rewards.verifier import Verdict, verify
from wethink_assets.settings import RewardSettings
from wethink_assets.stage_spool import StageSpool
from wethink_assets.synthesis.rows import QuestionWithDescription
from wethink_assets.synthesis.stage import StageRun, StageSpec
from wethink_assets.synthesis.stage_calls import CallModels, Row, failed, field, lettered, request, tidy
from wethink_assets.written_rows import AnswerRow

AGREEING_TIER = 0.75
MAX_ANSWER_CHARS = 2_000
ANSWER_FORMS = {
    "MC": "Choose one option. The final answer is its letter alone.",
    "FIB": "The final answer is one word, name or number, with its unit where there is one.",
    "DES": "The final answer is one to three sentences.",
}
_LETTER = re.compile(r"\(?([A-Z])\)?(?:[.):]?|[.):]\s.*)", re.DOTALL)


def run(
    rows: Sequence[QuestionWithDescription],
    ask: CallModels,
    *,
    batch: str,
    seed: int = 0,
    limits: RewardSettings | None = None,
) -> StageResult:
    """Dual answering; `rows` as synthesis/select_questions_to_answer gives them. Two answers per question.

    Judgements that fail are asked for again `limits.judge_passes` times; a pair without one then is undecided.
    """
    limits = limits or RewardSettings()
    requests = []
    for row in rows:
        values = {"question": lettered(row["question"], row["options"]), "answer_form": ANSWER_FORMS[row["category"]]}
        described = {**values, "description": row["text"]}
        requests.append(request("answer_from_description", row["question_id"], described, seed=seed))
        requests.append(
            request("answer_from_image", row["question_id"], values, image_ids=[row["image_id"]], seed=seed)
        )
    replies = ask(requests)
    pairs: list[tuple[Row, list[AnswerRow]]] = []
    stopped: list[Stopped] = []
    for index, row in enumerate(rows):
        given = replies[2 * index : 2 * index + 2]
        answers = [answer for reply in given if (answer := read_answer(row, reply)) is not None]
        if len(answers) != len(given):
            broken = next(reply for reply in given if read_answer(row, reply) is None)
            stopped.append(failed(row["question_id"], broken, "answering the question"))
            continue
        pairs.append(
            (
                row,
                [
                    {
                        "answer_id": content_id("answer", row["question_id"], answerer, chain, answer),
                        "question_id": row["question_id"],
                        "image_id": row["image_id"],
                        "batch": batch,
                        "answerer": answerer,
                        "answer": answer,
                        "chain": chain,
                        "agreement": "undecided",
                        "call_id": reply.call_id,
                    }
                    for answerer, reply, (answer, chain) in zip(("reasoner", "vlm"), given, answers, strict=True)
                ],
            )
        )
    agreements = _agreements(pairs, ask, limits)
    for (_, answers), agreement in zip(pairs, agreements, strict=True):
        for answer in answers:
            answer["agreement"] = agreement
    written = [answer for _, answers in pairs for answer in answers]
    counts = {f"pairs_{name}": agreements.count(name) for name in ("agree", "disagree", "undecided")}
    return StageResult(len(rows), len(pairs), {"answers": written}, failed=stopped, details=counts)


def read_answer(row: Row, reply: ModelReply) -> tuple[str, str] | None:
    """(final answer, chain of thought) of a reply, or None; a multiple-choice answer becomes the letter of its option.

    Where a model returns its reasoning apart from the text, that is the rawer chain and is taken.
    """
    answer = tidy(field(reply, "answer"), limit=MAX_ANSWER_CHARS)
    chain = tidy(reply.reasoning) or tidy(field(reply, "reasoning"))
    if answer is None or chain is None:
        return None
    if row["category"] == "MC":
        answer = choice_letter(answer, row["options"]) or answer
    return answer, chain


def choice_letter(answer: str, options: Sequence[str]) -> str | None:
    """The option letter that a multiple-choice answer stands for: `B`, `(B)`, `B. red`, or the text of one option."""
    letters = [chr(65 + i) for i in range(len(options))]
    text = fold(answer) or clean(answer)
    same = [letter for letter, option in zip(letters, options, strict=True) if text == (fold(option) or clean(option))]
    if len(same) == 1:
        return same[0]
    match = _LETTER.fullmatch(answer.strip())
    return match[1] if match and match[1] in letters else None


def compare(row: Row, first: str, second: str) -> str:
    """Answer agreement by the verifier: 'agree', 'disagree' or 'undecided', the first answer taken as gold."""
    if clean(first) == clean(second):
        return "agree"
    gold = type_answer(first, category=row["category"], options=row["options"], question=row["question"])
    verdict = verify(gold, second, extracted=True)
    if verdict == Verdict.CORRECT:
        return "agree"
    return "disagree" if verdict == Verdict.WRONG else "undecided"


def _agreements(pairs: Sequence[tuple[Row, list[AnswerRow]]], ask: CallModels, limits: RewardSettings) -> list[str]:
    agreements = [_without_judge(row, first["answer"], second["answer"]) for row, (first, second) in pairs]
    open_pairs = [i for i, agreement in enumerate(agreements) if agreement is None]
    requests = []
    for index in open_pairs:
        row, (first, second) = pairs[index]
        gold = type_answer(first["answer"], category="DES")
        requests.append(judge.build_request(row["question"], gold, second["answer"], subject_id=row["question_id"]))
    for index, reply in zip(
        open_pairs,
        ask_until_clear(ask, requests, passes=limits.judge_passes, refused_again=limits.refused_again),
        strict=True,
    ):
        tier = judge.parse(reply)
        agreements[index] = "undecided" if tier is None else "agree" if tier >= AGREEING_TIER else "disagree"
    return [agreement or "undecided" for agreement in agreements]


def _without_judge(row: Row, first: str, second: str) -> str | None:
    if row["category"] != "DES":
        return compare(row, first, second)
    if clean(first) == clean(second):
        return "agree"
    return "disagree" if judge.refused(row["question"], second) else None


def _not_agreed(rows: Sequence[Row], result: StageResult) -> list[dict[str, Any]]:
    texts = {row["question_id"]: row["question"] for row in rows}
    return [{**a, "question": texts[a["question_id"]]} for a in result.rows["answers"] if a["agreement"] != "agree"]


def _agreement_rate(spool: StageSpool, at: StageRun) -> dict[str, float]:
    return {"agreement_rate": round(spool.details.get("pairs_agree", 0) / max(1, spool.continued), 4)}


STAGE = StageSpec(
    name="dual_answers",
    table="answers",
    description="Stage 5: the reasoner answers from the description, the VLM from the image; the pair agrees or not.",
    parents=("valid_questions", "judge_calibration"),
    reads="synthesis/select_questions_to_answer",
    run=lambda rows, at: run(rows, at.ask, batch=at.batch, seed=at.seed, limits=at.settings.rewards),
    prompts=(("answer_from_description", "answer_from_image"), "judge"),
    gates=(
        no_rows(
            "answered_twice",
            "synthesis/find_unpaired_answers",
            "A question without exactly one answer per answerer and one verdict on the pair.",
        ),
    ),
    columns_shown=("question", "answerer", "answer", "agreement"),
    examples=_not_agreed,
    describe=_agreement_rate,
)
