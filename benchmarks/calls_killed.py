"""Crash safety (kill -9 in mid-run, five times at random): what is asked again, and what acknowledged reply is lost.

Run `python -m benchmarks.calls_killed [--requests 3000]`. Three witnesses that know nothing of each other: the stub
server in this process writes down when each request came and when its reply had left; the worker writes down what the
ledger told it was durable; a reader of its own opens the lake after each kill. `--late` makes the worker's ledger wait
for half a minute, to see that the check can fail.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from resources.calls.ledger import DURABLE_S, GROUP_ROWS
from resources.lake.resource import LakeStore
from tests.resources.calls.calls_worker import engine_on, requests_of
from tests.resources.calls.stub_endpoint import Act, StubEndpoint, completion
from wethink_assets.settings import PROJECT_ROOT

KILLS = 5


@dataclass
class Killed:
    """One run up to its kill, by request text. Times are monotonic seconds.

    received, replied: the server's; acknowledged: the worker's; durable: all that the reader found afterwards.
    """

    at: float
    received: Counter[str]
    replied: dict[str, float]
    acknowledged: set[str]
    durable: set[str]
    problems: list[str] = field(default_factory=list)

    @property
    def in_flight(self) -> set[str]:
        return {text for text in self.received if text not in self.replied}

    @property
    def fresh(self) -> set[str]:
        """Replied to so shortly before the kill that the ledger owes nothing yet."""
        return {text for text, at in self.replied.items() if at > self.at - DURABLE_S}

    @property
    def oldest_s(self) -> float:
        """Age at the kill of the oldest reply that was not durable."""
        return max((self.at - self.replied[text] for text in self.waiting), default=0.0)

    @property
    def waiting(self) -> set[str]:
        """Replied to and not durable."""
        return self.replied.keys() - self.durable


def problems(kills: list[Killed], asked: Counter[str]) -> list[str]:
    """What the engine promised and did not keep; `asked`: how often the server was asked each request in all."""
    broken = []
    acknowledged: set[str] = set()
    may_repeat: Counter[str] = Counter()
    for nth, kill in enumerate(kills, 1):
        acknowledged |= kill.acknowledged
        if lost := acknowledged - kill.durable:
            broken.append(f"kill {nth}: {len(lost)} acknowledged replies are not in the ledger, e.g. {min(lost)}")
        if late := kill.waiting - kill.fresh:
            broken.append(f"kill {nth}: {len(late)} replies were not durable after {DURABLE_S:g} s, e.g. {min(late)}")
        if len(kill.waiting) > GROUP_ROWS:
            broken.append(f"kill {nth}: {len(kill.waiting)} replies were not durable, at most {GROUP_ROWS} may")
        may_repeat.update(kill.in_flight | kill.fresh)
        if again := acknowledged & {text for later in kills[nth:] for text in later.received}:
            broken.append(f"kill {nth}: {len(again)} acknowledged replies were asked again, e.g. {min(again)}")
    if more := {text: n for text, n in asked.items() if n - 1 > may_repeat[text]}:
        broken.append(
            f"{len(more)} requests were repeated that were neither in flight nor fresh at a kill, e.g. {min(more)}"
        )
    return broken


def killed_run(server: StubEndpoint, folder: Path, requests: int, nth: int, alive_s: float, how: str) -> Killed:
    begun, log = len(server.calls), folder / f"acknowledged-{nth}.txt"
    worker = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.resources.calls.calls_worker",
            str(folder),
            server.base_url,
            str(requests),
            str(nth),
            how,
            str(log),
        ],
        cwd=PROJECT_ROOT,
    )
    while len(server.calls) == begun and worker.poll() is None:
        time.sleep(0.01)
    time.sleep(alive_s)
    worker.kill()
    at = time.monotonic()
    worker.wait()
    received = Counter(c.text for c in server.calls[begun:])
    replied = {text: when for text, when in list(server.replied) if text in received and when <= at}
    reader = LakeStore(f"sqlite:{folder}/lake/catalog.sqlite", f"{folder}/lake/data")
    durable = {r["reply"].removeprefix("re ") for r in reader.sql("SELECT reply FROM calls").to_dicts()}
    reader.close()
    return Killed(at, received, replied, set(log.read_text().splitlines()) if log.exists() else set(), durable)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--late", action="store_true")
    options = parser.parse_args()
    draw = random.Random(options.seed)
    kills: list[Killed] = []
    with (
        tempfile.TemporaryDirectory() as name,
        StubEndpoint(lambda c: Act(completion(f"re {c.text}"), delay_s=0.05)) as server,
    ):
        folder = Path(name)
        for nth in range(1, KILLS + 1):
            kill = killed_run(
                server, folder, options.requests, nth, draw.uniform(0.2, 4.0), "late" if options.late else "acknowledge"
            )
            kills.append(kill)
            print(
                f"kill {nth}: {sum(kill.received.values())} received, {len(kill.in_flight)} in flight, "
                f"{len(kill.fresh)} replied to within "
                f"{DURABLE_S:g} s, {len(kill.waiting)} replied to and not durable (the oldest for {kill.oldest_s:.2f} "
                f"s), {len(kill.acknowledged)} acknowledged, "
                f"{len(kill.durable)} in the ledger",
                flush=True,
            )
        last = engine_on(folder, server.base_url)
        replies = last.run(requests_of(options.requests), asset="a", batch="b", run_id="last")
        last.close()
        asked = Counter(c.text for c in server.calls)
    broken = problems(kills, asked)
    if unanswered := sum(not r.ok for r in replies):
        broken.append(f"{unanswered} requests were never answered")
    repeated = sum(asked.values()) - len(asked)
    bound = sum(len(kill.in_flight | kill.fresh) for kill in kills)
    print(
        f"{options.requests} requests, {sum(asked.values())} asked: {repeated} repeated, of {bound} that may be by the "
        f"server's count; "
        f"{sum(len(k.acknowledged) for k in kills)} acknowledged before a kill",
        flush=True,
    )
    if broken:
        raise SystemExit("\n".join(broken))
    print("no acknowledged reply was lost or asked again")


if __name__ == "__main__":
    main()
