"""The part of Google Cloud Storage's JSON API that reading a bucket needs, over local HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    objects: dict[str, bytes]
    page: int
    asked: list[str]

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.asked.append(self.path)
        if url.path == "/storage/v1/b/data/o":
            return self._list(query)
        name = unquote(url.path.partition("/o/")[2])
        if name not in self.objects:
            return self._send(404, b'{"error": {"code": 404, "message": "No such object"}}')
        if query.get("alt") != "media":
            return self._send(200, json.dumps(self._about(name)).encode())
        data = self.objects[name]
        if asked := self.headers.get("Range"):
            start, _, end = asked.removeprefix("bytes=").partition("-")
            if int(start) >= len(data):
                return self._send(416, b"")
            return self._send(206, data[int(start) : int(end) + 1 if end else None])
        return self._send(200, data)

    def _list(self, query: dict[str, str]) -> None:
        prefix, delimiter, after = query.get("prefix", ""), query.get("delimiter", ""), query.get("pageToken", "")
        entries: dict[str, bool] = {}
        for name in sorted(self.objects):
            if name.startswith(prefix):
                top, cut, _ = name[len(prefix) :].partition(delimiter) if delimiter else (name[len(prefix) :], "", "")
                entries[prefix + top + cut] = bool(cut)
        names = [name for name in sorted(entries) if name > after]
        shown = names[: self.page]
        body = {
            "items": [self._about(name) for name in shown if not entries[name]],
            "prefixes": [name for name in shown if entries[name]],
        }
        if len(names) > self.page:
            body["nextPageToken"] = shown[-1]
        self._send(200, json.dumps(body).encode())

    def _about(self, name: str) -> dict[str, str]:
        size = str(len(self.objects[name]))
        return {"kind": "storage#object", "bucket": "data", "name": name, "size": size, "etag": f"e{size}"}

    def _send(self, code: int, body: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def google_server(objects: dict[str, bytes], page: int) -> Iterator[tuple[str, list[str]]]:
    """URL of a server whose bucket `data` holds these objects and lists `page` at a time, and what it was asked."""
    handler = type("Handler", (_Handler,), {"objects": objects, "page": page, "asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", handler.asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
