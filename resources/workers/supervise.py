"""The supervisor (subreaper): the small parent of a child process, which ends its whole tree when the starter dies.

Belongs here: waiting for either end of the leash, and ending a process tree. Run as a script by
`resources.workers.processes`, in isolation, so it imports nothing of the project.
Does not belong here: what is started, and why.

A death signal (PR_SET_PDEATHSIG) reaches only the direct child, and fires when the *thread* that started it
ends; a worker's own children would stay. So this process waits on descriptors of both the project's process
and the child, sleeps meanwhile, and as a subreaper finds every orphan that the child leaves behind, even one
in a session of its own.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress

import psutil

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
GRACE_S = 3.0


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _signal_all(processes: list[psutil.Process], number: int) -> None:
    for process in processes:
        with suppress(psutil.Error):
            process.send_signal(number)


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def end_tree(root: psutil.Process, grace_s: float) -> None:
    """TERM to all descendants of `root`, then KILL to what is left of them after `grace_s`, new ones included."""
    try:
        descendants = root.children(recursive=True)
    except psutil.Error:
        return
    _signal_all(descendants, signal.SIGTERM)
    _signal_all(descendants, signal.SIGCONT)
    deadline = time.monotonic() + grace_s
    for process in descendants:
        # Descriptors, not polling: a pidfd is readable when its process has ended.
        try:
            descriptor = os.pidfd_open(process.pid)
        except OSError:
            continue
        try:
            if _alive(process):
                select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
        finally:
            os.close(descriptor)
    for _ in range(10):
        left = [p for p in {*descendants, *root.children(recursive=True)} if _alive(p)]
        if not left:
            return
        _signal_all(left, signal.SIGKILL)
        psutil.wait_procs(left, timeout=0.5)


def main(arguments: list[str]) -> int:
    """`<pid of the project's process> <argv…>`; returns the child's exit status (128 + signal when it was killed)."""
    owner = int(arguments[0])
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    # Handlers, not SIG_IGN: the child would inherit "ignored" over exec, but a handler becomes the default.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    try:
        owner_descriptor = os.pidfd_open(owner)
    except OSError:
        return 0
    if os.getppid() != owner:  # it died before the descriptor was open, and the number may be another's
        return 0
    try:
        child = subprocess.Popen(
            arguments[1:],
            preexec_fn=lambda: _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL),  # should this one be killed
        )
    except OSError as error:
        print(f"cannot start {arguments[1]}: {error.strerror}", file=sys.stderr, flush=True)
        return 127
    child_descriptor = os.pidfd_open(child.pid)
    select.select([owner_descriptor, child_descriptor], [], [])
    end_tree(psutil.Process(), GRACE_S)
    status = child.wait()
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
