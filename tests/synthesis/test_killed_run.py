"""kill -9 in the middle of synthesis, at moments of a seed: what comes of it is what comes of an undisturbed run.

The long form, with training, engines and databases among the victims, is benchmarks/crashes.py.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter

import pytest

from resources.lake.store import LakeStore
from tests.conftest import PROJECT_ROOT
from tests.demo.teacher.recording import prompt_text
from tests.synthesis.finished import finished_house
from tests.synthesis.house import House
from wethink_assets.dataset.assets import release_asset
from wethink_assets.synthesis.registry import tables_written

KILLS, SEED = 4, 13
ANSWERED = "SELECT model, messages, images_sent, reply FROM calls WHERE status = 'ok'"  # others may get another seed


class KillsAt(list):
    """What a teacher received; with the `mark`-th of it the process `victim` is dead."""

    victim = mark = 0

    def append(self, request) -> None:
        super().append(request)
        if self.victim and len(self) >= self.mark:
            os.kill(self.victim, signal.SIGKILL)
            self.victim = 0


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("undisturbed") / "house", copy_of=finished_house(tmp_path_factory))
    house.run(selection=[release_asset()], batch=None)
    yield house
    house.lake.store.close()


def made(house: House) -> dict[str, list]:
    rows = {table: house.rows(table) for table in (*tables_written(), "verdicts")}
    rows["calls"] = house.sql("SELECT call_id, status, reply FROM calls ORDER BY call_id")
    return rows | {"releases": house.sql("SELECT release_id, rows FROM releases")}


@pytest.mark.long
def test_a_run_that_was_killed_again_and_again_makes_what_an_undisturbed_one_does(tmp_path, undisturbed):
    house = House(tmp_path, recorded=True)
    house.lake.store.close()  # the workers alone have it open
    house.teacher.received = received = KillsAt()
    total = undisturbed.sql("SELECT count(*)::INT AS n FROM calls")[0]["n"]
    marks = sorted(random.Random(SEED).sample(range(1, total), KILLS))
    kept: list[tuple[int, dict]] = []
    with subprocess.Popen(
        [sys.executable, "-m", "tests.synthesis.killed_worker", house.settings.model_dump_json()],
        cwd=PROJECT_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        bufsize=1,
    ) as worker:
        for mark in (*marks, 10 * total):
            worker.stdin.write("\n")
            received.mark, received.victim = mark, int(worker.stdout.readline())
            status = int(worker.stdout.readline())
            assert status == (-signal.SIGKILL if mark < total else 0)
            kept.append((len(received), durable(house)))
        worker.stdin.close()
    house.teacher.close()
    house.lake.store.close()
    assert made(house) == made(undisturbed)
    (_, at_last) = kept.pop()
    for asked_before, replies in kept:
        assert replies.items() <= at_last.items(), "no reply that was durable is lost"
        again = Counter((model, text, tuple(images)) for model, text, images in received[asked_before:])
        assert not replies.keys() & again.keys(), "nor paid twice"
    assert any(replies for _, replies in kept)


def durable(house: House) -> dict[tuple, str]:
    """Replies of the ledger by what was asked, as the teacher remembers it."""
    lake = LakeStore(house.settings.lake_catalog, house.settings.lake_data_path)
    rows = lake.sql(ANSWERED).to_dicts()
    lake.close()
    return {(r["model"], prompt_text(json.loads(r["messages"])), tuple(r["images_sent"])): r["reply"] for r in rows}
