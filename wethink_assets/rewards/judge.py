"""The judge for free-form answers: what it is asked, and what of its answer counts.

Belongs here: the request, the five tiers, replies that are refused before anything is asked.
Does not belong here: sending requests, or what a tier earns (hybrid.py).

It fails closed: no clear tier is no score (None), which leaves the row out; it never becomes a number.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from resources.calls.messages import ModelReply, ModelRequest
from wethink_assets.prompt_files import prompt
from wethink_assets.rewards.answers import TypedAnswer
from wethink_assets.rewards.normalise import clean, fold

TIERS = (0.0, 0.25, 0.5, 0.75, 1.0)
MAX_REPLY_CHARS = 4_000
SCHEMA_NAME = "judgement"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "score": {"type": "number", "enum": [0, 0.25, 0.5, 0.75, 1]},
        "reason": {"type": "string", "maxLength": 300},
    },
    "required": ["score", "reason"],
    "additionalProperties": False,
}
PARAMETERS = {"temperature": 0.0, "max_tokens": 200, "seed": 0}

_OPENERS = re.compile(
    r"(?:thought process|thinking process|reasoning|let'?s (?:think|solve)|let me (?:think|solve)|solution"
    r"|answer|final answer|step 1|(?:the )?(?:final )?answer is|okay|sure|思考过程|解|答案)"
    r"(?: (?:step by step|about|this|it|the|problem|question))*",
    re.IGNORECASE,
)
_INSTRUCTIONS = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b"
    r"(?:instruction|instructions|prompt|rubric|rules|above|previous|reference)\b"
    r"|\b(?:give|assign|award|return|output|set|grade)\b.{0,40}\b"
    r"(?:score|grade|mark|marks|rating|(?:full|all|maximum|[0-9]{1,3}) points|full credit|1\.0)\b"
    r"|\b(?:give|output|return)\s(?:me\s|it\s|a\s|an\s)?(?:1|one)\b\s?[.!]?$|\"score\"\s*:"
    r"|\bscore\s*[:=]\s*(?:1|0?\.\d)"
    r"|\b(?:dear|hey|note to(?: the)?|attention)\s?,?\s?(?:grader|judge|evaluator)\b|\bas (?:a|the|an) "
    r"(?:judge|grader|evaluator)\b|<\|[a-z_]+\|>"
    r"|^[^\S\n]*(?:reference answer|reply to grade|grade)\s*[:,]"
    r"|\b(?:this|my|the) (?:reply|response|answer)\b.{0,40}\b(?:correct|accurate|perfect|deserves?)\b"
    r"|\bdeserves?\b.{0,20}\b(?:score|points?|marks?|credit|grade)\b"
    r"|\b(?:the reference|reference answer)\b.{0,40}\b(?:states?|match(?:es)?|says?|same|right|correct)\b"
    r"|\b(?:match(?:es)?|same as|stated in|equals?|identical to)\b.{0,20}\breference\b"
    r"|\bfull marks\b|\bdeveloper mode\b|\[/?(?:system|inst)\]|</?(?:score|grade|system)>|'score'\s?:|\b"
    r"(?:grader|grade|judge)\s?:|\bgrade this\b|\bscore 1\b"
    r"|\b(?:judge|grader|evaluator)\b.{0,20}\b(?:should|must|will)\b.{0,15}\b(?:accept|award|score|grade)\b"
    r"|\b(?:ignorez|ignoriere|ignoriert|ignora|ignorar|ignorad|игнорируй|игнорируйте)\b.{0,30}"
    r"(?:instru|anweisung|istruz|инструк)"
    r"|忽略.{0,10}(?:指令|指示|规则|提示)|忽略(?:以上|上述|前面|之前)|满分|参考答案|给.{0,6}(?:满分|1分)",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)

# Cyrillic and Greek letters that look Latin: "ignоre" with one of them reads the same to a judge.
_LOOKALIKES = str.maketrans("аеорсухіѕјԁɡοαеνκ", "aeopcyxisjdgoaevk")


def refused(question: str, reply: str) -> str | None:
    """Why a reply scores 0 without a judge being asked, or None where the judge should see it.

    Codes: empty, too_long, no_content, opener, echo, instruction, repetition.
    """
    if len(reply) > MAX_REPLY_CHARS:
        return "too_long"
    text = clean(reply)
    if not text:
        return "empty"
    folded = fold(text)
    if not any(c.isalnum() for c in folded):
        return "no_content"
    if _OPENERS.fullmatch(folded.strip(" .:")):
        return "opener"
    asked = fold(question)
    if asked and (folded == asked or (len(folded) > 12 and folded in asked)):
        return "echo"
    if _INSTRUCTIONS.search(text) or _INSTRUCTIONS.search(text.translate(_LOOKALIKES)):
        return "instruction"
    words = folded.split()
    if len(words) >= 40 and len(set(words)) <= len(words) // 10:
        return "repetition"
    return None


def build_request(question: str, gold: TypedAnswer, reply: str, *, subject_id: str = "") -> ModelRequest:
    """The question to the judge. The reply stands between markers that it cannot contain."""
    rubric = prompt("rewards", "judge")
    marker = "REPLY-" + hashlib.sha256(f"{question}\0{gold.raw}\0{reply}".encode("utf-8", "replace")).hexdigest()[:16]
    body = reply[:MAX_REPLY_CHARS].encode("utf-8", "replace").decode().replace(marker, "")
    text = (
        f"Question:\n{question}\n\nReference answer:\n{gold.raw}\n\n"
        f"Reply to grade, between the lines {marker}:\n{marker}\n{body}\n{marker}\n\nGrade the reply as JSON."
    )
    return ModelRequest(
        role="judge",
        subject_id=subject_id,
        prompt=rubric.name,
        prompt_version=rubric.version,
        system=rubric.system,
        text=text,
        schema_name=SCHEMA_NAME,
        schema=SCHEMA,
        parameters=dict(PARAMETERS),
    )


def parse(reply: ModelReply | None) -> float | None:
    """The tier that the judge gave; None where there is none, so that the row is left out and never guessed."""
    if reply is None or not reply.ok:
        return None
    judgement = reply.parsed
    if judgement is None:
        try:
            judgement = json.loads(reply.text)
        except (ValueError, TypeError, RecursionError):
            return None
    score = judgement.get("score") if isinstance(judgement, dict) else None
    if isinstance(score, bool) or not isinstance(score, (int, float)) or score not in TIERS:
        return None
    return float(score)
