"""What a policy is asked: the text of an item, as VLMEvalKit puts it, and the request.

Belongs here: text, system prompt rule, sampling. Does not belong here: sending, serving, scoring.
"""

from __future__ import annotations

import json
import re
import string

from resources.requests import ModelRequest
from wethink_assets.accounting import content_id
from wethink_assets.evaluation.profiles import PROFILES
from wethink_assets.evaluation.registry import Benchmark
from wethink_assets.evaluation.scoring import Item
from wethink_assets.rewards.format import SYSTEM_PROMPT
from wethink_assets.settings import EvaluationSettings

SELECT = "Please select the correct answer from the options above."
DYNAMATH_FORMS = {
    "multiple choice": "Give the letter of the option, such as 'A', as the short answer.",
    "float": "Give the short answer as a number with three decimals.",
    "text": "Give numbers within the short answer with three decimals.",
}
_IMAGE_MARK = re.compile(r"<image\s*(\d+)>")
VERSION = content_id("evaluation prompts 1", SELECT, SYSTEM_PROMPT)[:12]


def text_of(benchmark: Benchmark, item: Item, *, guides: bool = False) -> str:
    """The item's text: hint, question, options, one a line, and the request to select.

    `guides`: as VLMEvalKit does, DynaMath asks for JSON and We-Math names its options alone.
    """
    if benchmark.style == "question" or not item.options:
        body = f"Hint: {item.hint}\n{item.question}" if item.hint else item.question
    else:
        lines = [f"Hint: {item.hint}"] if item.hint else []
        lines += [f"Question: {item.question}", "Options:"]
        lines += [
            f"{letter}. {text}" for letter, text in zip(string.ascii_uppercase, item.options, strict=False) if text
        ]
        if not (guides and benchmark.rule == "wemath"):
            lines.append(str(item.extra.get("requirement") or SELECT))
        body = "\n".join(lines)
    if guides and benchmark.rule == "dynamath":
        body = f"## Question\n {body}{_dynamath_guide(item)}"
    body += benchmark.suffix
    # The chat template owns the marker of an image; the images stand before the text, numbered as the text names them.
    return _IMAGE_MARK.sub(r"[image \1]", body).strip()


def _dynamath_guide(item: Item) -> str:
    """DynaMath's request for a JSON reply, of which the rule reads the key "short answer"; the keys are its authors'."""
    kind = DYNAMATH_FORMS.get(str(item.extra.get("answer_type", "")), DYNAMATH_FORMS["text"])
    keys = json.dumps({"solution": "[the steps]", "short answer": "[the answer]"}, indent=4)
    return f"\n## Answer Instruction\nReply with a JSON object of two keys, 'solution' and 'short answer'. {kind}\n\n{keys}"


def request(benchmark: Benchmark, item: Item, settings: EvaluationSettings) -> ModelRequest:
    """The request for one item, as the configured profile asks it."""
    profile = PROFILES[settings.profile]
    return ModelRequest(
        role="policy",
        subject_id=item.subject,
        prompt=f"evaluation/{benchmark.name}",
        prompt_version=VERSION if profile.name == "plain" else f"{VERSION[:8]}-{profile.name}",
        system=SYSTEM_PROMPT if benchmark.system else None,
        text=text_of(benchmark, item, guides=profile.guides),
        image_ids=item.image_ids,
        parameters=profile.sampling(benchmark, settings),
    )
