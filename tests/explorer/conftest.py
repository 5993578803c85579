"""A small lake with rows of every kind, hostile texts and a real picture, and the explorer's server over it."""

from __future__ import annotations

import hashlib
import http.client
import io
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image

from resources.lake.store import Commit, LakeStore, Write
from tests.fresh_lakes import fresh_lake_of
from tests.lineage.every_kind import IMAGE, ROWS, RUN, key
from wethink_assets.explorer.auditors import Auditors
from wethink_assets.explorer.serve import ADDRESS, explorer, listening, server
from wethink_assets.settings import Settings

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202egnp.exe\x00{{ 7*7 }} & </title>"

LATER = "feedc0de87654321"  # a second release, with another row than the first
FILE = HOSTILE.replace("\0", "")
SPACED = "gqa/Screenshot 2024-01-02 at 10:30:12.png"
DEEP = "[" * 1200 + "]" * 1200


def picture(colour: tuple[int, int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(out, "PNG")
    return out.getvalue()


PNG = picture((200, 30, 30))
SHOWN = hashlib.sha256(PNG).hexdigest()
BROKEN = hashlib.sha256(b"no picture").hexdigest()


def question(name: str, position: int, **more):
    row = next(row for row in ROWS["questions"] if row["question_id"] == key("question"))
    return {**row, "question_id": key(name), "position": position, **more}


def pool_image(image_id: str, uri: str):
    return {
        "image_id": image_id,
        "source": uri.partition("/")[0],
        "image_uri": uri,
        "origins": [uri],
        "licence": "CC0-1.0",
        "format": "PNG",
        "width": 640,
        "height": 480,
        "phash": "0" * 16,
        "phash256": "0" * 64,
        "picture_id": image_id,
        **RUN,
    }


def stop(asset: str, subject: str, reason: str, **more):
    row = {"asset": asset, "subject_id": subject, "verdict": "dropped", "reason": reason, "detail": None}
    return {**row, "related_id": None, **RUN, **more}


def scored(policy: str, benchmark: str, item: str, score: float):
    verdict = "correct" if score else "wrong"
    row = {"policy_id": policy, "benchmark": benchmark, "item": item, "verdict": verdict, "score": score}
    return {**row, "method": "rule", "extracted": HOSTILE, "run_id": "run-1"}


def rows() -> dict[str, list[dict]]:
    """Rows by table: those of every kind, and some whose text would do harm."""
    tables = {name: list(some) for name, some in ROWS.items()}
    file = ROWS["source_images"][0]
    tables["source_images"] += [
        {**file, "image_uri": "gqa/shown.png", "source": "gqa", "image_id": SHOWN, "position": 1},
        {**file, "image_uri": "gqa/broken.png", "source": "gqa", "image_id": BROKEN, "position": 2},
        {**file, "image_uri": f"gqa/{FILE}.png", "source": "gqa", "image_id": key("odd"), "position": 3},
        {**file, "image_uri": SPACED, "source": "gqa", "image_id": key("spaced"), "position": 4, "context": DEEP},
    ]
    tables["images"] = [
        pool_image(IMAGE, "coco/1.png"),
        pool_image(SHOWN, "gqa/shown.png"),
        pool_image(BROKEN, "gqa/broken.png"),
    ]
    tables["questions"] += [
        question("hostile", 0, image_id=SHOWN, question=HOSTILE, options=[HOSTILE, "b"], category="MC"),
        question("huge", 1, image_id=SHOWN, question="so " * 200_000),
        question("math", 2, image_id=SHOWN, question="How many red cars are there?", abilities=["math", "ocr"]),
    ]
    tables["verdicts"] += [
        stop("valid_questions", key("hostile"), "ill_posed", detail=HOSTILE),
        stop("valid_questions", key("huge"), "not_answerable", verdict="failed"),
        stop("image_pool", f"gqa/{FILE}.png", "near_duplicate", related_id=SHOWN),
        *(stop("routed_answers", name, "no_route") for name in ("p:q r", "p:q s ", "p q")),
        stop("growth_plan", "textvqa", "takes_nothing"),
        stop("questions", key("never kept"), "bad_options", detail="a choice needs two options"),
    ]
    tables["benchmark_items"].append({**ROWS["benchmark_items"][0], "item": "item 7 b", "position": 1})
    tables["predictions"] = [
        {
            "policy_id": policy,
            "policy_kind": kind,
            "benchmark": "MMStar",
            "item": "7",
            "call_id": key("call of answer"),
            "prompt": "Which?",
            "reply": HOSTILE,
            "run_id": "run-1",
        }
        for policy, kind in (("base-1234567", "base"), ("rl-1234567", "rl"))
    ]
    tables["item_scores"] = [
        scored("base-1234567", "MMStar", "7", 0.0),
        scored("rl-1234567", "MMStar", "7", 1.0),
        scored("base-1234567", "heldout", key("sample"), 1.0),
        scored("rl-1234567", "heldout", key("sample"), 0.0),
    ]
    (release,) = ROWS["releases"]
    (row,) = ROWS["release_rows"]
    text = {"problem": HOSTILE, "answer": "red", "source": "coco", "category": "FIB", "answer_type": "text"}
    later = {"release_id": LATER, "snapshot_id": 3}
    tables["releases"].append(release | later)
    tables["release_rows"].append({**row, "release_id": LATER, "sample_id": key("orphan"), **text, "batch": "b1"})
    return tables


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Served:
    """A running explorer. `store`: the lake that it shows; `links`: to the audit, by person."""

    port: int
    store: LakeStore
    links: dict[str, str]
    sources: Path

    def ask(
        self,
        path: str,
        method: str = "GET",
        host: str | None = "127.0.0.1",
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        """What it answers to a request for this very path, which no client has cleaned."""
        with closing(http.client.HTTPConnection(ADDRESS, self.port, timeout=60)) as connection:
            connection.putrequest(method, path, skip_host=True)
            if host is not None:
                connection.putheader("Host", host)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if body:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            reply = connection.getresponse()
            return Answer(reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read())

    def row(self, name: str) -> Answer:
        return self.ask(f"/row/{quote(name, safe='')}")


@contextmanager
def served(settings: Settings) -> Iterator[Served]:
    auditors = Auditors(("ann", "bob"))
    with closing(listening(0)) as listener, explorer(settings, auditors, pause=0) as application:
        running = server(application)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        store = LakeStore.of(settings, create=False)
        try:
            port = listener.getsockname()[1]
            yield Served(port, store, dict(auditors.links(f"http://{ADDRESS}:{port}")), Path(settings.sources_dir))
        finally:
            store.close()
            running.should_exit = True
            thread.join()


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Iterator[Served]:
    root: Path = tmp_path_factory.mktemp("explorer")
    settings = Settings(home=root / "home", sources_root=root / "sources")
    (root / "sources" / "gqa").mkdir(parents=True)
    (root / "sources" / "gqa" / "shown.png").write_bytes(PNG)
    (root / "sources" / "gqa" / "broken.png").write_bytes(b"no picture")
    store = LakeStore(*fresh_lake_of(settings))
    store.write(Commit("test"), [Write(table, some) for table, some in rows().items()])
    store.close()
    with served(settings) as running:
        yield running
