"""A published file with its images: rows in the seven-field form, one for each defect that an import knows."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from PIL import Image

GOOD = {
    "problem": "How many boats are on the left of the tall lighthouse?",
    "answer": "3",
    "category": "FIB",
    "abilities": ["recognition", "math"],
    "refined_cot": "There are three boats on the left, so the answer is 3.",
    "image_path": "coco/1.png",
    "reward": "rule",
}
CHOICE = {
    **GOOD,
    "category": "MC",
    "answer": "B",
    "problem": "Which colour is it?\nA. red\nB. blue",
    "refined_cot": "The hull has the colour of the sea, which is blue. So the answer is B.",
}
DESCRIPTION = {
    **GOOD,
    "problem": "What does the picture show?",
    "category": "DES",
    "answer": "A harbour at dusk.",
    "reward": "model",
}

# Rows that are taken, by the repair that they need; None: none.
TAKEN: dict[str | None, dict[str, Any]] = {
    None: GOOD,
    "white_space": {**GOOD, "problem": "  Which number is on the sail? \n", "image_path": "coco/2.png"},
    "characters": {**GOOD, "problem": "Which \0 number is on the flag \ud800?"},
    "media_tag": {**GOOD, "problem": "<image>\n<image>How many masts has the ship?"},
    "outer_tags": {**GOOD, "problem": "How many oars?", "refined_cot": "<think>There are 3.</think><answer>3</answer>"},
    "options_from_text": {**CHOICE, "problem": "Which hull is it? (A) red (B) blue (C) green", "answer": "B"},
    "answer_as_letter": {**CHOICE, "answer": "blue", "image_path": "chartqa/3.png"},
    "answer_as_text": {**GOOD, "problem": "How many gulls are there?", "answer": 3},
    "category_name": {**GOOD, "problem": "How many ropes are there?", "category": "fill in the blank"},
    "abilities": {**GOOD, "problem": "How many buoys are there?", "abilities": "ocr, math"},
    "image_path": {**GOOD, "problem": "How many nets are there?", "image_path": "./coco//2.png"},
    "reward_missing": {k: v for k, v in GOOD.items() if k != "reward"} | {"problem": "How many anchors are there?"},
    "reward_changed": {**DESCRIPTION, "reward": "rule"},
    "to_the_judge": {**GOOD, "problem": "Which box?", "answer": "\\boxed{}x", "image_path": "odd/4.png"},
    "other_fields": {**GOOD, "problem": "How many sailors are there?", "id": 7},
}
# Rows that are not, by the verdict and reason that stop them.
STOPPED: dict[tuple[str, str], dict[str, Any]] = {
    ("dropped", "tag_in_text"): {**GOOD, "refined_cot": "It is <think> three </think> or <answer> four."},
    ("dropped", "placeholder_in_text"): {**GOOD, "problem": "What is in <image> on the left?"},
    ("dropped", "empty_text"): {**GOOD, "refined_cot": " … "},
    ("dropped", "unknown_category"): {**GOOD, "category": "XYZ"},
    ("dropped", "bad_options"): {**CHOICE, "problem": "Which colour?"},
    ("dropped", "answer_not_an_option"): {**CHOICE, "answer": "purple"},
    ("dropped", "bad_image_path"): {**GOOD, "image_path": "/etc/passwd"},
    ("dropped", "unverifiable_answer"): {**GOOD, "answer": "?"},
    ("dropped", "answer_too_long"): {**GOOD, "answer": "word " * 2_000},
    ("dropped", "text_too_long"): {**GOOD, "refined_cot": "word " * 30_000},
    ("dropped", "path_ends_elsewhere"): {**GOOD, "problem": "How many?", "refined_cot": "Boats lie at the pier."},
    ("dropped", "repeated_question"): {**GOOD, "abilities": ["ocr"]},
    ("failed", "missing_image"): {**GOOD, "image_path": "coco/gone.png"},
    ("failed", "path_leaves_folder"): {**GOOD, "image_path": "coco/link.png"},
    ("failed", "not_an_image"): {**GOOD, "image_path": "coco/text.png"},
    ("failed", "missing_field"): {k: v for k, v in GOOD.items() if k != "answer"},
    ("failed", "wrong_type"): {**GOOD, "problem": ["a", "list"]},
}
# Lines that are no rows, by verdict and reason.
LINES: dict[tuple[str, str], bytes] = {
    ("dropped", "empty_line"): b"",
    ("failed", "no_json"): b'{"problem": "cut off',
    ("failed", "no_object"): b"[1, 2]",
    ("failed", "not_utf8"): b'{"problem": "\xff"}',
}


def draw(path: Path, colour: tuple[int, int, int], mode: str = "RGB") -> None:
    """A small picture of its own colour and pattern."""
    image = Image.new(mode, (32, 24), (*colour, 90) if mode == "RGBA" else colour)
    for x in range(32):
        image.putpixel((x, (x * (1 + colour[0] % 7)) % 24), (*colour[::-1], 255) if mode == "RGBA" else colour[::-1])
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(buffer.getvalue())


def publish(folder: Path, rows: Iterable[dict[str, Any]], lines: Iterable[bytes] = ()) -> tuple[Path, Path]:
    """The file and the folder of images, drawn: one is RGBA, so that its picture is a copy."""
    images = folder / "images"
    for number, name in enumerate(("coco/1.png", "coco/2.png", "chartqa/3.png", "odd/4.png")):
        draw(images / name, (40 + number * 50, 90, 200 - number * 40), "RGBA" if number == 1 else "RGB")
    (images / "coco" / "text.png").write_text("no picture")
    (folder / "outside.png").write_bytes((images / "coco/1.png").read_bytes())
    (images / "coco" / "link.png").symlink_to(folder / "outside.png")
    file = folder / "published.jsonl"
    file.write_bytes(b"".join([*(json.dumps(row).encode() + b"\n" for row in rows), *(line + b"\n" for line in lines)]))
    return file, images
