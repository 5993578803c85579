"""Rows of a release with the texts and names that break loaders, and their pictures."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from PIL import Image

NASTY = (
    "one line\u2028and\u2029another\u0085end",
    "a NUL \0 inside",
    "half a pair \ud83d here",
    'quotes " and \\ and\ttab',
    "two\nlines, then\r\na third",
    "汉字, ümlaut, 🙂",
    "=1+1",
)
NAMES = ("CLEVR_v1.0/a..b.jpg", "coco/train 2017/x.tar.png", "ai2d/图/1.webp", "chartqa/plain.gif", "coco/no_ending")
LICENCES = ("CC BY 4.0", "CC BY-NC-SA 4.0", "no licence stated; research use")


def draw(folder: Path) -> dict[str, Path]:
    """A picture for each name, in the format that its ending says (PNG where it says none), by image id."""
    pictures = {}
    for number, name in enumerate(NAMES):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        form = {".jpg": "JPEG", ".webp": "WEBP", ".gif": "GIF"}.get(path.suffix, "PNG")
        Image.new("RGB", (12 + number, 10), (number * 40, 90, 200)).save(path, form)
        pictures[hashlib.sha256(path.read_bytes()).hexdigest()] = path
    return pictures


def rows(pictures: dict[str, Path], folder: Path, count: int) -> list[dict]:
    """`count` rows over all pictures; three of four train, and every second path holds a literal `<image>`."""
    ids = list(pictures)
    made = []
    for number in range(count):
        image_id = ids[number % len(ids)]
        nasty = NASTY[number % len(NASTY)]
        split = "heldout" if number % 4 == 3 else "train"
        made.append(
            {
                "split": split,
                "position": number,
                "sample_id": hashlib.sha256(f"{number}".encode()).hexdigest(),
                "image_id": image_id,
                "image_path": pictures[image_id].relative_to(folder).as_posix(),
                "source": "coco" if number % 2 else "chartqa",
                "batch": "batch1",
                "licence": LICENCES[number % len(LICENCES)],
                "problem": f"What is it? {nasty}",
                "answer": f"{number}",
                "answer_typed": json.dumps({"type": "number", "text": f"{number}"}),
                "answer_type": "number",
                "category": "FIB",
                "abilities": ["math", "ocr"],
                "refined_cot": f"Look {'at <image> here' if number % 2 else 'at it'}. {nasty}",
                "reward": "rule",
            }
        )
    return made
