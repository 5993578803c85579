"""An OpenAI-compatible HTTP server that answers as the test's policies would."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class PolicyEndpoint:
    """`answer(model, text, image)` gives the reply, or None for a refused request (HTTP 400). Keeps what was asked."""

    def __init__(self, answer: Callable[[str, str, bytes], str | None]) -> None:
        self.answer = answer
        self.asked: list[dict] = []
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                endpoint.asked.append(body)
                content = body["messages"][-1]["content"]
                images = [
                    base64.b64decode(p["image_url"]["url"].partition(",")[2])
                    for p in content
                    if p["type"] == "image_url"
                ]
                text = "".join(p["text"] for p in content if p["type"] == "text")
                reply = endpoint.reply(body, text, images[-1])
                if reply is None:
                    self._send(400, {"error": {"message": "the prompt is too long", "type": "BadRequestError"}})
                    return
                choice = {"index": 0, "message": {"role": "assistant", "content": reply}, "finish_reason": "stop"}
                usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
                self._send(
                    200,
                    {
                        "id": "c",
                        "object": "chat.completion",
                        "created": 0,
                        "model": body["model"],
                        "choices": [choice],
                        "usage": usage,
                    },
                )

            def _send(self, status: int, payload: dict) -> None:
                data = json.dumps(payload).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def reply(self, body: dict, text: str, image: bytes) -> str | None:
        """For policies whose answer depends on more than `answer` is given, such as the seed."""
        return self.answer(body["model"], text, image)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
