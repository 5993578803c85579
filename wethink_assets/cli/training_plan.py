"""The page of `wethink training plan`: the terms of a memory plan, their sum, and what would make it fit.

Belongs here: printing. Does not belong here: the numbers (training/memory_plan.py).
"""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from resources.workers.launcher import worker_processes
from wethink_assets.settings import TrainingSettings
from wethink_assets.training.memory_cures import told
from wethink_assets.training.memory_plan import GIB, PROMPT_TOKENS, Plan, plan
from wethink_assets.training.model_shape import shape_of

_PHASES = {"held": "all the time", "rollout": "while replies are sampled", "step": "while the policy learns"}


def show_plan(console: Console, training: TrainingSettings, *, gpus: int | None, gpu_memory: float | None) -> int:
    """Print the plan; 1 where it does not fit.

    Raises:
        ValueError: the model's shape is not known, or the step cannot be split.
    """
    gib = gpu_memory or training.gpu_memory_gib
    processes = gpus or worker_processes(training.processes)
    shape = shape_of(training.base, (training.min_pixels, training.max_pixels))
    planned = plan(shape, training, gpus=processes, gpu_bytes=gib * GIB, cuda=gib > 0)
    device = f"GPU of {gib:g} GiB" if gib else "process on a CPU"
    console.print(
        f"{shape.name}: {shape.parameters:,} parameters ({shape.source}), on {processes} x {device}", markup=False
    )
    console.print(
        f"a step: {training.prompts_per_step} prompts x {training.group_size} replies = {planned.accumulation} "
        f"micro-batches of {planned.micro_batch} on each"
    )
    console.print(
        f"the longest sequence: {PROMPT_TOKENS:,} tokens of text (assumed) + {planned.image_tokens:,} of an image of "
        f"{shape.pixels[1]:,} pixels + {training.max_completion_length:,} of the reply = {planned.sequence:,}"
    )
    console.print(_table(planned))
    console.print(
        f"for comparison: logits of a micro-batch without the trainer's tiles would take {_gib(planned.whole_logits)}"
    )
    if planned.host_bytes:
        console.print(f"main memory for the optimizer, all processes together: {_gib(planned.host_bytes)}")
    if not gib:
        console.print("training.gpu_memory_gib names no GPU: nothing to hold this against")
        return 0
    if planned.fits:
        console.print(f"fits: {_gib(planned.peak)} of {gib:g} GiB")
        return 0
    console.print(f"does not fit: {told(planned, training)}", markup=False, soft_wrap=True)
    return 1


def _table(planned: Plan) -> Table:
    table = Table("when", "what", "GiB", "of", box=None, header_style="bold")
    table.columns[2].justify = "right"
    for phase, when in _PHASES.items():
        for term in sorted((t for t in planned.terms if t.phase == phase), key=lambda term: -term.bytes):
            table.add_row(when, term.name, f"{term.bytes / GIB:,.2f}", term.formula)
    table.add_row("at most", "", f"{planned.peak / GIB:,.2f}", "what is held, and the larger of the other two")
    return table


def _gib(count: float) -> str:
    return f"{count / GIB:,.1f} GiB"
