"""A lake under a clock that jumps: `python -m tests.resources.lake.jumping_clock FOLDER`, with clock.so preloaded.

Prints what it saw as JSON. The clock of the whole process, DuckDB's too, is that of the machine and the seconds in the
file that JUMPING_CLOCK names.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from resources.lake.maintenance import maintain
from resources.lake.store import Commit, LakeStore
from tests.resources.lake.test_maintenance import growth, release, seen

HOUR = 3600.0
SHIM = r"""
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static long offset(void) {
  const char *path = getenv("JUMPING_CLOCK");
  FILE *file = path ? fopen(path, "r") : NULL;
  long seconds = 0;
  if (file) { if (fscanf(file, "%ld", &seconds) != 1) seconds = 0; fclose(file); }
  return seconds;
}
int clock_gettime(clockid_t id, struct timespec *at) {
  int failed = syscall(SYS_clock_gettime, id, at);
  if (!failed && id == CLOCK_REALTIME) at->tv_sec += offset();
  return failed;
}
int gettimeofday(struct timeval *at, void *zone) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  at->tv_sec = now.tv_sec;
  at->tv_usec = now.tv_nsec / 1000;
  return 0;
}
time_t time(time_t *at) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (at) *at = now.tv_sec;
  return now.tv_sec;
}
"""


def main(folder: str) -> None:
    lake = LakeStore(f"sqlite:{folder}/catalog.sqlite", f"{folder}/data")
    clock = Path(os.environ["JUMPING_CLOCK"])
    written: list[tuple[int, list[tuple]]] = []
    for number, jump in enumerate((0, HOUR, 0, -HOUR, 0)):
        clock.write_text(f"{jump:.0f}")
        lake.write(Commit("a", f"b{number}"), [growth(number, 20)])
        snapshot = lake.snapshot_id()
        written.append((snapshot, seen(lake, snapshot)))
        if number in (1, 2):
            lake.write(Commit("release"), [release(snapshot)])
    times = dict(lake.sql("SELECT snapshot_id, epoch(snapshot_time) FROM lake.snapshots()").rows())

    def there() -> list[int]:
        known = set(lake.sql("SELECT snapshot_id FROM lake.snapshots()")["snapshot_id"])
        return [snapshot for snapshot, _ in written if snapshot in known]

    told = {"ids": [snapshot for snapshot, _ in written], "times": [times[snapshot] for snapshot, _ in written]}
    maintain(lake, keep_days=0.5 / 24, cleanup_after_s=0)
    told["after half an hour"] = there()
    for name, jump in (("an hour ahead", 3 * HOUR), ("an hour behind", -HOUR)):
        clock.write_text(f"{jump:.0f}")
        maintain(lake, keep_days=0.5 / 24, cleanup_after_s=0)
        told[name] = there()
        told[f"{name}: as written"] = all(seen(lake, at) == rows for at, rows in written if at in told[name])
    told["rows"] = lake.sql("SELECT count(*) AS n, count(DISTINCT subject_id) AS d FROM verdicts").row(0)
    lake.close()
    print(json.dumps(told))  # noqa: T201 - what the test reads


if __name__ == "__main__":
    main(sys.argv[1])
