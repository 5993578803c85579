"""What every request and answer of the explorer goes through (security headers, DNS rebinding): ASGI, by itself.

Belongs here: which hosts and methods are answered, and the headers of every answer. Does not belong here: pages.

A page of another site may send requests to this address, and by a name of its own that leads here may read the answers;
so only requests that name this machine are answered. Those that write have to come from a page of this server: with its
origin, and as JSON, which other sites may not send unasked. Whose they are a token says (auditors.py), not a cookie, so
that there is nothing which a browser would add to a foreign request. The content policy lets a page load this server's
own files alone, and run no script and no style that stands within it.
"""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


class Guard:
    """Around an application: refuses what is not asked of this machine by its own name, or would change anything."""

    def __init__(self, app: ASGIApp, writes: Collection[str] = ()) -> None:
        """`writes`: the paths that take `POST`."""
        self._app, self._writes = app, frozenset(writes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-store")
            await send(message)

        if scope["type"] != "http":
            return  # no web sockets here: the server closes what is not accepted
        refusal = _refused(scope, self._writes)
        await (refusal or self._app)(scope, receive, send_guarded)


def host_of(value: str) -> str:
    """The name in a Host header, without its port."""
    name, colon, port = value.strip().lower().rpartition(":")
    return name if colon and port.isdigit() else value.strip().lower()


def _refused(scope: Scope, writes: Collection[str]) -> PlainTextResponse | None:
    headers = Headers(scope=scope)
    hosts = headers.getlist("host")
    if len(hosts) != 1 or host_of(hosts[0]) not in HOSTS:
        return PlainTextResponse("The explorer answers on 127.0.0.1 and localhost alone.\n", 421)
    if b"%00" in scope["query_string"] or b"\0" in scope["query_string"]:  # at which databases end a text
        return PlainTextResponse("An address holds no NUL.\n", 400)
    if scope["path"] in writes:
        if scope["method"] != "POST":
            return PlainTextResponse("Verdicts are posted here.\n", 405, {"allow": "POST"})
        return _refused_write(headers, hosts[0])
    if scope["method"] not in ("GET", "HEAD"):
        return PlainTextResponse("The explorer only reads.\n", 405, {"allow": "GET, HEAD"})
    return None


def _refused_write(headers: Headers, host: str) -> PlainTextResponse | None:
    origins = headers.getlist("origin")
    if any(origin.strip().lower() != f"http://{host.strip().lower()}" for origin in origins):
        return PlainTextResponse("This came from a page of another site.\n", 403)
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return PlainTextResponse("This came from a page of another site.\n", 403)
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return PlainTextResponse("Verdicts are sent as application/json.\n", 415)
    return None
