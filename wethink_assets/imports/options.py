"""Options of a multiple-choice question (parsing), taken out of the text that asks it.

Belongs here: the ways in which published questions write their options. Pure; every pattern is linear in the text. Does
not belong here: which option is right, whether options may be (dataset/record.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# "A. x", "A) x", "(A) x", "A: x", "A、x", "[A] x", "**A.** x"; one writing for all options of a question.
_LINE = re.compile(r"^[ \t]*(?:\*\*)?([(\[]?)([A-Z])([)\].:、．：])(?:\*\*)?[ \t]*(?=\S)")
_BRACKETED = re.compile(r"(?<!\w)\(([A-Z])\)\s*(?=\S)")
_DOTTED = re.compile(r"(?<![\w(])([A-Z])([.):：、])\s+(?=\S)")
_LABEL = re.compile(
    r"[\s.;]*(?:\*\*)?(?:(?:answer )?(?:options|choices)|选项)(?: are)?\s*(?:\*\*)?\s*[:：]\s*(?:\*\*)?\s*$",
    re.IGNORECASE,
)
_INSTRUCTION = re.compile(
    r"^(?:please\s+)?(?:answer|select|choose|pick|respond|reply|give|provide)\b|^请", re.IGNORECASE
)
_FEWEST, _MOST = 2, 26
_TAIL = 60


def split_options(problem: str) -> tuple[str, list[str]] | None:
    """The question without its options, and these without their letters; None where none can be told.

    An instruction below the options ("Answer with the option's letter") is none of them and goes.
    """
    for way in (_by_lines, _bracketed, _dotted):
        found = way(problem)
        if found is not None:
            question, options = found
            question = _unlabelled(question.strip())
            options = [" ".join(option.split()).rstrip(" ;,") if "\n" in option else option for option in options]
            if question and all(options):
                return question, options
    return None


def _unlabelled(question: str) -> str:
    """The question without an "Options:" at its end, which is looked for there alone."""
    head, tail = question[:-_TAIL], question[-_TAIL:]
    return (head + _LABEL.sub("", tail)).rstrip()


def _by_lines(problem: str) -> tuple[str, list[str]] | None:
    """An option a line, the last such run that begins with A; a line without a letter continues its option."""
    lines = problem.split("\n")
    matches = [_LINE.match(line) for line in lines]
    firsts = [i for i, match in enumerate(matches) if match and match[2] == "A"]
    if not firsts:
        return None
    first = firsts[-1]
    begin = matches[first]
    assert begin is not None
    options: list[str] = []
    for line, match in zip(lines[first:], matches[first:], strict=True):
        is_next = match and match[2] == chr(65 + len(options)) and (match[1], match[3]) == (begin[1], begin[3])
        if match and is_next and len(options) < _MOST:
            options.append(line[match.end() :].strip())
        elif _INSTRUCTION.match(line.strip()):
            break
        elif line.strip():
            options[-1] += f" {line.strip()}"
    if len(options) < _FEWEST:
        return None
    return "\n".join(lines[:first]), options


def _bracketed(problem: str) -> tuple[str, list[str]] | None:
    return _in_a_row(problem, list(_BRACKETED.finditer(problem)))


def _dotted(problem: str) -> tuple[str, list[str]] | None:
    return _in_a_row(problem, list(_DOTTED.finditer(problem)))


def _in_a_row(problem: str, marks: Sequence[re.Match[str]]) -> tuple[str, list[str]] | None:
    """Options one behind the other: marks A, B, C … in their order, from the last A on."""
    firsts = [i for i, mark in enumerate(marks) if mark[1] == "A"]
    if not firsts:
        return None
    run = []
    for mark in marks[firsts[-1] :]:
        if mark[1] == chr(65 + len(run)) and len(run) < _MOST:
            run.append(mark)
    if len(run) < _FEWEST:
        return None
    ends = [*(mark.start() for mark in run[1:]), len(problem)]
    options = [problem[mark.end() : end].strip().rstrip(",;").strip() for mark, end in zip(run, ends, strict=True)]
    last, *rest = options[-1].split("\n")
    if rest and all(not line.strip() or _INSTRUCTION.match(line.strip()) for line in rest):
        options[-1] = last.strip()
    return problem[: run[0].start()], options
