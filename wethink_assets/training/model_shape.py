"""Model shape (config.json): the sizes of a vision-language model that decide how much memory it takes.

Belongs here: published shapes, reading a checkpoint's, counting its parameters. Pure, loads no weights. Does not belong
here: what training needs besides them (memory_plan.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

KIND = "qwen2_5_vl"


class UnknownShapeError(ValueError):
    """The model's shape is not known here, so that its memory cannot be computed; the message says why."""


@dataclass(frozen=True)
class VisionShape:
    """The vision tower of Qwen2.5-VL. `merge` x `merge` patches become one token; `frames` is the patch's depth."""

    layers: int
    width: int
    ffn: int
    out: int
    patch: int = 14
    merge: int = 2
    frames: int = 2
    channels: int = 3

    @property
    def pixels_per_token(self) -> int:
        """28 x 28 in the published models."""
        return (self.patch * self.merge) ** 2

    @property
    def numbers_per_patch(self) -> int:
        """Numbers that the image processor makes of a patch: an image is repeated to fill `frames`."""
        return self.channels * self.frames * self.patch**2

    @property
    def parameters(self) -> int:
        """All parameters: patch embedding, blocks (RMS norms, attention and gated MLP with biases), merger."""
        w, f = self.width, self.ffn
        block = 2 * w + (w * 3 * w + 3 * w) + (w * w + w) + 2 * (w * f + f) + (f * w + w)
        merged = w * self.merge**2
        merger = w + (merged * merged + merged) + (merged * self.out + self.out)
        return self.numbers_per_patch * w + self.layers * block + merger


@dataclass(frozen=True)
class ModelShape:
    """A Qwen2.5-VL by its sizes.

    `pixels` are the least and most that training scales an image to; `largest` is the most of the model's own image
    processor, which a server makes room for.
    """

    name: str
    source: str
    layers: int
    width: int
    heads: int
    kv_heads: int
    ffn: int
    vocabulary: int
    tied: bool
    vision: VisionShape
    pixels: tuple[int, int]
    largest: int

    @property
    def kv_width(self) -> int:
        """Width of the keys, and of the values, of one token in one layer."""
        return self.kv_heads * self.width // self.heads

    @property
    def head_parameters(self) -> int:
        """Parameters of the embedding, which are those of the output head: the largest tensor."""
        return self.vocabulary * self.width

    @property
    def parameters(self) -> int:
        """All parameters: embedding and head (one where they are tied), layers, vision tower."""
        h, kv = self.width, self.kv_width
        layer = 2 * h + (h * h + h) + 2 * (h * kv + kv) + h * h + 3 * h * self.ffn
        heads = self.head_parameters * (1 if self.tied else 2)
        return heads + self.layers * layer + h + self.vision.parameters

    def lora_parameters(self, rank: int) -> int:
        """Parameters of adapters of a rank beside all linear layers of the language model: rank x (in + out) of each
        (Hu et al. 2021, arXiv 2106.09685)."""
        h, kv = self.width, self.kv_width
        return self.layers * rank * (2 * (h + h) + 2 * (h + kv) + 3 * (h + self.ffn))

    def image_tokens(self, pixels: int) -> int:
        """Tokens of an image of so many pixels."""
        return -(-pixels // self.vision.pixels_per_token)


_PIXELS = (3_136, 12_845_056)


def _published(
    size: str, *, layers: int, width: int, heads: int, kv_heads: int, ffn: int, vocabulary: int, tied: bool
) -> ModelShape:
    """A checkpoint by config.json and preprocessor_config.json as the authors of Qwen2.5-VL published them."""
    return ModelShape(
        f"Qwen/Qwen2.5-VL-{size}-Instruct",
        "its published config.json",
        layers=layers,
        width=width,
        heads=heads,
        kv_heads=kv_heads,
        ffn=ffn,
        vocabulary=vocabulary,
        tied=tied,
        vision=VisionShape(32, 1_280, 3_420, width),
        pixels=_PIXELS,
        largest=_PIXELS[1],
    )


PUBLISHED = {
    shape.name: shape
    for shape in (
        _published("3B", layers=36, width=2_048, heads=16, kv_heads=2, ffn=11_008, vocabulary=151_936, tied=True),
        _published("7B", layers=28, width=3_584, heads=28, kv_heads=4, ffn=18_944, vocabulary=152_064, tied=False),
        ModelShape(
            "tiny",
            "training/tiny_policy.py",
            layers=3,
            width=96,
            heads=3,
            kv_heads=3,
            ffn=256,
            vocabulary=768,
            tied=True,
            vision=VisionShape(2, 96, 192, 96),
            pixels=(3_136, 7_056),
            largest=7_056,
        ),
    )
}


def shape_of(base: str, pixels: tuple[int | None, int | None] = (None, None)) -> ModelShape:
    """The shape of a checkpoint: of its folder's config.json, or published under its name. `pixels` overrides its
    image processor's least and most.

    Raises:
        UnknownShapeError: it is no Qwen2.5-VL, or a name that is not listed here.
    """
    folder = Path(base).expanduser()
    if base in PUBLISHED:
        shape = PUBLISHED[base]
    elif (folder / "config.json").is_file():
        shape = _read(folder)
    else:
        raise UnknownShapeError(f"the shape of {base!r} is not known before it is loaded: {', '.join(PUBLISHED)} are")
    least, most = (given or own for given, own in zip(pixels, shape.pixels, strict=True))
    return replace(shape, pixels=(min(least, most), most))


def _read(folder: Path) -> ModelShape:
    config = _object(folder / "config.json")
    text: dict[str, Any] = {**config, **(config.get("text_config") or {})}
    vision = config.get("vision_config") or {}
    if config.get("model_type") != KIND:
        raise UnknownShapeError(f"{folder} is a {config.get('model_type')} model: memory is planned for {KIND} alone")
    try:
        tower = VisionShape(
            vision["depth"],
            vision["hidden_size"],
            vision["intermediate_size"],
            vision["out_hidden_size"],
            vision.get("patch_size", 14),
            vision.get("spatial_merge_size", 2),
            vision.get("temporal_patch_size", 2),
            vision.get("in_channels") or vision.get("in_chans") or 3,
        )
        return ModelShape(
            str(folder),
            "its config.json",
            layers=text["num_hidden_layers"],
            width=text["hidden_size"],
            heads=text["num_attention_heads"],
            kv_heads=text["num_key_value_heads"],
            ffn=text["intermediate_size"],
            vocabulary=text["vocab_size"],
            tied=bool(config.get("tie_word_embeddings", text.get("tie_word_embeddings", False))),
            vision=tower,
            pixels=_pixels(folder),
            largest=_pixels(folder)[1],
        )
    except KeyError as missing:
        raise UnknownShapeError(f"{folder / 'config.json'} has no {missing}") from None


def _pixels(folder: Path) -> tuple[int, int]:
    """What the folder's image processor scales to, in whichever of its files and notations that stands."""
    for name in ("preprocessor_config.json", "processor_config.json"):
        if not (folder / name).is_file():
            continue
        described = _object(folder / name)
        described = described.get("image_processor") or described
        size = described.get("size") or {}
        least = described.get("min_pixels") or size.get("min_pixels") or size.get("shortest_edge")
        most = described.get("max_pixels") or size.get("max_pixels") or size.get("longest_edge")
        if least and most:
            return int(least), int(most)
    return _PIXELS


def _object(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UnknownShapeError(f"{path} cannot be read: {error}") from None
    return content if isinstance(content, dict) else {}
