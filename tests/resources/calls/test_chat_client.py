"""The HTTP client of chat completions: answers that are broken, packed, endless or not asked for; where a key goes."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import ssl
import subprocess
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.calls.chat_client import MAX_BODY_BYTES, ChatClient, proxy_of, unpacked
from resources.calls.images import Sent as SentImage
from resources.calls.images import SentImages
from resources.calls.messages import CallsError, EndpointUnreachableError, ModelRequest
from resources.calls.replies import decoded
from resources.calls.wire import body_of
from tests.resources.calls.asking import ask, ledger, run
from tests.resources.calls.raw_server import RawServer, Sent, chunked, http, reply
from tests.resources.calls.stub_endpoint import Act, StubEndpoint, completion
from tests.resources.calls.test_parts import JSON
from wethink_assets.settings import EndpointSettings

KEY = "sk-very-secret-key-of-a-vendor"


def bare_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


GOOD = {
    "chunked": lambda b: Sent(chunked(b)),
    "chunked with an extension and a trailer": lambda b: Sent(
        chunked(b).replace(b"7\r\n", b"7;a=b\r\n", 1).removesuffix(b"\r\n") + b"X-Sum: 1\r\n\r\n"
    ),
    "gzip": lambda b: Sent(http(gzip.compress(b), "Content-Encoding: gzip")),
    "gzip in chunks": lambda b: Sent(chunked(gzip.compress(b), "Content-Encoding: gzip", size=3)),
    "deflate": lambda b: Sent(http(zlib.compress(b), "Content-Encoding: deflate")),
    "deflate, bare": lambda b: Sent(http(bare_deflate(b), "Content-Encoding: deflate")),
    "until the connection ends": lambda b: Sent(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b, "close"),
    "HTTP/1.0": lambda b: Sent(b"HTTP/1.0 200 OK\r\n\r\n" + b, "close"),
    "another media type": lambda b: Sent(http(b).replace(b"application/json", b"text/plain; charset=latin-1")),
}
BROKEN = {
    "cut off, then closed": lambda b: Sent(http(b, length=len(b) + 1), "close"),
    "cut off, then reset": lambda b: Sent(http(b, length=len(b) + 1), "reset"),
    "cut off in a chunk": lambda b: Sent(chunked(b)[:-20], "close"),
    "without the last chunk": lambda b: Sent(chunked(b, end=b""), "close"),
    "a chunk of no size": lambda b: Sent(chunked(b).replace(b"\r\n7\r\n", b"\r\nzz\r\n", 1), "close"),
    "shorter than it is": lambda b: Sent(http(b, length=len(b) - 5), "close"),
    "a length that is no number": lambda b: Sent(http(b).replace(b"Length: ", b"Length: -"), "close"),
    "gzip, cut off": lambda b: Sent(http(gzip.compress(b)[:-9], "Content-Encoding: gzip")),
    "gzip in two parts": lambda b: Sent(http(gzip.compress(b[:9]) + gzip.compress(b[9:]), "Content-Encoding: gzip")),
    "gzip that is none": lambda b: Sent(http(b, "Content-Encoding: gzip")),
    "packed otherwise": lambda b: Sent(http(b, "Content-Encoding: br")),
    "no UTF-8": lambda b: Sent(http(b.replace(b"fine", b"f\xff\xfee"))),
    "no HTTP": lambda b: Sent(b"220 mail ready\r\n\r\n", "close"),
    "nothing": lambda b: Sent(b"", "close"),
    "half a head": lambda b: Sent(http(b)[:30], "reset"),
    "a header without end": lambda b: Sent(http(b, "X: " + "a" * 100_000), "close"),
    "empty": lambda b: Sent(http(b"")),
    "no content": lambda b: Sent(http(b"", status="204 No Content")),
    "an error with status 200": lambda b: Sent(http(b'{"error": {"message": "overloaded", "code": 503}}')),
    "nested without end": lambda b: Sent(http(b"[" * 200_000)),
}


def test_every_way_to_send_an_answer_is_read(engine_of):
    with RawServer(lambda asked: GOOD[asked.text](reply(f"fine: {asked.text}"))) as server:
        replies = run(engine_of(server.base_url, max_attempts=1), [ask(name) for name in GOOD])
    assert [r.text for r in replies] == [f"fine: {name}" for name in GOOD]


def test_every_broken_answer_is_asked_again_and_spoils_no_other(engine_of, lake):
    def behave(asked):
        body = reply(f"fine: {asked.text}")
        return BROKEN[asked.text](body) if asked.text in BROKEN and asked.nth == 1 else Sent(http(body))

    requests = [ask(text) for name in BROKEN for text in (name, f"beside {name}")]
    with RawServer(behave) as server:
        replies = run(engine_of(server.base_url, max_attempts=12), requests)
        assert {a.text for a in server.asked if a.nth == 2} >= set(BROKEN)
    assert [r.text for r in replies] == [f"fine: {r.text}" for r in requests] and len(ledger(lake)) == len(requests)


def test_what_follows_an_answer_is_no_answer_to_the_next_request(engine_of):
    """A second reply in the same packet would be taken for the next call's, and kept in the ledger for good."""
    with RawServer(lambda a: Sent(http(reply(f"to {a.text}")) + http(reply("smuggled")))) as server:
        replies = run(engine_of(server.base_url, concurrency=1), [ask(f"q{i}") for i in range(6)])
    assert [r.text for r in replies] == [f"to q{i}" for i in range(6)]


def test_a_length_beyond_the_limit_is_given_up_before_it_is_read(engine_of):
    with RawServer(lambda a: Sent(http(b"{", length=10 * MAX_BODY_BYTES))) as server:
        (one,) = run(engine_of(server.base_url, max_attempts=1, timeout_s=60), [ask()])
    assert (one.error, one.detail) == ("bad_response", "the answer has more than 32 MiB")
    with pytest.raises(ValueError, match="32 MiB"):
        unpacked(gzip.compress(bytes(MAX_BODY_BYTES + 1)), "gzip")


@pytest.mark.parametrize("packed", [b"", b"not packed at all"])
def test_the_status_of_an_error_counts_whatever_its_text_is_packed_in(engine_of, packed):
    head = ("Content-Encoding: gzip", "Retry-After: 7")
    with RawServer(lambda a: Sent(http(packed, *head, status="429 Too Many Requests"))) as server:
        client = ChatClient(server.base_url, KEY, concurrency=1, timeout_s=10)

        async def post():
            try:
                return await client.post(b'{"messages": [{"role": "user", "content": "q"}]}')
            finally:
                await client.close()

        answer = asyncio.run(post())
    assert (answer.status, answer.headers["Retry-After"], answer.body) == (429, "7", b"")
    with (
        RawServer(lambda a: Sent(http(b"x", "Content-Encoding: br", status="401 Unauthorized"))) as server,
        pytest.raises(EndpointUnreachableError, match="key"),
    ):
        run(engine_of(server.base_url, max_attempts=2), [ask()])


def test_connections_are_kept(engine_of):
    with RawServer(lambda a: Sent(http(reply("ok")))) as server:
        run(engine_of(server.base_url, concurrency=4), [ask(f"q{i}") for i in range(60)])
        assert server.connections <= 4


# -- where a key goes -----------------------------------------------------------------------------


def test_a_redirect_takes_no_key_along_and_cookies_and_netrc_are_not_used(stub, engine_of, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password hidden\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("STUB_KEY", KEY)
    engine = engine_of(stub.base_url, api_key_env="STUB_KEY", concurrency=1)
    stub.behave = lambda call: Act(completion(), headers={"Set-Cookie": "who=me; Path=/"})
    assert all(r.ok for r in run(engine, [ask(f"q{i}") for i in range(3)]))
    assert {c.headers["Authorization"] for c in stub.calls} == {f"Bearer {KEY}"}
    assert not any("Cookie" in c.headers for c in stub.calls)
    assert all(r.ok for r in run(engine_of(stub.base_url), [ask("without a key")]))
    assert "hidden" not in base64.b64decode(stub.calls[-1].headers["Authorization"].split()[1] + "==").decode("latin-1")
    with StubEndpoint() as other:
        for status in (301, 302, 303, 307, 308):
            stub.behave = lambda call, s=status: Act({}, s, {"Location": f"{other.base_url}/chat/completions"})
            with pytest.raises(EndpointUnreachableError, match=f"HTTP {status}"):
                run(engine_of(stub.base_url, api_key_env="STUB_KEY"), [ask(f"moved {status}")])
        assert other.calls == []


@pytest.mark.parametrize("before", [150, 470, 490, 3_985])
def test_a_key_is_not_shown_where_a_text_is_cut(stub, engine_of, monkeypatch, before):
    monkeypatch.setenv("STUB_KEY", KEY)
    told = "x" * before + f" {KEY} " + "y" * 5_000
    bodies = [{"error": {"message": told}}, {"error": told}, [{"error": {"message": told}}], {"detail": told}]
    stub.behave = lambda call: (
        Act(bodies[int(call.text)], 400)
        if call.text.isdigit()
        else Act(raw=told.encode(), status=400 if call.text == "raw" else 200)
    )
    engine = engine_of(stub.base_url, api_key_env="STUB_KEY", max_attempts=1)
    replies = run(engine, [ask(t) for t in ("0", "1", "2", "3", "raw", "no JSON")])
    assert {r.error for r in replies} == {"http_400", "bad_response"}
    assert not any(KEY[:8] in r.detail or len(r.detail) > 500 for r in replies)


def test_a_proxy_is_taken_from_the_environment_and_its_password_is_not_shown(engine_of, monkeypatch):
    def behave(asked):
        if asked.line.startswith("CONNECT"):
            return Sent(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "close")
        return Sent(http(reply(f"by way of {asked.line.split()[1]}")))

    with RawServer(behave) as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name.lower(), f"http://someone:{KEY}@127.0.0.1:{proxy.port}")
        (one,) = run(engine_of("http://models.example/v1"), [ask()])
        assert one.text == "by way of http://models.example/v1/chat/completions"
        given = proxy.asked[0].headers["proxy-authorization"].split()[1]
        assert base64.b64decode(given).decode() == f"someone:{KEY}"
        with pytest.raises(EndpointUnreachableError, match=r"proxy that the environment names .*HTTP 407") as refused:
            run(engine_of("https://models.example/v1", max_attempts=2), [ask("b")])
    with pytest.raises(EndpointUnreachableError, match="proxy that the environment names") as gone:
        run(engine_of("http://models.example/v1", max_attempts=2), [ask("c")])
    assert KEY not in str(refused.value) + str(gone.value)


def test_which_proxy_stands_before_an_endpoint(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    assert proxy_of("http://models.example/v1") is None
    monkeypatch.setenv("all_proxy", "proxy.example:3128")
    monkeypatch.setenv("no_proxy", "inner.example")
    assert proxy_of("https://models.example/v1") == "http://proxy.example:3128"
    for url in ("http://127.0.0.1:9/v1", "http://localhost/v1", "http://a.inner.example/v1"):
        assert proxy_of(url) is None
    monkeypatch.setenv("all_proxy", "socks5://someone:secret@proxy.example")
    with pytest.raises(CallsError, match=r"kind 'socks5' for models.example: name an HTTP proxy") as told:
        proxy_of("https://models.example/v1")
    assert "secret" not in str(told.value)


def test_a_certificate_is_checked_before_a_key_is_sent(engine_of, monkeypatch, tmp_path):
    own = ["-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"]
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *own, *name], check=True, capture_output=True
    )
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    monkeypatch.setenv("STUB_KEY", KEY)
    with RawServer(lambda a: Sent(http(reply("ok"))), tls) as server:
        url = f"https://localhost:{server.port}/v1"
        with pytest.raises(EndpointUnreachableError, match=r"does not answer \(.*certificate"):
            run(engine_of(url, api_key_env="STUB_KEY", max_attempts=2), [ask()])
        assert server.asked == []
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        (one,) = run(engine_of(url, api_key_env="STUB_KEY"), [ask()])
        assert one.ok and server.asked[0].headers["authorization"] == f"Bearer {KEY}"


# -- bodies ---------------------------------------------------------------------------------------


class ReadyImages:
    """Every image, without a thread that reads it."""

    content = b"\xff\xd8\xff" + bytes(range(256))

    def bytes(self, image_id: str) -> bytes:
        return self.content

    async def get(self, image_id: str, max_side: int = 0) -> SentImage:
        return SentImages(self)._read(image_id, max_side)


@given(st.text(), st.text(), JSON)
@settings(deadline=None)
def test_a_body_is_the_json_of_what_is_asked(system, text, value):
    """Quotes, control characters and half surrogate pairs in any place; nothing can leave its string."""
    request = ModelRequest("vlm", "s", "p", "v", system, text, ("i",), "n", {"const": value}, {"stop": [text]})
    settings_ = EndpointSettings(base_url="http://h/v1", model="m")

    body = json.loads(asyncio.run(body_of(request, settings_, ReadyImages()))[0])
    kept = "".join("\ufffd" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in text)
    image, words = body["messages"][1]["content"]
    assert words == {"type": "text", "text": kept}
    data = image["image_url"]["url"].removeprefix("data:image/jpeg;base64,")
    assert base64.b64decode(data, validate=True) == ReadyImages.content
    assert body["stop"] in ([text], [kept])
    assert body["response_format"]["json_schema"]["schema"] == {"const": value}


@given(JSON | st.text())
@settings(deadline=None)
def test_both_decoders_say_the_same(value):
    body = json.dumps(value).encode()
    assert decoded(body) == json.loads(body)
    assert decoded(body.decode().encode("utf-16")) == json.loads(body)
