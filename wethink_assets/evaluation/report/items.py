"""Item views of a report page: question, gold, replies, verdicts, calls.

Belongs here: their HTML. Does not belong here: choosing them.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from typing import Any

from wethink_assets.evaluation.report.html import block, cut, text

Answer = Mapping[str, Any]  # a row of evaluation/select_answers
NOTHING = "<i>nothing</i>"
SHORT, READ = 120, 300  # characters of a question in a line, and of what was read in a reply
JUDGE_CHARS = 400
Picture = Callable[[str], str]  # HTML of an image by id


def question(answer: Answer, picture: Picture | None = None) -> str:
    """The question block of an item: what was asked, and the gold."""
    options = "".join(
        f"<br>{letter}. {text(option)}"
        for letter, option in zip(string.ascii_uppercase, answer["options"] or (), strict=False)
        if option
    )
    shown = "".join(picture(i) for i in answer["image_ids"]) if picture else ""
    gold = "hidden" if answer["answer"] is None else text(answer["answer"])
    return f"{shown}<p>{text(answer['question'])}{options}</p><p>gold: <b>{gold}</b></p>"


def asked_short(answer: Answer) -> str:
    """The question in one line, without the instruction that many sets put before each."""
    asked = " ".join(answer["question"].split())
    return cut(asked.partition(" Question: ")[2] or asked, SHORT)


def read_short(answer: Answer) -> str:
    """The extracted answer in the colour of its verdict."""
    colour = "dim" if answer["score"] is None else "good" if answer["score"] >= 1 else "bad"
    return f'<span class="{colour}">{cut(answer["extracted"], 40) or NOTHING}</span>'


def reply_part(answer: Answer) -> str:
    """A policy's reply with both verdicts and the ids that lead to its calls."""
    tokens = f", {answer['completion_tokens']} tokens" if answer["completion_tokens"] is not None else ""
    kit = answer["vlmevalkit_score"]
    kit_note = (
        f"; VLMEvalKit's rules read {cut(answer['vlmevalkit_extracted'], READ) or NOTHING}: {kit:g}"
        if kit is not None
        else ""
    )
    judge = ""
    if answer["judge_call_id"]:
        reply = text((answer["judge_reply"] or "")[:JUDGE_CHARS])
        judge = f'<p class="dim">judge call {text(answer["judge_call_id"])}: {reply}</p>'
    failed = f'<p class="bad">the call failed: {text(answer["error"])}</p>' if answer["reply"] is None else ""
    return (
        f"{failed}{block(answer['reply'])}"
        f"<p>read as <b>{cut(answer['extracted'], READ) or NOTHING}</b>: {verdict(answer)}{kit_note}</p>"
        f'<p class="dim">call {text(answer["call_id"])}{tokens}</p>{judge}'
    )


def verdict(answer: Answer) -> str:
    """Verdict and score, green or red."""
    if answer["score"] is None:
        return f'<span class="dim">{text(answer["verdict"] or "not scored")}</span>'
    kind = "good" if answer["score"] >= 1 else "bad"
    return f'<span class="{kind}">{text(answer["verdict"])} ({answer["score"]:g}, by {text(answer["method"])})</span>'
