"""Throughput of training: tokens a second, model FLOP utilisation (MFU), memory, and which metrics a clock decides.

Belongs here: that arithmetic, and what GPUs can do. Pure. Does not belong here: measuring (grpo_worker.py).

MFU counts what the model needs, not what the machine repeats: 6 operations a parameter for a token that is learned
from (forward and backward), 2 for a token that is sampled (Kaplan et al. 2020, arXiv 2001.08361, section 2.1; PaLM,
arXiv 2204.02311, appendix B). What activation checkpointing computes again does not count, nor do the pixels' tower and
attention, so that the figure is a little low.
"""

from __future__ import annotations

# Dense bf16 operations a second, from the makers' data sheets; by a part of the device's name, the longest first.
PEAK = {
    "H100 PCIe": 756e12,
    "H100 NVL": 835e12,
    "H100": 989e12,
    "H200": 989e12,
    "A100": 312e12,
    "A800": 312e12,
    "L40S": 362e12,
    "A40": 150e12,
    "L4": 121e12,
}
# Metrics that differ between two runs of the same policy.
OF_THE_CLOCK = frozenset(
    {"step_time", "tokens_per_second", "memory_gib", "mfu", "judge/seconds", "judge/calls", "judge/cost"}
)


def peak_of(device: str) -> float | None:
    """Operations a second of a device by its name; None where they are not known."""
    words = device.replace("-", " ").split()
    for name in sorted(PEAK, key=len, reverse=True):
        if set(name.split()) <= set(words):
            return PEAK[name]
    return None


def mfu(parameters: int, learned: float, sampled: float, seconds: float, peak: float, gpus: int) -> float:
    """Share of the GPUs' operations that a step needed. `learned` and `sampled` are tokens of all GPUs."""
    return parameters * (6 * learned + 2 * sampled) / (seconds * peak * gpus)
