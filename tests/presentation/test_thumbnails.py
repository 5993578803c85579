"""Thumbnails stay within their bounds, and a file that gives none is named."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from resources.storage.places import Located
from wethink_assets.decoding import process
from wethink_assets.decoding.decode import MAX_PIXELS
from wethink_assets.evaluation.report import html
from wethink_assets.presentation.examples import example_table
from wethink_assets.presentation.thumbnails import look, thumbnail_markdown, thumbnails


def png_header(width: int, height: int) -> bytes:
    """A PNG file that claims a size and holds no picture of it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")


@pytest.fixture
def in_process(monkeypatch):
    """Fails the test if a picture is opened in the process that shows it."""

    def opened(*_args, **_kwargs):
        raise AssertionError("opened in the process that shows it")

    return lambda: monkeypatch.setattr(Image, "open", opened)


def test_every_kind_of_file_gives_a_thumbnail(pictures, in_process):
    in_process()
    files = {
        "path": pictures[5],
        "located": Located(pictures[5]),
        "read": pictures[5].read_bytes,
    }
    small = thumbnails(files, 50)
    assert small.keys() == files.keys() and len(set(small.values())) == 1


def test_a_thumbnail_fits(pictures):
    small = Image.open(io.BytesIO(thumbnails({"a": pictures[5]}, 50)["a"]))
    assert small.format == "JPEG" and small.size == (40, 50)


def raising(error: Exception):
    def read() -> bytes:
        raise error

    return read


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (lambda: png_header(MAX_PIXELS, 2), "too_many_pixels"),
        (lambda: png_header(200_000, 200_000), "too_many_pixels"),
        (lambda: b"no picture", "not_an_image"),
        (lambda: b"", "empty_file"),
        (raising(FileNotFoundError(2, "No such file")), "unreadable"),
        (raising(KeyError("no such image")), "unreadable"),
        (raising(RuntimeError()), "unreadable"),
    ],
)
def test_a_file_without_thumbnail_is_named(file, reason, in_process):
    in_process()
    assert look({"b" * 64: file}, 50)["b" * 64].reason == reason
    assert thumbnail_markdown({"b" * 64: file}, 50) == {"b" * 64: "b" * 12}
    shown = html.thumbnail("<b>.png", file)
    assert shown.startswith('<p class="dim">&lt;b&gt;.png cannot be shown: ') and "<b>" not in shown


def test_without_a_worker_process_files_are_named(pictures, monkeypatch):
    monkeypatch.setattr(process._Worker, "idle", lambda kind: None)
    monkeypatch.setattr(process.sys, "executable", "/no/such/python")
    seen = look({"a": pictures[0], "b": pictures[1]}, 50)
    assert {name: one.reason for name, one in seen.items()} == {"a": "no_decoder", "b": "no_decoder"}


def test_html_shows_the_picture(pictures, picture_of):
    shown = html.thumbnail("a.png", pictures[5])
    assert shown.startswith('<img alt="a.png" src="data:image/jpeg;base64,')
    assert picture_of(shown).size == (160, 200)  # it is smaller than a page's thumbnail


def test_examples_show_each_image_once_and_name_the_rest(pictures, picture_of):
    content = {"good": pictures[5].read_bytes(), "bad": b"no picture"}
    rows = [{"image_id": i, "question": "a|b"} for i in ("good", "bad", "missing", "good")]
    lines = example_table(rows, ["question"], content.__getitem__).splitlines()[2:]
    assert [line.count("base64") for line in lines] == [1, 0, 0, 1]
    assert picture_of(lines[0].split(" | ")[0]).size == (90, 112)
    assert lines[1] == "| bad | a\\|b |" and lines[2] == "| missing | a\\|b |"
