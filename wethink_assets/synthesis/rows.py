"""Row types (typed dicts) of what synthesis stages read from the lake, one per statement of sql/synthesis.

Belongs here: names and types of columns, in the statement's order. Does not belong here: what a column means (the
comments in sql/tables), reading. A test holds each type to the columns that its statement has when it is bound.
"""

from __future__ import annotations

from typing import TypedDict


class ImageToDescribe(TypedDict):
    image_id: str
    source: str
    context: str | None  # the source's annotations as JSON


class DescriptionToRefine(TypedDict):
    description_id: str
    image_id: str
    text: str


class DescriptionToQuestion(TypedDict):
    """`abilities` are those that the batch's plan asks for; empty where it asks for none in particular."""

    refined_id: str
    image_id: str
    text: str
    abilities: list[str]


class QuestionWithDescription(TypedDict):
    """`text` is the refined description that the question came from."""

    question_id: str
    image_id: str
    question: str
    category: str
    options: list[str]
    text: str


class AnswerPair(TypedDict):
    question_id: str
    image_id: str
    question: str
    category: str
    options: list[str]
    agreement: str
    reasoner_answer_id: str
    reasoner_answer: str
    vlm_answer_id: str
    vlm_answer: str


class AnswerToExplain(TypedDict):
    question_id: str
    answer_id: str
    image_id: str
    chosen_by: str
    question: str
    category: str
    options: list[str]
    answer: str
    chain: str
    source: str


class RepliesToRoute(TypedDict):
    path_id: str
    question_id: str
    answer_id: str
    image_id: str
    path: str
    path_call_id: str
    question: str
    category: str
    options: list[str]
    source: str
    answer: str
    reasoner_answer: str
    reasoner_chain: str
    reasoner_call_id: str
    vlm_answer: str
    vlm_chain: str
    vlm_call_id: str


class PartsOfSample(TypedDict):
    """`rule_type` is the rule that the row left for the judge; None where it keeps its rule, or has none."""

    path_id: str
    question_id: str
    answer_id: str
    image_id: str
    refined_cot: str
    question: str
    category: str
    options: list[str]
    abilities: list[str]
    answer: str
    rule_type: str | None
    source: str
    licence: str
    image_uri: str


class QuestionOutcome(TypedDict):
    """`stopped_at` is the asset that stopped the question, with its verdict and reason; None where none did."""

    question_id: str
    image_id: str
    question: str
    category: str
    stopped_at: str | None
    verdict: str | None
    reason: str | None


class SampleToVerify(TypedDict):
    """`answer_typed` is a typed answer as JSON."""

    sample_id: str
    answer: str
    answer_typed: str


class WrittenQuestion(TypedDict):
    question_id: str
    question: str


class Agreement(TypedDict):
    """`agreement` and `kappa` are None where no reply was decided."""

    category: str
    source: str
    rows: int
    replies: int
    decided: int
    agreeing: int
    agreement: float | None
    kappa: float | None


class CallsOfBatch(TypedDict):
    batch: str
    calls: int
    cost: float
    tokens: int
    failure_rate: float
    malformed_rate: float
    reuse_rate: float
    saved: float


SELECTED: dict[str, type] = {
    "select_agreements": Agreement,
    "select_answer_pairs": AnswerPair,
    "select_answers_to_explain": AnswerToExplain,
    "select_calls_over_batches": CallsOfBatch,
    "select_descriptions_to_question": DescriptionToQuestion,
    "select_descriptions_to_refine": DescriptionToRefine,
    "select_images_to_describe": ImageToDescribe,
    "select_parts_of_samples": PartsOfSample,
    "select_question_outcomes": QuestionOutcome,
    "select_questions_to_answer": QuestionWithDescription,
    "select_questions_to_check": QuestionWithDescription,
    "select_replies_to_route": RepliesToRoute,
    "select_samples_to_verify": SampleToVerify,
    "select_written_questions": WrittenQuestion,
}
