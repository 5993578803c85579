"""Stub models that think: an OpenAI-compatible endpoint which answers every stage for any picture, from its pixels.

Run `python -m benchmarks.stub_models [--port 0] [--thinks 800]`; it prints its URL. Every reply follows from the
request alone. What it knows of a picture are measures (size, the brighter third and half, the strongest colour), which
the description states, so that answers from description and picture agree unless a fault is drawn. Before each reply it
thinks a log-normal number of tokens, which count in `max_tokens`; what does not fit is cut off with `length`.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import io
import json
import math
import random
import re
from functools import lru_cache
from typing import Any

from aiohttp import web
from PIL import Image

from wethink_assets.demo.teacher import judging

SIGMA = 0.7  # of the thinking's logarithm
WRONG, ILL, UNSEEN, LOST = 0.06, 0.05, 0.05, 0.02  # shares of faults
FACTS = {
    "width": r"is (\d+) pixels wide",
    "height": r"and (\d+) pixels high",
    "third": r"the (left|middle|right) third is the brightest",
    "half": r"the (upper|lower) half is the darker",
    "colour": r"The strongest of the three primary colours is (red|green|blue)",
}
MC, FIB, DES = "MC", "FIB", "DES"
QUESTIONS: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...], str], ...] = (
    ("Compare the left, middle and right thirds: which of them is the brightest on average?", MC,
     ("left", "middle", "right"), ("recognition", "spatial"), "third"),
    ("Divide the picture into an upper and a lower half: which half is the darker one?", MC,
     ("upper", "lower"), ("spatial",), "half"),
    ("Averaged over all pixels, which primary colour is the strongest in this picture?", MC,
     ("red", "green", "blue"), ("recognition",), "colour"),
    ("What is the sum of the picture's width and height in pixels?", FIB, (), ("math",), "sum"),
    ("By how many pixels do the picture's two sides differ?", FIB, (), ("math", "spatial"), "difference"),
    ("Which one word names the strongest primary colour of the whole picture?", FIB, (), ("recognition",), "colour"),
    ("Describe how light and colour are spread over the picture.", DES, (), ("recognition", "spatial"), "light"),
)  # fmt: skip
DETAILS = ("What is the strongest primary colour?", "Which half is the darker one?")


@lru_cache(maxsize=4_096)
def _measured(data: bytes) -> tuple[tuple[str, str], ...]:
    with Image.open(io.BytesIO(data)) as picture:
        width, height = picture.size
        small = picture.convert("RGB").resize((48, 48))
    grey = small.convert("L")

    def mean(box: tuple[int, int, int, int]) -> float:
        part = grey.crop(box)
        return sum(part.tobytes()) / (part.width * part.height)

    thirds = {"left": (0, 0, 16, 48), "middle": (16, 0, 32, 48), "right": (32, 0, 48, 48)}
    halves = {"upper": (0, 0, 48, 24), "lower": (0, 24, 48, 48)}
    channels = dict(zip(("red", "green", "blue"), (sum(band.tobytes()) for band in small.split()), strict=True))
    return (
        ("width", str(width)),
        ("height", str(height)),
        ("third", max(thirds, key=lambda name: mean(thirds[name]))),
        ("half", min(halves, key=lambda name: mean(halves[name]))),
        ("colour", max(channels, key=lambda name: channels[name])),
        ("seal", hashlib.sha256(data).hexdigest()[:8]),
    )


class Request:
    """What a request says, as far as the stub reads it."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.key = hashlib.sha256(json.dumps(body["messages"], sort_keys=True).encode()).hexdigest()
        self.texts: list[str] = []
        self.images: list[bytes] = []
        for message in body["messages"]:
            content = message.get("content")
            parts: list[dict[str, Any]] = (
                content if isinstance(content, list) else [{"type": "text", "text": content or ""}]
            )
            for part in parts:
                if part["type"] == "text":
                    self.texts.append(part["text"])
                else:
                    self.images.append(base64.b64decode(part["image_url"]["url"].partition(",")[2]))
        self.text = "\n".join(self.texts)
        form = (body.get("response_format") or {}).get("json_schema") or {}
        self.stage, self.schema = form.get("name", ""), form.get("schema") or {}
        self.room = int(body.get("max_tokens") or body.get("max_completion_tokens") or 32_768)
        self.facts = self._facts()

    def part(self, name: str) -> str:
        match = re.search(rf"<{name}>\n?(.*?)\n?</{name}>", self.text, re.DOTALL)
        return match[1] if match else ""

    def chance(self, *what: object) -> float:
        """A number in [0, 1) that follows from the request and `what`."""
        return int(hashlib.sha256(repr((self.key, what)).encode()).hexdigest()[:12], 16) / 16**12

    def _facts(self) -> dict[str, str]:
        if self.images:
            return dict(_measured(self.images[-1]))
        description = self.part("description")
        found = {name: m[1] for name, pattern in FACTS.items() if (m := re.search(pattern, description))}
        seal = re.search(r"Seal ([0-9a-f]{8})", description)
        return {**found, "seal": seal[1] if seal else self.key[:8]}


def describe(facts: dict[str, str]) -> str:
    return (
        f"The picture is {facts['width']} pixels wide and {facts['height']} pixels high. On average, the "
        f"{facts['third']} third is the brightest, and the {facts['half']} half is the darker of the two. The "
        f"strongest of the three primary colours is {facts['colour']}. Seal {facts['seal']}."
    )


def truth(kind: str, facts: dict[str, str]) -> str:
    if kind == "light":
        return (
            f"The {facts.get('third')} third is the brightest and the {facts.get('half')} half the darker one, and "
            f"{facts.get('colour')} is the strongest colour."
        )
    width, height = int(facts.get("width", 0)), int(facts.get("height", 0))
    return {"sum": str(width + height), "difference": str(abs(width - height))}.get(kind) or facts.get(kind, "unknown")


def answer(request: Request) -> dict[str, Any]:
    """The object that a stage asks for."""
    facts, stage = request.facts, request.stage
    if stage == "description":
        return {"description": describe(facts)}
    if stage == "missing_details":
        known = request.part("known_details")
        return {"questions": [q for q in DETAILS if q not in known][: 2 if request.chance("details") < 0.5 else 1]}
    if stage == "visual_answer":
        numbered = re.findall(r"^(\d+)\. (.+)$", request.part("questions"), re.MULTILINE)
        said = {DETAILS[0]: f"It is {facts['colour']}.", DETAILS[1]: f"It is the {facts['half']} half."}
        return {"answers": [{"number": int(n), "answer": said.get(q.strip(), "")} for n, q in numbered]}
    if stage == "merged_description":
        details = re.findall(r"\? (It is [^\n]+)", request.part("known_details"))
        return {"description": " ".join([request.part("description"), *details])}
    if stage == "question_list":
        order = sorted(QUESTIONS, key=lambda q: hashlib.sha256((facts["seal"] + q[0]).encode()).hexdigest())
        count = int(request.schema.get("properties", {}).get("questions", {}).get("maxItems", 3))
        return {
            "questions": [
                {"question": q, "category": c, "options": list(o), "abilities": ["reasoning", *a]}
                for q, c, o, a, _ in order[:count]
            ]
        }
    if stage == "well_posed":
        good = request.chance("ill") >= ILL
        return {"reason": "One thing is asked." if good else "It can be read in two ways.", "well_posed": good}
    if stage == "answerable":
        good = request.chance("unseen") >= UNSEEN
        return {"reason": "It is visible." if good else "It cannot be told from the picture.", "answerable": good}
    if stage == "answer":
        return _answered(request)
    if stage == "adjudication":
        right = _solution(request)[0]
        hits = [name for name in ("first", "second") if _same(request.part(f"{name}_answer"), right)]
        return {"reason": "I looked.", "choice": hits[0] if hits else "neither"}
    if stage == "refined_path":
        final = request.part("final_answer")
        good = request.chance("path") >= LOST
        return {"refined_cot": f"I measure what is asked for in the picture. The answer is {final}", "consistent": good}
    if stage == "colour_card":
        return _halves(request.images[-1])
    return judging.reply(request.text, request.schema, request.chance("judge"))


def _solution(request: Request) -> tuple[str, str, tuple[str, ...]]:
    """The right answer as the question wants it (a letter where there are options), its kind, the options."""
    asked = request.part("question")
    kind = next((kind for q, c, _, _, kind in QUESTIONS if asked.startswith(q)), "")
    options = tuple(re.findall(r"^\(?[A-F][.):]\s+(.+)$", asked, re.MULTILINE))
    right = truth(kind, request.facts) if kind else "unknown"
    return ("ABCDEF"[options.index(right)] if right in options else right), kind, options


def _answered(request: Request) -> dict[str, Any]:
    right, kind, options = _solution(request)
    given = right
    if request.chance("wrong") < WRONG:
        others = [letter for letter in "ABCDEF"[: len(options)] if letter != right]
        given = others[0] if others else f"{right}0" if right.isdigit() else "It cannot be told."
    chain = f"I look at the picture and compare its parts. I measure {kind or 'what is asked'}, and look again."
    return {"reasoning": f"{chain} The answer is {given}", "answer": given}


def _halves(data: bytes) -> dict[str, str]:
    """The colours of the two halves, as the check of endpoints asks for them."""
    names = {"red": (255, 0, 0), "green": (0, 128, 0), "blue": (0, 0, 255), "yellow": (255, 255, 0)}
    with Image.open(io.BytesIO(data)) as picture:
        pixels = picture.convert("RGB").resize((4, 4)).tobytes()
    row = pixels[4 * 3 : 8 * 3]  # the second of four
    seen = {"left": row[:3], "right": row[-3:]}
    return {
        side: min(names, key=lambda name: sum(abs(a - b) for a, b in zip(names[name], colour, strict=True)))
        for side, colour in seen.items()
    }


def _same(given: str, right: str) -> bool:
    return given.strip().casefold().rstrip(".") == right.strip().casefold().rstrip(".")


def application(thinks: float) -> web.Application:
    """The endpoint; `thinks` tokens at the median before each reply."""

    async def complete(http: web.Request) -> web.Response:
        request = Request(await http.json())
        content = json.dumps(answer(request)) if request.schema else describe_or_say(request)
        thoughts = int(thinks * math.exp(random.Random(request.key).gauss(0, SIGMA)))
        visible = len(content) // 4 + 1
        reason = "stop"
        if thoughts + visible > request.room:
            reason = "length"
            thoughts = min(thoughts, request.room)
            visible = max(0, request.room - thoughts)
            content = content[: visible * 4] if visible else None
        prompt = len(request.text) // 4 + 400 * len(request.images)
        message = {"role": "assistant", "content": content, "reasoning_content": "I look again. " * (thoughts // 4)}
        usage = {
            "prompt_tokens": prompt,
            "completion_tokens": thoughts + visible,
            "total_tokens": prompt + thoughts + visible,
            "completion_tokens_details": {"reasoning_tokens": thoughts},
        }
        choice = {"index": 0, "message": message, "finish_reason": reason}
        return web.json_response(
            {"id": f"c-{request.key[:16]}", "object": "chat.completion", "created": 0, "model": "stub-that-thinks",
             "choices": [choice], "usage": usage}
        )  # fmt: skip

    app = web.Application(client_max_size=1 << 28)
    app.router.add_post("/v1/chat/completions", complete)
    return app


def describe_or_say(request: Request) -> str:
    """The reply to a request without a schema."""
    return describe(request.facts) if request.images else "The answer is 42."


async def _serve(port: int, thinks: float) -> None:
    runner = web.AppRunner(application(thinks), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}/v1", flush=True)
    await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--thinks", type=float, default=800, help="tokens before a reply, at the median")
    chosen = parser.parse_args()
    asyncio.run(_serve(chosen.port, chosen.thinks))


if __name__ == "__main__":
    main()
