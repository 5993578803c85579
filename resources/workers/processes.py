"""Process supervision: child processes that end whole, and never outlive the process that started them.

Belongs here: starting a process in its own group under the supervisor (supervise.py), and ending it.
Does not belong here: what a server or a worker needs on its command line, or how to know that it is ready.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from resources.private import private_folder
from resources.workers import supervise


def start_process(
    argv: Sequence[str],
    env: Mapping[str, str] | None,
    log_path: Path,
    cwd: Path | str | None = None,
    *,
    stdout: int | None = None,
    keep: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start `argv` in a new session, with output appended to `log_path`.

    The returned process is the supervisor: its exit status is the child's (128 + signal for a killed child), and
    its pid is the group's. When this process dies, by whatever signal, the whole tree gets TERM and 3 s later
    KILL. `stdout=subprocess.PIPE` gives the child's standard output to the caller, who has to drain it. `keep`: a
    descriptor that stays open until that is done, as of a lock on what the tree works on.

    Raises:
        OSError: the log or the working directory cannot be opened.
    """
    log_path = Path(log_path)
    private_folder(log_path.parent)
    with log_path.open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-I", supervise.__file__, str(os.getpid()), *argv],
            env=None if env is None else dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=log if stdout is None else stdout,
            stderr=log,
            start_new_session=True,
            pass_fds=() if keep is None else (keep,),
        )


def end_process_group(process: subprocess.Popen[bytes], grace_s: float = 10.0) -> int | None:
    """TERM to the whole tree, KILL to what is left of it after `grace_s`. Returns the exit status.

    Harmless for a process that ended already. Only for processes that `start_process` started.
    """
    if process.poll() is None:
        with suppress(psutil.Error):
            supervise.end_tree(psutil.Process(process.pid), grace_s)
        try:  # the supervisor ends by itself once its child is gone
            return process.wait(2.0)
        except subprocess.TimeoutExpired:
            _kill_group(process.pid)
    elif process.returncode < 0:  # the supervisor itself was killed, before it could end its tree
        _kill_group(process.pid)
    try:
        return process.wait(5.0)
    except subprocess.TimeoutExpired:  # in an uninterruptible system call: the kernel ends it later
        return None


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
