"""The health check of an endpoint: one image request, less of it where that is rejected, and one hard question.

Belongs here: the request, and what its reply proves. Does not belong here: the table (cli/endpoints.py).
"""

from __future__ import annotations

import asyncio
import builtins
import io
from dataclasses import dataclass, field, replace
from typing import Any

from resources.calls.dispatcher import paid_for
from resources.calls.endpoint import Endpoint
from resources.calls.errors import TransientError
from resources.calls.images import SentImages
from resources.calls.messages import CallFailedError, CallsError, ModelRequest
from resources.calls.replies import Reading, read_completion
from resources.calls.rows import Outcome
from resources.calls.usage import CHARS_PER_TOKEN
from resources.calls.wire import body_of
from wethink_assets.settings import EndpointSettings

LEFT, RIGHT = "green", "yellow"
SCHEMA_NAME = "colour_card"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"left": {"type": "string"}, "right": {"type": "string"}},
    "required": ["left", "right"],
    "additionalProperties": False,
}
_TEXT = (
    "Which colour has the left half of this picture, and which the right half? "
    'Reply with one JSON object of two English colour words: {"left": "<colour>", "right": "<colour>"}'
)
_NOT_PROVEN = "not tried"
# Models that think do so for long about it; whether the answer is right is not looked at.
_HARD = (
    "How many whole numbers from 1 to 2,000 are divisible by exactly two of 6, 10 and 15? Think it through, check it "
    "by a second way of counting, and then give the number alone in one short sentence."
)
_HARD_TOKENS = 512
_TIGHT = 0.5  # of the allowance: rows of a run are thought about for several times the median now and then


@dataclass
class Checked:
    """The result of a health check. Each of `image`, `schema`, `usage` and `batch` is "yes", or says what is wrong."""

    role: str
    settings: EndpointSettings
    url: str = ""
    answers: bool = False
    image: str = _NOT_PROVEN
    schema: str = _NOT_PROVEN
    usage: str = _NOT_PROVEN
    batch: str = ""
    reasoning: bool = False
    thinking: str = ""
    served_model: str = ""
    latency_ms: float = 0.0
    cost: float = 0.0
    advice: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether a role can work with it: it answers, and sees images where the role's prompts carry any."""
        return self.answers and (self.image == "yes" or self.role not in SEEING) and self.batch in ("", "yes")


SEEING = ("vlm", "adjudicator", "adjudicator_2", "rewriter")


def card() -> bytes:
    """A PNG whose left half is green and whose right half is yellow."""
    from PIL import Image

    image = Image.new("RGB", (128, 64), (0, 160, 0))
    image.paste((255, 230, 0), (64, 0, 128, 64))
    png = io.BytesIO()
    image.save(png, "PNG")
    return png.getvalue()


class _Card:
    def bytes(self, image_id: str) -> builtins.bytes:
        return card()


async def check(role: str, settings: EndpointSettings, url: str) -> Checked:
    """Check one endpoint; never raises."""
    checked = Checked(role, settings, url)
    try:
        endpoint = Endpoint(role, settings, url)
    except CallsError as error:
        checked.advice.append(str(error))
        return checked
    checked.url = endpoint.name
    try:
        await _ask(checked, endpoint)
        if checked.answers and (settings.thinking or checked.reasoning):
            await _ask_hard(checked, endpoint)
        if settings.transport == "batch":
            await _ask_for_batches(checked, endpoint)
    finally:
        await endpoint.close()
    return checked


async def _ask(checked: Checked, endpoint: Endpoint) -> None:
    plain = ModelRequest(
        role="vlm",
        subject_id="check",
        prompt="check",
        prompt_version="",
        system=None,
        text=_TEXT,
        image_ids=("card",),
        schema_name=SCHEMA_NAME,
        schema=SCHEMA,
        parameters={"max_tokens": 1024},
    )
    ways = [(plain, endpoint.settings)]
    if endpoint.settings.structured_outputs:
        ways.append((plain, endpoint.settings.model_copy(update={"structured_outputs": False})))
    ways.append((replace(plain, image_ids=(), schema=None, text="Say hello."), endpoint.settings))
    for way, (request, settings) in enumerate(ways):
        images = SentImages(_Card())
        try:
            body, _ = await body_of(request, settings, images)
            reading, checked.latency_ms = await endpoint.attempt(
                body,
                lambda answer, r=request, s=settings: read_completion(answer, r, s),
                ticket=endpoint.breaker.begin(),
                tokens=0,
            )
        except CallFailedError as failure:
            checked.advice.append(f"{_what(request, settings)} was rejected: {failure.error}: {failure.detail}")
            continue
        except TransientError as transient:
            checked.advice.append(f"no answer: {transient.problem}: {transient.detail}")
            return
        except CallsError as error:
            checked.advice.append(str(error))
            return
        finally:
            images.close()
        _judge(checked, request, settings, reading, endpoint, way)
        return


def _judge(
    checked: Checked, request: ModelRequest, settings: EndpointSettings, reading: Reading, endpoint: Endpoint, way: int
) -> None:
    checked.answers = True
    checked.cost = paid_for(Outcome(endpoint, reading)).cost
    checked.served_model = reading.served_model or ""
    checked.reasoning = bool(reading.reasoning)
    checked.usage = "no: tokens and cost will be estimates" if reading.estimated else "yes"
    if not request.image_ids:
        checked.image = "no: it answers to text only"
        checked.schema = "no"
        if checked.role in SEEING:
            checked.advice.append(f"role {checked.role} sends images: name a model that sees them")
        return
    if settings.structured_outputs:
        checked.schema = "yes" if reading.problem is None else f"no: {reading.problem}: {reading.detail}"[:120]
    elif way == 0:
        checked.schema = "not used"
    else:
        checked.schema = "no"
        checked.advice.append('it does not take response_format: set structured_outputs = false (or "json_object")')
    answer = (
        " ".join(str(v) for v in reading.parsed.values()).lower()
        if isinstance(reading.parsed, dict)
        else reading.text.lower()
    )
    checked.image = (
        "yes"
        if LEFT in answer and RIGHT in answer
        else f"not proven: it said {answer[:60]!r} of a {LEFT} and {RIGHT} picture"
    )
    if reading.problem and checked.image != "yes":
        checked.image = f"not proven: {reading.problem}: {reading.detail}"[:120]


async def _ask_hard(checked: Checked, endpoint: Endpoint) -> None:
    """One question about which models think for long: which share of the allowance they use."""
    settings = endpoint.settings
    request = ModelRequest(
        role="reasoner",
        subject_id="check",
        prompt="check",
        prompt_version="",
        system=None,
        text=_HARD,
        parameters={"max_tokens": _HARD_TOKENS, "temperature": 0},
    )
    images = SentImages(_Card())
    try:
        body, _ = await body_of(request, settings, images)
        reading, latency_ms = await endpoint.attempt(
            body,
            lambda answer: read_completion(answer, request, settings),
            ticket=endpoint.breaker.begin(),
            tokens=0,
        )
    except (CallFailedError, TransientError, CallsError) as failure:
        checked.thinking = "the hard question failed"
        what = getattr(failure, "detail", "") or str(failure)
        checked.advice.append(
            f"a question with room to think was rejected ({what[:200]}): lower thinking_tokens, or set max_tokens_name"
        )
        return
    finally:
        images.close()
    checked.cost += paid_for(Outcome(endpoint, reading)).cost
    _judge_thinking(checked, settings, reading, latency_ms)


def _judge_thinking(checked: Checked, settings: EndpointSettings, reading: Reading, latency_ms: float) -> None:
    thought = reading.reasoning_tokens
    if thought is None:
        thought = max(0, (reading.completion_tokens or 0) - len(reading.text) // CHARS_PER_TOKEN)
    if not settings.thinking:
        checked.thinking = f"{thought:,} tokens, no allowance"
        checked.advice.append(
            f"it thought {thought:,} tokens about a hard question, which count in max_tokens: set thinking = true"
        )
        return
    share = thought / settings.thinking_tokens if settings.thinking_tokens else 1.0
    checked.thinking = f"{thought:,} of {settings.thinking_tokens:,} tokens ({share:.0%})"
    if reading.problem == "thinking_length":
        checked.advice.append("it thought about a hard question until it was cut off: raise thinking_tokens")
    elif share > _TIGHT:
        checked.advice.append(f"one hard question took {share:.0%} of the allowance: raise thinking_tokens")
    elif not thought:
        checked.advice.append("thinking = true, and it did not think: switch it on in parameters, or leave it out")
    if latency_ms > 500 * settings.timeout_s:
        checked.advice.append(
            f"one hard question took {latency_ms / 1000:.0f} s of {settings.timeout_s:g}: raise timeout_s"
        )


async def _ask_for_batches(checked: Checked, endpoint: Endpoint) -> None:
    try:
        async with asyncio.timeout(min(30.0, endpoint.settings.timeout_s)):
            await endpoint.files.batches.list(limit=1)
        checked.batch = "yes"
    except Exception as error:  # noqa: BLE001 - any error is what is reported
        checked.batch = "no"
        checked.advice.append(f'no Batch API ({endpoint.redact(str(error))[:200]}): set transport = "chat"')


def _what(request: ModelRequest, settings: EndpointSettings) -> str:
    if not request.image_ids:
        return "a text request"
    return f"an image request {'with' if settings.structured_outputs else 'without'} response_format"
