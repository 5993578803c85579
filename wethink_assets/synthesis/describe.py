"""Stage 1, image description (dense captioning): a coarse description of every image, by the VLM.

Belongs here: hints from the source's annotations, the request, the row.
Does not belong here: the native formats (sources), details that are missing (refine.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from wethink_assets.accounting import StageResult, Stopped, content_id
from wethink_assets.gates import no_rows
from wethink_assets.synthesis.rows import ImageToDescribe
from wethink_assets.synthesis.stage import StageSpec
from wethink_assets.synthesis.stage_calls import CallModels, failed, field, request, tidy
from wethink_assets.written_rows import DescriptionRow

MAX_NOTES_CHARS = 1_500
_MAX_ENTRIES = 24


def run(rows: Sequence[ImageToDescribe], ask: CallModels, *, batch: str, seed: int = 0) -> StageResult:
    """Coarse descriptions, one per image; `rows` as synthesis/select_images_to_describe gives them."""
    requests = [
        request("describe", r["image_id"], {"notes": notes(r.get("context"))}, image_ids=[r["image_id"]], seed=seed)
        for r in rows
    ]
    described: list[DescriptionRow] = []
    stopped: list[Stopped] = []
    for row, reply in zip(rows, ask(requests), strict=True):
        text = tidy(field(reply, "description"))
        if text is None:
            stopped.append(failed(row["image_id"], reply, "describing the image"))
            continue
        described.append(
            {
                "description_id": content_id("description", row["image_id"], text),
                "image_id": row["image_id"],
                "batch": batch,
                "text": text,
                "call_id": reply.call_id,
            }
        )
    return StageResult(len(rows), len(described), {"descriptions": described}, failed=stopped)


def notes(context: str | Mapping[str, Any] | None) -> str:
    """Hints for the captioner from the source's own annotations, at most `MAX_NOTES_CHARS` characters, or "(none)".

    The source's questions and answers stay out: some of them are benchmark questions.
    """
    try:
        given = json.loads(context) if isinstance(context, str) else (context or {})
    except ValueError:
        given = {}
    if not isinstance(given, Mapping):
        return "(none)"
    lines = [
        _line("Captions", given.get("captions"), ("text", "caption"), " "),
        _line("Objects", given.get("objects"), ("name", "label"), ", "),
        _line("Text in the image", given.get("text_tokens"), ("text", "word"), " "),
        _line("Facts", _facts(given.get("facts")), (), "; "),
        _line("Data", _table(given.get("table")), (), "; "),
    ]
    return "\n".join(line for line in lines if line)[:MAX_NOTES_CHARS] or "(none)"


def _facts(value: Any) -> list[str]:
    return [f"{name} {fact}" for name, fact in value.items()] if isinstance(value, Mapping) else []


def _table(value: Any) -> list[str]:
    """Lines of a chart's data, header first."""
    if not isinstance(value, Mapping):
        return []
    rows = value.get("rows")
    lines = [value.get("header"), *(rows if isinstance(rows, list) else [])]
    return [", ".join(map(str, line)) for line in lines if isinstance(line, list)]


def _line(title: str, entries: Any, names: Sequence[str], separator: str) -> str:
    if not isinstance(entries, list):
        return ""
    words = []
    for entry in entries[:_MAX_ENTRIES]:
        if isinstance(entry, Mapping):
            entry = next((entry[name] for name in names if entry.get(name)), None)
        if text := tidy(entry):
            words.append(" ".join(text.split()))
    return f"{title}: {separator.join(words)}" if words else ""


STAGE = StageSpec(
    name="descriptions",
    table="descriptions",
    description="Stage 1: a coarse description of every image of the pool, by the VLM.",
    parents=("image_pool",),
    reads="synthesis/select_images_to_describe",
    run=lambda rows, at: run(rows, at.ask, batch=at.batch, seed=at.seed),
    prompts=("describe",),
    gates=(
        no_rows(
            "descriptions_differ",
            "synthesis/find_repeated_descriptions",
            "One text for three or more images: repeated texts show that images do not reach the model.",
        ),
    ),
    columns_shown=("text",),
)
