"""What training workers of every kind do with a policy around learning: fitting its pictures, saving it, its manifest.

Belongs here: the pixels that it learns from, the checkpoint without what names this machine, the part of the manifest
that all policies have. Does not belong here: checkpoints while it learns (callbacks.py), learning. Never imported by
assets.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from wethink_assets.settings import TrainingSettings
from wethink_assets.training.checkpoints import without_places
from wethink_assets.training.job import ADAPTER, STEPS, Job
from wethink_assets.training.worker import weights_finite


class Clock:
    """Wall and CPU seconds of this process since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.monotonic(), time.process_time()

    def read(self) -> dict[str, float]:
        return {"seconds": time.monotonic() - self._wall, "cpu_seconds": time.process_time() - self._cpu}


def limit_pixels(processor: Any, training: TrainingSettings) -> Any:
    """Let the image processor scale to the configured pixels; returns the size that it had."""
    described = processor.image_processor
    own = described.size
    low, high = (dict(own).get(edge) for edge in ("shortest_edge", "longest_edge"))
    if (training.min_pixels or training.max_pixels) and low and high:
        most = training.max_pixels or high
        described.size = {"shortest_edge": min(training.min_pixels or low, most), "longest_edge": most}
    return own


def save_weights(trainer: Any, folder: Path, *, merged: bool, process: int) -> None:
    """The trained weights as any policy's, by all ranks together; with `merged` the adapter too, in its own folder."""
    if not merged:
        trainer.save_model(str(folder))
    elif process == 0:
        model = trainer.accelerator.unwrap_model(trainer.model)
        model.save_pretrained(str(folder / ADAPTER))
        without_places(folder / ADAPTER)
        model.merge_and_unload().save_pretrained(str(folder))
    trainer.accelerator.wait_for_everyone()


def finish(job: Job, folder: Path, processor: Any, own_size: Any, **told: Any) -> None:
    """Complete the saved folder and give it the policy's name; `told` joins the manifest. By the first rank alone."""
    processor.image_processor.size = own_size  # served as its base is
    processor.save_pretrained(folder)
    without_places(folder)
    (folder / STEPS).write_bytes((job.work / STEPS).read_bytes())
    job.finish(folder, {**told, "finite": weights_finite(folder)})
