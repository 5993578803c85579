"""The launcher of training workers (Dagster Pipes): processes that report to the run and never outlive it.

Belongs here: starting a worker module through Dagster Pipes, its environment, its log, its end.
Does not belong here: what a worker does (wethink_assets/training), ending a process tree (processes.py).

Stock `PipesSubprocessClient` sends one SIGINT and gives up, and leaves its child alive when the run's process is
killed. Here the worker runs under the supervisor of processes.py: a cancelled run ends the whole tree (TERM, then
KILL), and a run that is killed takes its workers with it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from dagster import ConfigurableResource

from resources.private import private_folder
from resources.scratch import scratch_folder
from resources.settings import SettingsResource
from resources.workers import ranks
from resources.workers.environment import child_environment, keys_for
from resources.workers.processes import end_process_group, start_process
from resources.workers.vllm_server import HOOKS, SOCKETS, torch_is_cpu_build, visible_gpus
from wethink_assets.settings import PROJECT_ROOT

ERROR_MARK = "worker error: "
TAIL_LINES = 20
GRACE_S = 10.0
MEANWHILE_S = 60.0  # before the caller is asked for the first time what it has to do meanwhile


class WorkerFailedError(RuntimeError):
    """A worker ended with an error; the message is its own line, or the end of its log."""


class GpuLauncher(ConfigurableResource):
    """The launcher of worker modules, one at a time per run. `grace_s`: seconds between TERM and KILL."""

    settings: SettingsResource
    grace_s: float = GRACE_S

    def run(
        self,
        context: dg.AssetExecutionContext,
        module: str,
        arguments: Sequence[str],
        *,
        name: str,
        processes: int = 1,
        threads: int = 1,
        extras: Mapping[str, Any] | None = None,
        keep: int | None = None,
        asks: Sequence[str] = (),
        variables: Mapping[str, str] | None = None,
        meanwhile: Callable[[], None] | None = None,
    ) -> list[Any]:
        """Run `python -m module arguments…` to its end; returns the custom messages that it reported.

        With several `processes` (0: see `worker_processes`) they are the ranks of one group. The log is
        `<logs>/<name>.log`. `keep`: the descriptor of a lock that is held until the last of them has ended. `asks`:
        the roles that it asks; it gets their keys and those of the lake, and no key otherwise. `variables`: what its
        environment holds beside that. `meanwhile` is called
        after a minute and then ever less often, about a hundred times in a day.

        Raises:
            WorkerFailedError: the worker ended with an error.
        """
        processes = worker_processes(processes)
        log_path = self.settings.get().logs_dir / f"{name}.log"
        private_folder(log_path.parent)
        begin = log_path.stat().st_size if log_path.exists() else 0
        with dg.open_pipes_session(
            context=context,
            context_injector=dg.PipesTempFileContextInjector(),
            message_reader=dg.PipesTempFileMessageReader(),
            extras=dict(extras or {}),
        ) as session:
            config = self.settings.get()
            with scratch_folder(config.scratch_dir, "ranks") as meeting:
                also = (*config.worker_environment, *(keys_for(config, asks) if asks else ()))
                env = worker_environment(config.home, meeting, processes=processes, threads=threads, also=also)
                env |= {**(variables or {}), **session.get_bootstrap_env_vars()}
                started = time.monotonic()
                argv = worker_command(module, arguments, processes)
                process = start_process(argv, env, log_path, cwd=PROJECT_ROOT, keep=keep)
                context.log.info(f"{name}: worker started, log in {config.shown(log_path)}")
                try:
                    status = _ended(process, meanwhile, started)
                finally:
                    end_process_group(process, self.grace_s)
        if status != 0:
            raise WorkerFailedError(explain(name, status, read_tail(log_path, begin), log_path))
        context.log.info(f"{name}: worker done in {time.monotonic() - started:.0f} s")
        return list(session.get_custom_messages())


def _ended(process: subprocess.Popen[bytes], meanwhile: Callable[[], None] | None, started: float) -> int:
    """The exit status of a process; `meanwhile` is called while it is waited for."""
    while True:
        pause = max(MEANWHILE_S, (time.monotonic() - started) / 20) if meanwhile else None
        try:
            return process.wait(pause)
        except subprocess.TimeoutExpired:
            if meanwhile is not None:
                meanwhile()


def worker_processes(configured: int) -> int:
    """How many processes train: what is configured, or (0) one per GPU, and on a CPU one per core, at most two."""
    if configured:
        return configured
    if torch_is_cpu_build():
        return min(2, len(os.sched_getaffinity(0)))
    return max(1, visible_gpus(os.environ) or 1)


def worker_command(module: str, arguments: Iterable[str], processes: int) -> list[str]:
    """One process is started directly, several by ranks.py."""
    many = [sys.executable, "-I", ranks.__file__, str(processes)] if processes > 1 else []
    return [*many, sys.executable, "-m", module, *arguments]


def worker_environment(
    home: Path,
    meeting: Path,
    *,
    processes: int = 1,
    threads: int = 0,
    base: Mapping[str, str] | None = None,
    also: Iterable[str] = (),
) -> dict[str, str]:
    """The environment of a worker: offline, quiet, with as many threads as there are cores per process.

    Its ranks meet at a file in the folder `meeting`, and listen on loopback unless the caller's environment says
    otherwise.

    `HF_HUB_OFFLINE` is set unless the caller's environment says otherwise: export HF_HUB_OFFLINE=0 to let a worker
    download a hub checkpoint. `also`: what it needs of the caller's environment beside what every worker gets.
    """
    env = child_environment(base, libraries=True, also=also)
    # torch and TRL load in a third of the time where their modules are kept compiled
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    cores = len(os.sched_getaffinity(0))
    env.setdefault("HF_HUB_OFFLINE", "1")
    env |= {
        "OMP_NUM_THREADS": str(threads or max(1, cores // processes)),
        "TOKENIZERS_PARALLELISM": "false",
        "TORCH_EXTENSIONS_DIR": str(home / "cache" / "torch_extensions"),
        "DO_NOT_TRACK": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "PYTHONUNBUFFERED": "1",
        "WORLD_SIZE": str(processes),
        "WETHINK_RENDEZVOUS": str(meeting / "ranks"),
        "MASTER_ADDR": "127.0.0.1",  # DeepSpeed wants to see an address; nothing listens there
        "MASTER_PORT": "1",
        **{name: env.get(name, "lo") for name in SOCKETS},
        "PYTHONPATH": os.pathsep.join(str(p) for p in [HOOKS, PROJECT_ROOT, env.get("PYTHONPATH", "")] if str(p)),
    }
    if torch_is_cpu_build():
        env["DS_ACCELERATOR"] = "cpu"
    if processes == 1:
        env |= {"RANK": "0", "LOCAL_RANK": "0"}
    return env


def read_tail(path: Path, begin: int = 0, limit: int = 20_000) -> list[str]:
    """The last lines that were written after `begin`."""
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(begin, end - limit))
        return [line for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]


def explain(name: str, status: int, lines: Sequence[str], log_path: Path) -> str:
    """The worker's own one-line error where it gave one, else how it ended and the end of its log."""
    for line in reversed(lines):
        if line.startswith(ERROR_MARK):
            return f"{name}: {line.removeprefix(ERROR_MARK)}"
    how = f"was ended by signal {status - 128}" if status > 128 else f"ended with status {status}"
    if status == 137:
        how += " (out of memory, or killed)"
    return f"{name}: the worker {how}. The end of {log_path}:\n" + "\n".join(lines[-TAIL_LINES:])
