"""LLaVA-style conversation files: LLaVA-Pretrain, the ShareGPT4V web sources, and WikiArt with its label lists.

Belongs here: conversations, long captions and WikiArt's label lists as their projects write them. Does not belong here:
reading them (wethink_assets/sources/readers/).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wethink_assets.demo.pack.kinds.art import GENRES, STYLES
from wethink_assets.demo.pack.native.streams import dump_array, replacing
from wethink_assets.demo.pack.plan import Picture, Pictures

ASKS = (
    "Render a clear and concise summary of the photo.",
    "Write a terse but informative summary of the picture.",
    "Give a brief description of the image.",
    "What is this?",
)
LONG_ASKS = (
    "What do you see happening in this image?",
    "Describe this image in detail.",
    "Can you describe the main features of this image for me?",
)


def write_llava(folder: Path, pictures: Pictures) -> None:
    """`image` is relative to the image folder, and the image mark stands before or after the request."""

    def records() -> Iterator[dict[str, Any]]:
        for p in pictures:
            ask = ASKS[p.number % len(ASKS)]
            yield {
                "id": f"{p.number:09d}",
                "image": p.name.removeprefix("llava_pretrain/images/"),
                "conversations": [
                    {"from": "human", "value": f"{ask}\n<image>" if p.position % 2 else f"<image>\n{ask}"},
                    {"from": "gpt", "value": p.scene.caption.rstrip(".").lower()},
                ],
            }

    dump_array(folder / "blip_laion_cc_sbu_558k.json", records())


def write_captions(folder: Path, pictures: Pictures) -> None:
    """ShareGPT4V: long captions; `image` is relative to the root of all sources."""

    def records() -> Iterator[dict[str, Any]]:
        for p in pictures:
            ask = LONG_ASKS[p.number % len(LONG_ASKS)]
            yield {
                "id": p.file_name.rsplit(".", 1)[0],
                "image": p.uri,
                "conversations": [
                    {"from": "human", "value": f"<image>\n{ask}" if p.position % 2 else f"{ask}\n<image>"},
                    {"from": "gpt", "value": long_caption(p)},
                ],
            }

    dump_array(folder / f"sharegpt4v_{folder.name}.json", records())


def long_caption(p: Picture) -> str:
    """The caption and every fine fact."""
    return " ".join(
        [
            "In the image, the main thing stands out at once.",
            p.scene.caption,
            *dict.fromkeys(answer for _, answer in p.scene.details),
        ]
    )


def write_wikiart(folder: Path, pictures: Pictures) -> None:
    write_captions(folder, pictures)
    with replacing(folder / "Style/style_class.txt") as out:
        out.write("".join(f"{i} {name}\n" for i, name in enumerate(STYLES)))
    with replacing(folder / "Style/style_train.csv") as out:
        for p in pictures:
            style = p.scene.extra.get("style", STYLES[0])
            out.write(f"{p.name},{STYLES.index(style)}\n")
    with replacing(folder / "Genre/genre_class.txt") as out:
        out.write("0 abstract_painting\n1 still_life\n")
    with replacing(folder / "Genre/genre_train.csv") as out:
        for p in pictures:
            out.write(f"{p.name},{p.number % 2 if p.scene.extra.get('genre') in GENRES else 0}\n")
