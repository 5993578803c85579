"""The ranks of a training run on one machine (a process group's processes), started without a rendezvous service.

Belongs here: starting N processes with their rank, ending the others when one fails. Run as a script by
`resources.workers.launcher`, in isolation, so it imports nothing of the project. Does not belong here: how the ranks
find each other (WETHINK_RENDEZVOUS, a file that each joins by itself), what they do.

torchrun keeps a store for that which listens on every address of the machine, knows no password and unpickles what it
is sent: whoever reaches the port runs code. Nothing listens here.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from contextlib import suppress

GRACE_S = 10.0


def main(arguments: list[str]) -> int:
    """`<number of ranks> <argv…>`; returns 0, or the exit status of the first rank that failed (128 + signal)."""
    ranks = [
        subprocess.Popen(arguments[1:], env={**os.environ, "RANK": str(rank), "LOCAL_RANK": str(rank)})
        for rank in range(int(arguments[0]))
    ]
    living = {os.pidfd_open(process.pid): process for process in ranks}
    while living:
        for descriptor in select.select(list(living), [], [])[0]:
            os.close(descriptor)
            status = living.pop(descriptor).wait()
            if status:
                rank = next(n for n, process in enumerate(ranks) if process.returncode == status)
                print(f"rank {rank} ended with status {status}; the others are ended", file=sys.stderr, flush=True)
                _end(list(living.values()))
                return status if status > 0 else 128 - status
    return 0


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_S)
            continue
        process.kill()
        process.wait()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
