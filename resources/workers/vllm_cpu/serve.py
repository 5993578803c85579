"""vLLM's own OpenAI server, started quickly on a CPU: what is imported once is forked, not imported again.

Belongs here: the order of imports and the way the engine process starts. Does not belong here: any option of
the server; those come on the command line and are vLLM's own. Run by resources/workers/vllm_server.py, in a process of
its own, never imported.

vLLM on a CPU spawns its engine as a new interpreter, which imports torch and vLLM again, and looks at the model
class in one more: three to four times the same seconds. Here the engine is forked from the server's process
after all imports. That is safe while no thread pool of OpenMP lives in the parent, so the parent computes with one
thread (OMP_NUM_THREADS=1) and the engine gets its threads after the fork (WETHINK_ENGINE_THREADS).
"""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import sys
from pathlib import Path


def _architectures(arguments: list[str]) -> list[str]:
    """Model classes that the checkpoint's configuration names; none where it is not a local folder."""
    path = Path(arguments[arguments.index("--model") + 1]) / "config.json"
    try:
        return list(json.loads(path.read_text("utf-8")).get("architectures") or [])
    except (OSError, ValueError):
        return []


def _fork_engine() -> None:
    """The engine process is a fork of this one, with its own number of threads."""
    import torch
    import vllm.utils.system_utils as system_utils

    def context() -> multiprocessing.context.BaseContext:
        return multiprocessing.get_context("fork")

    system_utils.get_mp_context = context
    threads = int(os.environ.get("WETHINK_ENGINE_THREADS", "1"))
    if threads > 1:
        os.register_at_fork(after_in_child=lambda: torch.set_num_threads(threads))


def main() -> None:
    _fork_engine()
    import vllm.v1.engine.async_llm
    import vllm.v1.engine.core
    import vllm.v1.worker.cpu_worker  # noqa: F401
    from vllm.entrypoints.launchers.api_server.entry import main as serve
    from vllm.model_executor.models.registry import ModelRegistry

    for name in _architectures(sys.argv):
        if name in ModelRegistry.models:  # as a class, so that vLLM needs no interpreter to look at it
            ModelRegistry.register_model(name, ModelRegistry.models[name].load_model_cls())
    gc.freeze()
    serve()


if __name__ == "__main__":
    main()
