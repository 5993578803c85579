"""A policy that recites: a checkpoint that says one of a few replies of the right form, whatever it is asked.

A policy that was hardly trained never gives an answer, so that no judge is ever asked about what it samples; and one
that does costs half a minute. This one is written with NumPy over the weights of another of the same shape.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

ANSWERS = ("A", "B", "C", "D")
SCALE = 2.0  # of embeddings: a token that is not next in the chain is sampled once in 100,000 times


def reciting(policy: Path, folder: Path) -> Path:
    """A copy of a tiny policy in `folder` that replies `<think>I</think><answer>A</answer>`, or B, C or D.

    Attention gives nothing, so the last token alone decides: it is a unit vector, which the last layer turns into that
    of the next token. The answers share one, so that each is as likely as the others.
    """
    shutil.copytree(policy, folder)
    (folder / "policy.json").unlink()
    vocabulary = _tokens(folder)
    chain = [["Ċ"], ["<think>"], ["I"], ["</think>"], ["<answer>"], [*ANSWERS], ["</answer>"], ["<|im_end|>"]]
    weights = load_file(folder / "model.safetensors")
    for name, values in weights.items():
        if name.endswith(("o_proj.weight", "mlp.down_proj.weight")) and not name.startswith("visual."):
            values[:] = 0
    embedded = weights["model.embed_tokens.weight"]
    embedded[:] = 0
    last = max(name for name in weights if name.endswith("mlp.up_proj.weight") and not name.startswith("visual."))
    up, gate, down = (weights[last.replace("up_proj", part)] for part in ("up_proj", "gate_proj", "down_proj"))
    up[:], gate[:] = 0, 0
    for place, tokens in enumerate(chain):
        embedded[[vocabulary[token] for token in tokens], place] = SCALE
        up[place, place] = gate[place, place] = 1
        if place + 1 < len(chain):
            down[place + 1, place] = 1
    save_file({name: np.ascontiguousarray(values) for name, values in weights.items()},
              folder / "model.safetensors", metadata={"format": "pt"})  # fmt: skip
    return folder


def _tokens(folder: Path) -> dict[str, int]:
    known = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    return {**known["model"]["vocab"], **{token["content"]: token["id"] for token in known["added_tokens"]}}
