"""What a policy is asked: the text of an item, as VLMEvalKit puts it, and the request.

Belongs here: text, system prompt rule, sampling. Does not belong here: sending, serving, scoring.
"""

from __future__ import annotations

import json
import re
import string

from resources.calls.messages import ModelRequest
from wethink_assets.accounting import content_id
from wethink_assets.benchmark_sets.registry import Benchmark
from wethink_assets.evaluation.profiles import PROFILES
from wethink_assets.evaluation.scoring import Item
from wethink_assets.rewards.format import SYSTEM_PROMPT
from wethink_assets.settings import EvaluationSettings

SELECT = "Please select the correct answer from the options above."
_IMAGE_MARK = re.compile(r"<image\s*(\d+)>")
VERSION = content_id("evaluation prompts 1", SELECT, SYSTEM_PROMPT)[:12]


def text_of(benchmark: Benchmark, item: Item) -> str:
    """The item's text: hint, question, options, one a line, and the request to select."""
    if benchmark.style == "question" or not item.options:
        body = f"Hint: {item.hint}\n{item.question}" if item.hint else item.question
    else:
        lines = _choice_lines(item)
        lines.append(str(item.extra.get("requirement") or SELECT))
        body = "\n".join(lines)
    body += benchmark.suffix
    # The chat template owns the marker of an image; the images stand before the text, numbered as the text names them.
    return _IMAGE_MARK.sub(r"[image \1]", body).strip()


def wrapper_text(benchmark: Benchmark, item: Item) -> str:
    """The item's text as VLMEvalKit's own prompt builders make it, which the paper's wrapper sends unchanged [A].

    Its spaces and line ends stand as they are there: a greedy policy may answer otherwise to other ones.
    """
    if benchmark.rule == "dynamath":
        form = DYNAMATH_FORMS.get(str(item.extra.get("answer_type", "")), DYNAMATH_FORMS["text"])
        return f"## Question\n {item.question}{DYNAMATH_GUIDE.format(form=form)}{DYNAMATH_EXAMPLE}"
    if benchmark.style == "question":
        return item.question + benchmark.suffix
    body = "\n".join([*_choice_lines(item), ""])
    if item.options and benchmark.rule != "wemath":
        body += f"{SELECT} \n"
    return body + benchmark.suffix


def _choice_lines(item: Item) -> list[str]:
    options = [f"{letter}. {text}" for letter, text in zip(string.ascii_uppercase, item.options, strict=False) if text]
    return [
        *([f"Hint: {item.hint}"] if item.hint else []),
        f"Question: {item.question}",
        *(["Options:"] if options else []),
        *options,
    ]


# DynaMath's answer instruction, the words of its authors as VLMEvalKit sends them, mistakes and all: its score is of replies to these.
DYNAMATH_GUIDE = """
## Answer Instruction Please provide an answer to the question outlined above. Your response should adhere \
to the following JSON format, which includes two keys: 'solution' and 'short answer'. The 'solution' key can contain \
detailed steps needed to solve the question, and the 'short answer' key should provide a concise response. {form}

Example of expected JSON response format:

"""
DYNAMATH_FORMS = {
    "multiple choice": "Provide the corresponing choice option in the 'short answer' key, such as 'A', 'B', 'C', or 'D'.",
    "float": "Format the answer as a three-digit floating-point number and provide it in the 'short answer' key.",
    "text": "Float numbers in the answer should be formatted as three-digit floating-point numbers.",
}
DYNAMATH_EXAMPLE = json.dumps(
    {"solution": "[Detailed step-by-step explanation]", "short answer": "[Concise Answer]"}, indent=4
)
_WRAPPER_VERSION = content_id("wrapper prompts 2", DYNAMATH_GUIDE, DYNAMATH_FORMS, SYSTEM_PROMPT)[:8]


def request(benchmark: Benchmark, item: Item, settings: EvaluationSettings) -> ModelRequest:
    """The request for one item, as the configured profile asks it."""
    profile = PROFILES[settings.profile]
    return ModelRequest(
        role="policy",
        subject_id=item.subject,
        prompt=f"evaluation/{benchmark.name}",
        prompt_version=f"{_WRAPPER_VERSION}-{profile.name}" if profile.wrapper else VERSION,
        system=SYSTEM_PROMPT if benchmark.system else None,
        text=wrapper_text(benchmark, item) if profile.wrapper else text_of(benchmark, item),
        image_ids=item.image_ids,
        interleaved=profile.wrapper and benchmark.style == "interleaved",
        parameters=profile.sampling(benchmark, settings),
    )
