"""Requests per second of the call engine, with its durable ledger, beside the `openai` client and bare aiohttp.

Run `python -m benchmarks.model_calls [--full] [--count N]`. One local stub server in its own process answers every
client; all clients run alone, one after the other, each with the same requests, and answer 64 others before the clock
starts. `--full`: 10,000 requests with 50 KB images, four to an image, 256 in flight, 50 ms delay.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import builtins
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import aiohttp
import openai
import uvloop
from aiohttp import web

from resources.calls.engine import CallEngine
from resources.calls.messages import ModelRequest
from resources.lake.resource import LakeStore
from resources.workers.processes import end_process_group, start_process
from wethink_assets.settings import PROJECT_ROOT, EndpointSettings, Settings


class Blobs:
    """Images of a fixed size by number."""

    def __init__(self, size: int) -> None:
        self._size = size

    def bytes(self, image_id: str) -> builtins.bytes:
        return b"\xff\xd8\xff" + image_id.encode().ljust(self._size, b"\x5a")


async def serve(delay_s: float) -> None:
    """Answers after `delay_s`, without reading more of a request than HTTP needs."""
    reply = (
        b'{"id":"c","object":"chat.completion","created":0,"model":"stub","choices":[{"index":0,"finish_reason":"stop",'
        b'"message":{"role":"assistant","content":"a reply of a few words"}}],'
        b'"usage":{"prompt_tokens":300,"completion_tokens":6,"total_tokens":306}}'
    )

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        if delay_s:
            await asyncio.sleep(delay_s)
        return web.Response(body=reply, content_type="application/json")

    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/v1/chat/completions", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    print("READY", runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


def requests_of(count: int, images: int, kind: str = "question") -> list[ModelRequest]:
    return [
        ModelRequest("vlm", str(i), "bench", "0", "be brief", f"{kind} {i}", (f"{i % images:064d}",) if images else ())
        for i in range(count)
    ]


def body_of(request: ModelRequest, blobs: Blobs) -> dict:
    content: list[dict] = [
        {
            "type": "image_url",
            "image_url": {"url": "data:image/jpeg;base64," + base64.b64encode(blobs.bytes(i)).decode()},
        }
        for i in request.image_ids
    ]
    return {
        "model": "stub",
        "messages": [
            {"role": "system", "content": request.system},
            {"role": "user", "content": [*content, {"type": "text", "text": request.text}]},
        ],
    }


async def bare_aiohttp(base_url: str, bodies: list[bytes], in_flight: int) -> None:
    """The floor: bodies that were ready before the clock started, nothing kept."""
    connector = aiohttp.TCPConnector(limit=in_flight)
    async with aiohttp.ClientSession(connector=connector, headers={"Content-Type": "application/json"}) as session:
        gate = asyncio.Semaphore(in_flight)

        async def one(body: bytes) -> None:
            async with gate, session.post(f"{base_url}/chat/completions", data=body) as answer:
                json.loads(await answer.read())["choices"][0]["message"]["content"]

        await asyncio.gather(*map(one, bodies))


async def bare(base_url: str, requests: list[ModelRequest], blobs: Blobs, in_flight: int, fast: bool) -> None:
    """What a script would do: a semaphore, create(), nothing kept."""
    limits = openai.DEFAULT_CONNECTION_LIMITS
    kind = openai.DefaultAioHttpClient if fast else openai.DefaultAsyncHttpx2Client
    async with kind(timeout=60, limits=limits, trust_env=False) as http:
        client = openai.AsyncOpenAI(base_url=base_url, api_key="none", max_retries=0, http_client=http)
        gate = asyncio.Semaphore(in_flight)

        async def one(request: ModelRequest) -> None:
            async with gate:
                await client.chat.completions.create(**body_of(request, blobs))

        await asyncio.gather(*map(one, requests))


def measure(name: str, count: int, action: Callable[[], object]) -> float:
    cpu, wall = time.process_time(), time.perf_counter()
    action()
    seconds, cpu_s = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{name:<46} {count / seconds:8.0f} requests/s  {1000 * cpu_s / count:6.2f} CPU-ms per request", flush=True)
    return count / seconds


def floor(base_url: str, requests: list[ModelRequest], blobs: Blobs, in_flight: int) -> float:
    """What sending alone takes."""
    bodies = [json.dumps(body_of(requests[0], blobs)).encode()] * len(requests)
    uvloop.run(bare_aiohttp(base_url, bodies[:64], in_flight))
    return measure(
        "aiohttp alone with uvloop, bodies ready",
        len(bodies),
        lambda: uvloop.run(bare_aiohttp(base_url, bodies, in_flight)),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--count", type=int, help="requests; 10,000 with --full, else 2,000")
    parser.add_argument("--serve", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve is not None:
        asyncio.run(serve(options.serve))
        return
    count, size, delay_s, in_flight = (10_000, 50_000, 0.05, 256) if options.full else (2_000, 2_000, 0.0, 32)
    count = options.count or count
    images = max(1, count // 4)
    requests, blobs, first = requests_of(count, images), Blobs(size), requests_of(64, 64, "warm-up")
    with tempfile.TemporaryDirectory() as folder:
        server = start_process(
            [sys.executable, "-m", "benchmarks.model_calls", "--serve", str(delay_s)],
            dict(os.environ),
            Path(folder) / "stub.log",
            PROJECT_ROOT,
            stdout=subprocess.PIPE,
        )
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline().split()[1])
            base_url = f"http://127.0.0.1:{port}/v1"
            print(f"{count} requests, {size // 1000} KB images, {delay_s * 1000:.0f} ms delay, {in_flight} in flight")
            rates = {}
            for name, runner, fast in (
                ("AsyncOpenAI as it comes", asyncio.run, False),
                ("AsyncOpenAI with aiohttp and uvloop", uvloop.run, True),
            ):
                runner(bare(base_url, first, blobs, in_flight, fast))
                rates[name] = measure(
                    f"{name}, nothing kept",
                    count,
                    lambda runner=runner, fast=fast: runner(bare(base_url, requests, blobs, in_flight, fast)),
                )
            rates["aiohttp alone"] = floor(base_url, requests, blobs, in_flight)
            store = LakeStore(f"sqlite:{folder}/catalog.sqlite", f"{folder}/data")
            store.snapshot_id()
            endpoint = EndpointSettings(base_url=base_url, model="stub", concurrency=in_flight)
            engine = CallEngine(Settings(home=Path(folder), endpoints={"vlm": endpoint}), store, blobs)

            engine.run(first, asset="bench", batch="", run_id="warm-up")

            def ours() -> None:
                replies = engine.run(requests, asset="bench", batch="", run_id="bench")
                assert all(r.ok and not r.reused for r in replies)
                assert isinstance(engine._background._loop, uvloop.Loop), "the same event loop as the peer"

            rate = measure("ours, every reply durable in the lake", count, ours)
            again = measure(
                "ours, the same run again (no request)",
                count,
                lambda: engine.run(requests, asset="bench", batch="", run_id="again"),
            )
            engine.close()
            print("ours / " + "; / ".join(f"{name} {rate / peer:.2f}" for name, peer in rates.items()), end="; ")
            print(f"reuse {again / rate:.0f}x")
        finally:
            end_process_group(server, 2)


if __name__ == "__main__":
    main()
