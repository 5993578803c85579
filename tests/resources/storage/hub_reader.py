"""Reads hf://datasets/me/data from a local stand-in of the hub, in a process of its own: its address is read at import.

Prints what a batch of source `coco` took from it, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from tests.resources.storage.conftest import coco, tarred

OBJECTS = {f"coco/{name}": content for name, content in coco().items()}
OBJECTS |= {"coco/rest.tar": tarred({"train2017/t.jpg": b"t"}), "coco/train2017/z.jpg": b""}


class Hub(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if "/tree/main" in path:
            below = path.partition("/tree/main")[2].strip("/")
            entries = {
                e["path"]: e for e in map(self._entry, OBJECTS, [f"{below}/" if below else ""] * len(OBJECTS)) if e
            }
            return self._send(
                200 if entries else 404, json.dumps(list(entries.values()) or {}).encode(), "EntryNotFound"
            )
        if path.startswith("/api/datasets/me/data"):
            return self._send(200, json.dumps({"id": "me/data", "sha": "s", "siblings": [], "private": False}).encode())
        data = OBJECTS.get(path.partition("/resolve/main/")[2])
        if data is None:
            return self._send(404, b"{}", "EntryNotFound")
        if asked := self.headers.get("Range"):
            start, _, end = asked.removeprefix("bytes=").partition("-")
            return self._send(206, data[int(start) : int(end) + 1 if end else None])
        return self._send(200, data)

    do_HEAD = do_GET  # noqa: N815 - the name that http.server calls

    @staticmethod
    def _entry(name: str, prefix: str) -> dict | None:
        if not name.startswith(prefix):
            return None
        top, slash, _ = name[len(prefix) :].partition("/")
        if slash:
            return {"type": "directory", "path": prefix + top, "oid": "d"}
        return {"type": "file", "path": name, "size": len(OBJECTS[name]), "oid": f"b{len(OBJECTS[name])}"}

    def _send(self, code: int, body: bytes, error: str = "") -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        if code == 404:
            self.send_header("X-Error-Code", error)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    os.environ.update(
        HF_ENDPOINT=f"http://127.0.0.1:{server.server_port}", HF_HUB_OFFLINE="0", HF_HUB_DISABLE_TELEMETRY="1"
    )
    from resources.storage.places import Places
    from wethink_assets.sources.catalog import source
    from wethink_assets.sources.ingest import take

    result, problems = take(source("coco"), Places("hf://datasets/me/data"), "b1", [], None)
    stopped = [str(s) for s in [*result.failed, *problems]]
    json.dump({"rows": result.rows["source_images"], "stopped": stopped}, sys.stdout)


if __name__ == "__main__":
    main()
