"""What the training workers share: talking to the run, loading a policy, ending with one clear line.

Belongs here: the worker side of Dagster Pipes, checkpoint loading with its errors, image fitting.
Does not belong here: any learning. Never imported by assets.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from resources.calls.messages import CallsError
from wethink_assets.decoding.shape import fitted
from wethink_assets.rewards.terms import RewardTermError

ERROR_MARK = "worker error: "


class WorkerError(RuntimeError):
    """The job cannot be done; the message is one line that names the thing and the cure."""


class Reports:
    """Progress towards the Dagster run; plain lines on standard output where there is none."""

    def __init__(self, context: Any | None) -> None:
        self._context = context

    def log(self, line: str) -> None:
        if self._context is not None:
            self._context.log.info(line)
        print(line, flush=True)

    def progress(self, **values: Any) -> None:
        """One state of the work, for people as a line and for the run as a message."""
        known = {k: (round(v, 4) if isinstance(v, float) else v) for k, v in values.items() if v is not None}
        step, steps = known.pop("step", 0), known.pop("steps", 0)
        self.log(f"step {step}/{steps} " + " ".join(f"{k} {v}" for k, v in known.items()))
        if self._context is not None:
            self._context.report_custom_message({"progress": {"step": step, "steps": steps, **known}})


@contextmanager
def reporting() -> Iterator[Reports]:
    """Reports of this process: to the run that started it, on process 0 only."""
    from dagster_pipes import DAGSTER_PIPES_CONTEXT_ENV_VAR, open_dagster_pipes

    if os.environ.get("RANK", "0") == "0" and os.environ.get(DAGSTER_PIPES_CONTEXT_ENV_VAR):
        with open_dagster_pipes() as context:
            yield Reports(context)
    else:
        yield Reports(None)


def worker_main(action: Callable[[str], None], argv: list[str]) -> None:
    """Run a worker's action and end the process with one line instead of a traceback where the job cannot be done.

    That is: a `WorkerError`, a judge that cannot be asked, a reward term that gives no number.
    """
    try:
        action(argv[1])
    except (WorkerError, CallsError, RewardTermError) as error:
        last = str(error).strip().splitlines()[-1]  # of a process that opened images: its traceback stands before
        print(f"{ERROR_MARK}{last}", file=sys.stderr, flush=True)
        raise SystemExit(2) from None


def load_policy(path: str, *, cuda: bool) -> tuple[Any, Any]:
    """Model and processor of a local folder or hub name; bf16 on CUDA, else float32.

    Raises:
        WorkerError: there is no such checkpoint, or it takes no images.
    """
    import torch
    from transformers import AutoConfig, AutoModelForImageTextToText, AutoProcessor

    where = f"base policy {path!r}"
    try:
        config = AutoConfig.from_pretrained(path)
    except (OSError, ValueError) as error:
        cure = "give a folder with config.json" if Path(path).exists() or os.sep in path else "check the name"
        raise WorkerError(f"{where} cannot be loaded ({str(error).splitlines()[0]}): {cure} in training.base") from None
    if not hasattr(config, "vision_config"):
        raise WorkerError(
            f"{where} is a {config.model_type} model, which takes no images: choose a vision-language model"
        )
    processor = AutoProcessor.from_pretrained(path)
    if getattr(processor, "image_processor", None) is None:
        raise WorkerError(f"{where} has no image processor: its folder needs preprocessor_config.json")
    model = AutoModelForImageTextToText.from_pretrained(path, dtype=torch.bfloat16 if cuda else torch.float32)
    return model, processor


def fit(image: Any, processor: Any) -> Any:
    """An RGB copy at the size that a Qwen2-VL image processor resizes it to, so that it is resized only once
    and not for every completion. Other processors get the image as it is."""
    from PIL import Image

    image = image.convert("RGB")
    described = processor.image_processor
    size = dict(getattr(described, "size", None) or {})
    low, high = size.get("shortest_edge"), size.get("longest_edge")
    if not type(described).__name__.startswith("Qwen2VL") or not low or not high:
        return image
    width, height = fitted(*image.size, described.patch_size * described.merge_size, low, high)
    return image if (width, height) == image.size else image.resize((width, height), Image.Resampling.BICUBIC)


def weights_finite(folder: Path) -> bool:
    """Whether every number in the folder's safetensors files is finite."""
    import torch
    from safetensors import safe_open

    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, framework="pt") as file:
            if not all(bool(torch.isfinite(file.get_tensor(name)).all()) for name in file.keys()):  # noqa: SIM118
                return False
    return True


def join_ranks(*, cuda: bool) -> None:
    """Join the process group of the ranks, at the file that the launcher named: nothing listens for strangers.

    Before accelerate and DeepSpeed do it, who would open a port; both take a group that is there.
    """
    import torch

    meeting = os.environ.get("WETHINK_RENDEZVOUS")
    if meeting is None or torch.distributed.is_initialized():
        return
    if cuda:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    torch.distributed.init_process_group(
        "nccl" if cuda else "gloo",
        init_method=f"file://{meeting}",
        rank=int(os.environ["RANK"]),
        world_size=int(os.environ["WORLD_SIZE"]),
    )


def without_vllm() -> None:
    """Keep TRL from importing vLLM, which it does wherever that is installed: half of the worker's start-up."""
    import importlib

    # By name: trl is a lazy module that does not show its own submodules as attributes.
    importlib.import_module("trl.import_utils").is_vllm_available = lambda *_, **__: False


def without_compiling() -> None:
    """On a CPU, keep DeepSpeed from compiling its shared-memory collectives.

    That takes a minute and a compiler, for what gloo does.
    """
    import deepspeed.ops

    deepspeed.ops.__compatible_ops__["deepspeed_shm_comm"] = False
