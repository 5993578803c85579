"""The HTTP client of chat completions (aiohttp): one POST of bytes that are ready, one answer of bounded size.

Belongs here: connections, headers, proxy and certificates, reading an answer whole, unpacking it.
Does not belong here: what is in a body (wire.py), what an answer tells of the endpoint (endpoint.py), files and
batches, which the `openai` client sends (endpoint.py).

The `openai` client costs a request eight times the CPU of this one: it copies, converts and encodes a body of images
several times, and builds three layers of request and response objects around it.
"""

from __future__ import annotations

import asyncio
import ssl
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from resources.calls.messages import CallsError

MAX_BODY_BYTES = 32 * 1024 * 1024
CONNECT_S = 10.0
KEEP_ALIVE_S = 5.0  # below what servers keep idle connections for (uvicorn 5 s, nginx 75 s): fewer meet a closed one
LOCAL = ("127.0.0.1", "localhost", "::1")


class TooLargeError(ValueError):
    """An answer has more than `MAX_BODY_BYTES` bytes once it is unpacked."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, read whole and unpacked."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class ChatClient:
    """Keep-alive connections to one endpoint's `/chat/completions`. Belongs to one event loop.

    Redirects are not followed and cookies not kept: a key goes to the configured URL and nowhere else. Nothing is tried
    again here.
    """

    def __init__(self, base_url: str, key: str, *, concurrency: int, timeout_s: float) -> None:
        self._url = URL(base_url.rstrip("/") + "/chat/completions")
        self._proxy = proxy_of(base_url)
        self._headers = {
            "Authorization": f"Bearer {key or 'none'}",
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",  # replies are small beside the images that go up
            "User-Agent": "wethink-assets",
        }
        self._concurrency = concurrency
        self._timeout_s = timeout_s
        self._session: aiohttp.ClientSession | None = None

    async def post(self, body: bytes) -> Answer:
        """Send `body` once; the time limit is for the whole answer, since a server may drip for ever.

        Raises:
            TimeoutError: it was not whole in time.
            aiohttp.ClientError, OSError: there was no whole answer.
            ValueError: it is too large (`TooLargeError`), or packed in a way that cannot be unpacked.
        """
        session = self._session or self._opened()
        async with (
            asyncio.timeout(self._timeout_s),
            session.post(self._url, data=body, allow_redirects=False) as response,
        ):
            packed = await _whole(response)
        encoding = response.headers.get("Content-Encoding", "")
        try:
            body = unpacked(packed, encoding)
        except ValueError as error:
            if response.status < 300 or isinstance(error, TooLargeError):
                raise
            body = b""  # the status of an error counts, whatever its text was packed in
        return Answer(response.status, response.headers, body)

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _opened(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=self._concurrency, keepalive_timeout=KEEP_ALIVE_S, ssl=_certificates(self._url)
        )
        connect = min(CONNECT_S, self._timeout_s)
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers=self._headers,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,  # see `unpacked`
            proxy=self._proxy,
            trust_env=False,  # the proxy is known; ~/.netrc holds no key of an endpoint
        )
        return self._session


def proxy_of(url: str) -> str | None:
    """The proxy that the environment names for `url`; none stands before this machine itself.

    Raises:
        CallsError: it is of a kind that cannot be used here.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in LOCAL or proxy_bypass(host):
        return None
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if proxy and "://" not in proxy:
        proxy = f"http://{proxy}"
    if proxy and urlsplit(proxy).scheme not in ("http", "https"):
        raise CallsError(
            f"{parts.scheme.upper()}_PROXY or ALL_PROXY names a proxy of kind {urlsplit(proxy).scheme!r} for {host}: "
            f"name an HTTP proxy, or add {host} to NO_PROXY"
        )
    return proxy or None


def unpacked(body: bytes, encoding: str) -> bytes:
    """`body` without its content encoding, which a server may choose although none is asked for.

    Raises:
        TooLargeError: it would have more than `MAX_BODY_BYTES` bytes: a bomb is given up before it fills the memory.
        ValueError: the encoding is unknown, or what is packed is broken or cut off.
    """
    name = encoding.strip().lower()
    if name in ("", "identity") or not body:
        return body
    if name not in ("gzip", "x-gzip", "deflate"):
        raise ValueError(f"the answer is packed as {encoding[:40]!r}, which was not asked for")
    unpacker = zlib.decompressobj(-15 if name == "deflate" and not _is_zlib(body) else 47)
    try:
        whole = unpacker.decompress(body, MAX_BODY_BYTES + 1)
    except zlib.error as error:
        raise ValueError(f"the answer cannot be unpacked: {error}") from None
    if len(whole) > MAX_BODY_BYTES:
        raise _too_large()
    if not unpacker.eof:
        raise ValueError("the answer is packed and was cut off")
    if unpacker.unused_data:
        raise ValueError("the answer is packed in several parts")
    return whole


def _is_zlib(body: bytes) -> bool:
    """Some servers call a bare stream "deflate", others one within zlib's frame, as the standard says."""
    return len(body) > 1 and body[0] & 15 == 8 and (body[0] << 8 | body[1]) % 31 == 0


async def _whole(response: aiohttp.ClientResponse) -> bytes:
    """The body as it was sent. Given up within one part of the limit: it may be endless."""
    if (response.content_length or 0) > MAX_BODY_BYTES:
        response.close()
        raise _too_large()
    content = response.content
    body = await content.readany()
    if content.at_eof():
        return body
    parts, size = [body], len(body)
    while part := await content.readany():
        size += len(part)
        if size > MAX_BODY_BYTES:
            response.close()
            raise _too_large()
        parts.append(part)
    return b"".join(parts)


def _too_large() -> TooLargeError:
    return TooLargeError(f"the answer has more than {MAX_BODY_BYTES >> 20} MiB")


def _certificates(url: URL) -> ssl.SSLContext | bool:
    """The same certificates as for files and batches; loading them takes 60 ms."""
    if url.scheme != "https":
        return True
    import httpx2

    return httpx2.create_ssl_context()
