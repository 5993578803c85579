"""Micro-batches (gradient accumulation): how a step's completions are split over processes.

Belongs here: that arithmetic. Pure. Does not belong here: how many fit into memory (memory_plan.py).
"""

from __future__ import annotations

from wethink_assets.settings import TrainingSettings


def completions_of(training: TrainingSettings, processes: int) -> int:
    """Completions of a step that one process samples.

    Raises:
        ValueError: they cannot be shared out evenly.
    """
    batch = training.prompts_per_step * training.group_size
    if batch % processes:
        raise ValueError(
            f"training.prompts_per_step x group_size = {batch} completions cannot be shared out to {processes} "
            "processes: make it a multiple of them"
        )
    return batch // processes


def micro_batches(training: TrainingSettings, processes: int) -> tuple[int, int]:
    """Completions of a micro-batch on one process, and how many micro-batches make a step there.

    Raises:
        ValueError: the step cannot be split so.
    """
    share = completions_of(training, processes)
    micro = training.micro_batch or share
    if share % micro:
        raise ValueError(
            f"training.prompts_per_step x group_size = {share * processes} completions cannot be split into "
            f"micro-batches of {micro} on {processes} processes: set training.micro_batch to a divisor of {share}"
        )
    return micro, share // micro


def heldout_batch(training: TrainingSettings, processes: int) -> int:
    """Held-out rows that one process is asked at a time: no more than it learns from at a time, or than there are."""
    micro, _ = micro_batches(training, processes)
    return max(1, min(micro, training.heldout_rows // processes))
