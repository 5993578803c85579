"""The explorer at 120,000 samples: seconds and CPU ms of its pages, from the first to a row, through real HTTP.

Run `python -m benchmarks.explorer [--images 55000] [--home FOLDER]`: a generated lake (tests/lake_at_size.py) with
960,000 rollouts and 1,090,000 calls, 60 real pictures of 640 x 480 for one page of the gallery, and the server in this
process; every page is asked for three times, the lowest counts, a picture page once with no copy of a picture there and
then again. `--home` keeps the lake in a folder and takes it from there the next time.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import io
import json
import resource
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import numpy as np
from PIL import Image

from resources.lake.store import Commit, LakeStore, Write
from tests.lake_at_size import BATCHES, fill
from wethink_assets.explorer.auditors import Auditors
from wethink_assets.explorer.serve import ADDRESS, explorer, listening, server
from wethink_assets.settings import Settings

PICTURES = 60
CONNECTIONS = 6  # of a browser to one host
WIDE, HIGH = 640, 480


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=55_000)
    parser.add_argument("--home", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = (arguments.home or Path(temporary)).resolve()
        settings = Settings(home=root / "home", sources_root=root / "sources")
        if not (root / "sources").is_dir():
            store = LakeStore.of(settings, create=True)
            fill(store, arguments.images, text=60, files=1)
            _add_pictures(store, root / "sources")
            store.close()
        _measure(settings)


def _add_pictures(store: LakeStore, sources: Path) -> None:
    """A source with real files of noise and edges, two questions about each."""
    drawn = np.random.default_rng(7)
    (sources / "real").mkdir(parents=True)
    files, images, questions = [], [], []
    run = {"batch": BATCHES[0], "run_id": "run-real"}
    for number in range(PICTURES):
        coarse = drawn.integers(0, 255, (24, 32, 3), dtype=np.uint8)
        out = io.BytesIO()
        Image.fromarray(coarse).resize((WIDE, HIGH), Image.Resampling.BICUBIC).save(out, "JPEG", quality=90)
        data, uri = out.getvalue(), f"real/{number}.jpg"
        (sources / uri).write_bytes(data)
        image_id = hashlib.sha256(data).hexdigest()
        common = {"source": "real", "image_uri": uri, "image_id": image_id, "licence": "CC0-1.0", **run}
        files.append({**common, "file_bytes": len(data), "position": number, "split": None, "context": {}})
        form = {"format": "JPEG", "width": WIDE, "height": HIGH, "origins": [uri], "picture_id": image_id}
        images.append({**common, **form, "phash": image_id[:16], "phash256": image_id})
        own = {
            "image_id": image_id,
            "refined_id": "x",
            "options": [],
            "abilities": ["reasoning"],
            "call_id": "x",
            **run,
        }
        questions.append(
            {**own, "question_id": image_id, "position": 0, "question": f"{number} or more?", "category": "FIB"}
        )
    rows = {"source_images": files, "images": images, "questions": questions}
    store.write(Commit("test"), [Write(name, some, mode="add_missing") for name, some in rows.items()])


def _measure(settings: Settings) -> None:
    began, cpu = time.perf_counter(), _cpu()
    auditors = Auditors(("me",))
    with closing(listening(0)) as listener, explorer(settings, auditors) as application:
        print(f"ready: {time.perf_counter() - began:.1f} s, {_cpu() - cpu:.1f} CPU-s (indexes of ids go on)")
        running = server(application)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            (_, link) = auditors.links("")[0]
            _pages(listener.getsockname()[1], link.partition("#token=")[2], settings)
        finally:
            running.should_exit = True
            thread.join()
    print(f"memory at most: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:,.0f} MB")


def _pages(port: int, token: str, settings: Settings) -> None:
    with LakeStore.of(settings, create=False).connection() as con:
        (sample,) = con.execute("SELECT sample_id FROM samples LIMIT 1 OFFSET 50").fetchone() or ("",)
        (call,) = con.execute("SELECT call_id FROM calls LIMIT 1 OFFSET 50").fetchone() or ("",)
        images = [row[0] for row in con.execute("SELECT image_id FROM images WHERE source = 'real'").fetchall()]
    print(f"first row, which waits for the indexes: {_seconds(lambda: _get(port, f'/row/{sample}'), 1):.2f} s")
    print("\n| page | seconds | CPU-ms |\n|---|---|---|")
    for name, path in (
        ("overview", "/"),
        ("rows", "/rows"),
        ("rows, one filter", "/rows?outcome=dropped"),
        ("rows, four filters", "/rows?source=source3&category=MC&split=train&batch=2026-01"),
        ("rows, page 1,000", "/rows?page=1000"),
        ("a search that was made before", "/rows?q=what"),
        ("a sample", f"/row/{sample}"),
        ("a sample with its neighbours", f"/row/{sample}?outcome=released&at=1000"),
        ("a call", f"/row/{call}"),
        ("map", "/map"),
        ("map, one filter", "/map?category=MC"),
        ("a row to judge", "/audit"),
        ("a row to judge, of a sample of 2,000", "/audit?rows=2000"),
    ):
        _told(name, lambda path=path: _get(port, path), 3)
    _told("a verdict", lambda: _judge(port, token, sample), 3)
    for words in ("1234", "word 1234", "nowhere"):
        _told(f"a new search: {words}", lambda words=words: _get(port, f"/rows?q={quote(words)}"), 1)
    _told("60 pictures, none ready, with their page", lambda: _with_pictures(port, images), 1)
    _told("60 pictures again, with their page", lambda: _with_pictures(port, images), 3)


def _with_pictures(port: int, images: Iterable[str]) -> None:
    """As a browser does it: the page, then its pictures over a few connections."""
    _get(port, "/rows?source=real")
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(lambda image_id: _get(port, f"/picture/{image_id}"), images))


def _get(port: int, path: str) -> bytes:
    with closing(http.client.HTTPConnection(ADDRESS, port, timeout=600)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, (path, answer.status)
        return body


def _judge(port: int, token: str, sample: str) -> None:
    body = json.dumps({"release": "release-2", "sample": sample, "verdict": "right", "note": ""})
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    with closing(http.client.HTTPConnection(ADDRESS, port, timeout=600)) as connection:
        connection.request("POST", "/audit/verdict", body, headers)
        assert connection.getresponse().status == 204


def _told(name: str, ask: Callable[[], object], times: int) -> None:
    cpu = _cpu()
    seconds = _seconds(ask, times)
    print(f"| {name} | {seconds:.3f} | {1000 * (_cpu() - cpu) / times:,.0f} |", flush=True)


def _seconds(ask: Callable[[], object], times: int) -> float:
    """The lowest of so many."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - began)
    return min(taken)


def _cpu() -> float:
    """CPU seconds of this process; its workers for pictures count once they have ended."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
