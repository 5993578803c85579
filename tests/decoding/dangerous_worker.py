"""Stands in for the decode worker: dies, hangs or talks nonsense where the file's name says so."""

import os
import signal
import sys
from pathlib import Path

from wethink_assets.decoding import worker

real = worker.answer


def answer(request, data=b""):
    name = Path(request["path"]).name
    if name == "die.png":
        os.kill(os.getpid(), signal.SIGSEGV)
    if name == "hang.png":
        signal.pause()
    if name == "exit.png":
        sys.exit(3)
    seen = Path(request["path"] + ".seen")
    if name == "parent.png" or (name == "parent-once.png" and not seen.exists()):
        seen.touch()
        os.kill(os.getppid(), signal.SIGKILL)  # the Ray worker; never asked for without Ray
        signal.pause()
    return real(request, data)


if __name__ == "__main__":
    worker.answer = answer
    worker.main()
