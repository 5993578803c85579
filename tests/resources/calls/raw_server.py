"""A server that sends the very bytes it is told to: answers that no HTTP library would let out."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tests.resources.calls.stub_endpoint import completion, last_user_text


@dataclass
class Asked:
    """A request: its first line, its headers by lower-case name, the text asked, and how often that was asked."""

    line: str
    headers: dict[str, str]
    text: str
    nth: int


@dataclass
class Sent:
    """Bytes to send; then the connection is kept, closed, or reset."""

    raw: bytes
    then: str = "keep"


def reply(text: str) -> bytes:
    """The body of a good reply."""
    return json.dumps(completion(text)).encode()


def http(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """An answer with a Content-Length, right or wrong."""
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", *headers]
    lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def chunked(body: bytes, *headers: str, size: int = 7, end: bytes = b"0\r\n\r\n") -> bytes:
    head = "\r\n".join(["HTTP/1.1 200 OK", "Transfer-Encoding: chunked", *headers]).encode() + b"\r\n\r\n"
    parts = [body[i : i + size] for i in range(0, len(body), size)]
    return head + b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in parts) + end


class RawServer:
    """Sends what `behave` gives for each request. `asked` holds the requests, `connections` counts them."""

    def __init__(self, behave: Callable[[Asked], Sent], tls: ssl.SSLContext | None = None) -> None:
        self.behave = behave
        self.asked: list[Asked] = []
        self.connections = 0
        self._tls = tls
        self._seen: Counter[str] = Counter()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> RawServer:
        self._thread.start()
        started = asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self._server = asyncio.run_coroutine_threadsafe(started, self._loop).result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in head[1:] if line)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                text = last_user_text(json.loads(body)) if body else ""
                self._seen[text] += 1
                self.asked.append(Asked(head[0], headers, text, self._seen[text]))
                sent = self.behave(self.asked[-1])
                writer.write(sent.raw)
                await writer.drain()
                if sent.then == "reset":
                    writer.transport.abort()
                    return
                if sent.then == "close":
                    writer.close()
                    return
        except (asyncio.IncompleteReadError, OSError):
            return
