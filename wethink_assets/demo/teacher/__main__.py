"""`python -m wethink_assets.demo.teacher --truth DIR --port 0`: serve the sample pack's scenes.

Belongs here: the command line. Does not belong here: anything else.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path

from wethink_assets.demo.teacher.faults import PLANTED_FILE, Faults, Rates
from wethink_assets.demo.teacher.scenes import SceneIndex
from wethink_assets.demo.teacher.server import TeacherApp, serve


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m wethink_assets.demo.teacher", description=__doc__)
    parser.add_argument("--truth", type=Path, required=True, help="the sample pack's folder truth/")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one (default)")
    parser.add_argument("--seed", type=int, default=0, help="decides where errors are planted")
    parser.add_argument("--error-rate", type=float, default=1.0, help="factor on all rates of planted errors; 0: none")
    parser.add_argument("--hard", action="store_true", help="also plant what real models get wrong: see docs/gates.md")
    parser.add_argument("--thinking", type=int, default=0, help="tokens thought before each reply, at the median")
    parser.add_argument("--quirks", type=float, default=Rates().quirk, help="share of replies with a quirk")
    parser.add_argument("--no-log", action="store_true", help=f"do not record planted errors in {PLANTED_FILE}")
    options = parser.parse_args(argv)
    try:
        index = SceneIndex(options.truth)
    except FileNotFoundError as missing:
        print(missing, file=sys.stderr)  # noqa: T201 - a program
        return 2
    log = None if options.no_log else options.truth / PLANTED_FILE
    rates = Rates(thinking_tokens=options.thinking, quirk=options.quirks)
    rates = (rates.hardened() if options.hard else rates).scaled(options.error_rate)
    app = TeacherApp(index, Faults(rates, options.seed, log))
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(_serve(app, options.port))
    return 0


async def _serve(app: TeacherApp, port: int) -> None:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await serve(app, port)


if __name__ == "__main__":
    raise SystemExit(main())
