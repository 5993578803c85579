"""Finding the one final answer of a completion.

Belongs here: thinking parts, answer tags, boxes. Does not belong here: what the answer means.

The answer is the content of the last `<answer>` part after the thinking, else of the last balanced
`\\boxed{}`. Text inside the thinking is never an answer, and two different finals are no answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from wethink_assets.rewards.format import MAX_COMPLETION_CHARS
from wethink_assets.rewards.normalise import fold

_TAG = re.compile(r"<(/?)(think|answer)>", re.IGNORECASE)
_BOX = re.compile(r"\\f?boxed\s*\{")
_ANSWERED = re.compile(r"<answer>|\\f?boxed\s?\{", re.IGNORECASE)

NO_FINAL = "no_final"
CONFLICTING = "conflicting_answers"
REPEATED = "repeated_answer"


@dataclass(frozen=True)
class Extraction:
    """`final` is None where there is no single final answer; `problem` says why.

    `repeated_answer` is the one problem that comes with a final: the same answer stood there twice. Problems:
    no_final, conflicting_answers, repeated_answer, unclosed_think, stray_think, unclosed_answer, empty_answer,
    too_long.
    """

    final: str | None
    problem: str | None = None


def extract(completion: str) -> Extraction:
    """The final answer of a completion, as written."""
    if len(completion) > MAX_COMPLETION_CHARS:
        return Extraction(None, "too_long")
    rest, problem = _after_thinking(completion)
    if problem:
        return Extraction(None, problem)
    parts, problem = _answer_parts(rest)
    if problem:
        return Extraction(None, problem)
    if not parts:
        parts = boxed(rest)
        if not parts:
            return Extraction(None, NO_FINAL)
    finals = {fold(part) for part in parts}
    if len(finals) > 1:
        return Extraction(None, CONFLICTING)
    final = parts[-1].strip()
    if not final:
        return Extraction(None, "empty_answer")
    return Extraction(final, REPEATED if len(parts) > 1 else None)


def _after_thinking(text: str) -> tuple[str, str | None]:
    """What stands outside the thinking. A chat template may have opened the thinking before the completion."""
    kept: list[str] = []
    position, depth, opened = 0, 0, False
    for tag in _TAG.finditer(text):
        if tag[2].lower() != "think":
            continue
        if tag[1]:
            if depth == 0:
                if opened and any(map(_ANSWERED.search, [*kept, text[position : tag.start()]])):
                    return "", "stray_think"  # it would take back an answer that was given
                kept.clear()  # a closing tag alone: all before it was thinking
            depth = max(depth - 1, 0)
        else:
            if depth == 0:
                kept.append(text[position : tag.start()])
            depth, opened = depth + 1, True
        position = tag.end()
    if depth:
        return "", "unclosed_think"
    kept.append(text[position:])
    return "\n".join(kept), None


def _answer_parts(text: str) -> tuple[list[str], str | None]:
    parts: list[str] = []
    start: int | None = None
    for tag in _TAG.finditer(text):
        if tag[2].lower() != "answer":
            continue
        if not tag[1]:
            if start is not None:
                return [], "unclosed_answer"
            start = tag.end()
        elif start is not None:
            parts.append(text[start : tag.start()])
            start = None
    return ([], "unclosed_answer") if start is not None else (parts, None)


def boxed(text: str) -> list[str]:
    """Contents of all balanced outermost boxes, in order; linear in the length."""
    boxes: list[str] = []
    position = 0
    while match := _BOX.search(text, position):
        depth, index = 1, match.end()
        while index < len(text) and depth:
            character = text[index]
            if character == "\\":
                index += 1
            elif character == "{":
                depth += 1
            elif character == "}":
                depth -= 1
            index += 1
        if depth:
            break  # never closed: nothing after it can be balanced either
        boxes.append(text[match.end() : index - 1])
        position = index
    return boxes
