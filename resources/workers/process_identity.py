"""The identity of a process (host, boot, process namespace, pid, start time): whether one noted before still lives.

Belongs here: noting a process and looking for it later. Does not belong here: what a process that is gone had held.

A pid alone is given out again, and a wall clock jumps. The start time in clock ticks since boot is the process's own
for as long as the machine runs; the machine has an id, and each of its boots. Where one cannot look (another machine,
another container, another user's process), the answer is that nobody knows: such a process is never taken for dead.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

State = Literal["lives", "gone", "unknown"]


@dataclass(frozen=True)
class ProcessIdentity:
    """A process that was noted. `machine`: as machine-id(5), "-" where it has none; `started`: clock ticks since boot
    (field 22 of /proc/PID/stat, proc(5)).
    """

    host: str
    machine: str
    boot: str
    namespace: str
    pid: int
    started: int

    @classmethod
    def here(cls) -> ProcessIdentity:
        """This process."""
        return _identity(os.getpid())

    @classmethod
    def parse(cls, text: str) -> ProcessIdentity | None:
        """The identity that `str` wrote; None where the text is none."""
        parts = text.rsplit(" ", 5)
        try:
            return cls(*parts[:4], int(parts[4]), int(parts[5]))
        except (IndexError, ValueError):
            return None

    def __str__(self) -> str:
        return f"{self.host} {self.machine} {self.boot} {self.namespace} {self.pid} {self.started}"

    @property
    def in_words(self) -> str:
        """How people look for it."""
        return f"process {self.pid} on {self.host}"

    def state(self) -> State:
        """Whether it lives. After a restart of its host it is gone, whatever has its pid now."""
        if self.host != socket.gethostname():
            return "unknown"
        if self.boot != _boot():  # a machine without an id may be another one of the same name
            return "gone" if self.machine == _machine() != "-" else "unknown"
        if self.namespace != _namespace():
            return "unknown"
        started = started_at(self.pid)
        if started is None and not _pid_is_free(self.pid):
            return "unknown"
        return "lives" if started == self.started else "gone"


@lru_cache
def _identity(pid: int) -> ProcessIdentity:
    return ProcessIdentity(socket.gethostname(), _machine(), _boot(), _namespace(), pid, started_at(pid) or 0)


def started_at(pid: int) -> int | None:
    """Clock ticks since boot at which the process started; None where there is none to be seen, or only its zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name before it may hold blanks and brackets
    return None if fields[0] in "ZX" else int(fields[19])


def _pid_is_free(pid: int) -> bool:
    """Whether no process has this pid, not even one that /proc hides (mount option hidepid), or a zombie has it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return Path(f"/proc/{pid}/stat").exists()  # its zombie: a visible one that lives has a start


def _machine() -> str:
    """The id of a container is its own where its image has none; "-" where there is no file."""
    try:
        return Path("/etc/machine-id").read_text("ascii").strip() or "-"
    except (OSError, ValueError):
        return "-"


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()


def _namespace() -> str:
    return str(Path("/proc/self/ns/pid").readlink()).removeprefix("pid:")
