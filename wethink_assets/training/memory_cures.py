"""Memory cures (fitting a recipe to a GPU): which setting makes training fit, and the refusal that names it.

Belongs here: the search over settings, in the order in which a person would try them. Pure. Does not belong here: what
anything takes (memory_plan.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import ceil
from typing import Any

from wethink_assets.settings import TrainingSettings
from wethink_assets.training.batches import completions_of
from wethink_assets.training.memory_plan import GIB, Plan, plan, vllm_least
from wethink_assets.training.model_shape import ModelShape, UnknownShapeError, shape_of

LEAST_PIXELS = 256 * 28 * 28


def refusal(training: TrainingSettings, base: str, *, gpus: int, gpu_bytes: float) -> str | None:
    """One line that says why the policy cannot be trained on these GPUs, and what to set; None where it can, or where
    the model's shape is not known."""
    try:
        shape = shape_of(base, (training.min_pixels, training.max_pixels))
    except UnknownShapeError:
        return None
    try:
        planned = plan(shape, training, gpus=gpus, gpu_bytes=gpu_bytes)
    except ValueError as error:
        return str(error)
    return None if planned.fits else told(planned, training)


def told(planned: Plan, training: TrainingSettings) -> str:
    """Why it does not fit, and what would."""
    changes = cure(planned, training)
    advice = (
        "no setting makes it fit: it needs larger GPUs, or more of them (training.processes)"
        if changes is None
        else "set " + ", ".join(f"training.{key} = {_toml(value)}" for key, value in changes.items())
    )
    if planned.peak <= planned.gpu_bytes:  # then a fault is why, which names its own setting
        return f"training cannot start: {planned.faults[0]}"
    most = max(planned.terms, key=lambda term: term.bytes)
    return (
        f"training {planned.shape.name} on {planned.gpus} x {planned.gpu_bytes / GIB:.0f} GiB takes "
        f"{planned.peak / GIB:.0f} GiB of each GPU (most: {most.name}, {most.bytes / GIB:.0f} GiB): {advice}. "
        "`wethink training plan` shows every term"
    )


def cure(planned: Plan, training: TrainingSettings) -> dict[str, Any] | None:
    """The settings that make it fit: one alone where one does, else as few as possible; None where none do."""
    for attempt in _attempts(planned, training):
        changed = training.model_copy(update=attempt)
        shape = _shaped(planned.shape, changed)
        for micro in _micro_batches(changed, planned):
            tried = changed.model_copy(update={"micro_batch": micro})
            if plan(shape, tried, gpus=planned.gpus, gpu_bytes=planned.gpu_bytes).fits:
                changes = attempt if micro == planned.micro_batch else attempt | {"micro_batch": micro}
                return {key: value for key, value in changes.items() if value != getattr(training, key)}
    return None


def _attempts(planned: Plan, training: TrainingSettings) -> Iterator[dict[str, Any]]:
    """Each change alone, then each with all before it."""
    single = [{}, *_changes(planned, training)]
    yield from single
    together: dict[str, Any] = {}
    for change in single:
        together = together | change
        yield together


def _changes(planned: Plan, training: TrainingSettings) -> Iterator[dict[str, Any]]:
    """What costs the least first."""
    kv = 4 * planned.shape.layers * planned.shape.kv_width
    least = vllm_least(planned.shape, training, planned.sequence, kv) / planned.gpu_bytes
    share = ceil(100 * least) / 100
    if share < 1 and (training.rollouts == "generate" or training.vllm_memory_share != share):
        yield {"rollouts": "vllm", "vllm_memory_share": share}
        yield {"rollouts": "vllm", "vllm_memory_share": share, "vllm_sleep": True}
    if training.zero_stage < 3 and planned.gpus > 1:
        yield {"zero_stage": 3}
    pixels = planned.shape.pixels[1]
    while (pixels := pixels // 2) >= LEAST_PIXELS:
        yield {"max_pixels": pixels}
    if training.offload == "none" and training.zero_stage:
        yield {"offload": "optimizer"}
    prompts = training.prompts_per_step
    while (prompts := prompts // 2) * training.group_size >= planned.gpus:
        if prompts * training.group_size % planned.gpus == 0:
            yield {"prompts_per_step": prompts}


def _micro_batches(training: TrainingSettings, planned: Plan) -> list[int]:
    """Micro-batches that split the step evenly, the largest first, none larger than what is configured."""
    share = completions_of(training, planned.gpus)
    return [m for m in range(min(share, planned.micro_batch), 0, -1) if share % m == 0]


def _shaped(shape: ModelShape, training: TrainingSettings) -> ModelShape:
    least, most = shape.pixels
    most = training.max_pixels or most
    return replace(shape, pixels=(min(least, most), most))


def _toml(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()
