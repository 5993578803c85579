"""Planned against measured memory of one micro-batch of GRPO: forward, backward and an optimizer step.

Run `python -m benchmarks.memory_plan [--shape tiny] [--micro 16] [--text 512] [--reply 256]`. The model has the shape's
size and random weights; its log-probabilities come from TRL's fused head, as in training. On a CPU the process's
resident memory is sampled, on a GPU the allocator's peak is read. Prints the plan's terms beside what was measured,
and the factor between both; exits with 1 where that is more than one and a half, either way.

On a GPU: `--shape Qwen/Qwen2.5-VL-3B-Instruct --micro 4 --text 1024 --reply 2048 --pixels 1003520`. Weights, gradients
and two moments of Adam are in bf16 there, so that one GPU holds them without ZeRO: the states are measured apart.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from wethink_assets.settings import TrainingSettings
from wethink_assets.training.memory_plan import GIB, Plan, plan
from wethink_assets.training.model_shape import PUBLISHED, ModelShape

LEAST, MOST = 2 / 3, 3 / 2
_STATM = Path("/proc/self/statm")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def config_of(shape: ModelShape) -> Any:
    """The library's configuration of a shape."""
    from transformers import Qwen2_5_VLConfig

    tower = shape.vision
    heads = 3 if shape.name == "tiny" else 16
    half = shape.width // shape.heads // 2
    sections = [half - 2 * (half * 3 // 8), half * 3 // 8, half * 3 // 8]
    return Qwen2_5_VLConfig(
        text_config={
            "vocab_size": shape.vocabulary,
            "hidden_size": shape.width,
            "intermediate_size": shape.ffn,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "num_key_value_heads": shape.kv_heads,
            "rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": sections},
            "bos_token_id": None,
            "eos_token_id": 1,
            "pad_token_id": 0,
        },
        vision_config={
            "depth": tower.layers,
            "hidden_size": tower.width,
            "intermediate_size": tower.ffn,
            "out_hidden_size": tower.out,
            "num_heads": heads,
            "fullatt_block_indexes": list(range(tower.layers))[7::8] or [tower.layers - 1],
            "window_size": 112,
        },
        image_token_id=5,
        video_token_id=6,
        vision_start_token_id=3,
        vision_end_token_id=4,
        tie_word_embeddings=shape.tied,
    )


def inputs_of(shape: ModelShape, micro: int, text: int, reply: int, device: Any, dtype: Any) -> dict[str, Any]:
    """A micro-batch: an image of the largest size and random words in each row."""
    import torch

    tokens = shape.image_tokens(shape.pixels[1])
    side = max(1, round(tokens**0.5))
    height, width = side * shape.vision.merge, -(-tokens // side) * shape.vision.merge
    tokens = height * width // shape.vision.merge**2
    ids = torch.randint(7, shape.vocabulary, (micro, text + tokens + reply), device=device)
    ids[:, 1], ids[:, 2 : 2 + tokens], ids[:, 2 + tokens] = 3, 5, 4
    labels = ids.clone()
    labels[:, :-reply] = -100
    return {
        "input_ids": ids,
        "attention_mask": torch.ones_like(ids),
        "mm_token_type_ids": (ids == 5).int(),
        "labels": labels,
        "pixel_values": torch.randn(micro * height * width, shape.vision.numbers_per_patch, device=device, dtype=dtype),
        "image_grid_thw": torch.tensor([[1, height, width]] * micro, device=device),
    }


class Sampler(threading.Thread):
    """The most memory that this process had while it ran, in bytes."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak, self.ended = resident(), threading.Event()

    def run(self) -> None:
        while not self.ended.wait(0.002):
            self.peak = max(self.peak, resident())


def resident() -> int:
    """Resident memory of this process, in bytes."""
    return int(_STATM.read_text("ascii").split()[1]) * _PAGE


def measured(work: Callable[[], None], *, cuda: bool) -> tuple[float, float]:
    """The most memory above what was held before, in bytes, and the seconds that the work took."""
    import torch

    began = time.perf_counter()
    if cuda:
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        work()
        torch.cuda.synchronize()
        return torch.cuda.max_memory_allocated() - before, time.perf_counter() - began
    sampler = Sampler()
    before = resident()
    sampler.start()
    work()
    sampler.ended.set()
    sampler.join()
    return sampler.peak - before, time.perf_counter() - began


def run(shape: ModelShape, training: TrainingSettings, text: int) -> tuple[Plan, dict[str, float]]:
    """The plan of a micro-batch and what it took: of a step, and of the optimizer's two moments."""
    import torch
    from transformers import Qwen2_5_VLForConditionalGeneration
    from trl.trainer.utils import add_fused_lm_head

    cuda = torch.cuda.is_available()
    device, dtype = torch.device("cuda" if cuda else "cpu"), torch.bfloat16 if cuda else torch.float32
    total = torch.cuda.get_device_properties(0).total_memory if cuda else 3 * GIB
    planned = plan(shape, training, gpus=1, gpu_bytes=total, cuda=cuda, prompt_tokens=text)
    with device:
        model = Qwen2_5_VLForConditionalGeneration(config_of(shape)).to(dtype)
    model.train()
    if cuda:
        model.gradient_checkpointing_enable()
    add_fused_lm_head(model, temperature=1.0, outputs=("log_probs", "entropy"))
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    batch = inputs_of(shape, training.micro_batch, text, training.max_completion_length, device, dtype)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-6)

    def step(batch: dict[str, Any] = batch) -> None:
        model(**batch, fused_lm_head=True).log_probs.mean().backward()

    step(inputs_of(shape, 1, 16, 16, device, dtype))  # what libraries take once, whatever the batch
    took, seconds = measured(step, cuda=cuda)
    moments, _ = measured(lambda: optimizer.step() and None, cuda=cuda)
    return planned, {"step": took, "moments": moments, "seconds": seconds}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=list(PUBLISHED), default="tiny")
    parser.add_argument("--micro", type=int, default=16)
    parser.add_argument("--text", type=int, default=512)
    parser.add_argument("--reply", type=int, default=256)
    parser.add_argument("--pixels", type=int, default=None)
    given = parser.parse_args()
    shape = PUBLISHED[given.shape]
    if given.pixels:
        shape = replace(shape, pixels=(min(shape.pixels[0], given.pixels), given.pixels))
    training = TrainingSettings(
        prompts_per_step=given.micro,
        group_size=2,
        micro_batch=given.micro,
        max_completion_length=given.reply,
        zero_stage=0,
    )
    planned, took = run(shape, training, given.text)
    terms = {t.name: t.bytes for t in planned.terms if t.name in ("activations", "logits and head")}
    total = sum(terms.values())
    print(f"{shape.name}: {shape.parameters:,} parameters, {given.micro} x {planned.sequence} tokens")
    for name, count in terms.items():
        print(f"  planned {name:<18}{count / 2**20:10,.0f} MiB")
    print(f"  planned, together         {total / 2**20:10,.0f} MiB")
    print(f"  measured                  {took['step'] / 2**20:10,.0f} MiB in {took['seconds']:.1f} s")
    print(f"  measured, Adam's moments  {took['moments'] / 2**20:10,.0f} MiB")
    factor = took["step"] / total
    print(f"  measured / planned        {factor:10.2f}")
    return int(not LEAST <= factor <= MOST)


if __name__ == "__main__":
    sys.exit(main())
