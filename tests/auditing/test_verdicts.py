"""The table that a person fills in, and the page: hostile rows stay text, and every fault is named."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from wethink_assets.auditing import page
from wethink_assets.auditing.verdicts import HEAD, VERDICTS, VerdictFileError, read, table

ROW = {
    "sample_id": "a" * 64,
    "image_id": "i",
    "image_path": "coco/<b>.png",
    "source": "coco",
    "category": "FIB",
    "problem": "=HYPERLINK(1)\n<script>alert(1)</script>",
    "answer": "</pre><img src=x onerror=alert(1)>",
    "refined_cot": "</script><script>alert(2)</script>",
}


def written(tmp_path, text, name="filled.tsv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_filled_table_is_read_back(tmp_path):
    lines = table([ROW, {**ROW, "sample_id": "b" * 64}, {**ROW, "sample_id": "c" * 64}]).splitlines()
    assert lines[0].split("\t") == list(HEAD) and "\t'=HYPERLINK(1) <script>" in lines[1]
    said = ("Right", "ill posed", "")
    filled = [
        line.replace("\t\t\t", f"\t{verdict}\ta note\t", 1) for line, verdict in zip(lines[1:], said, strict=True)
    ]
    judged = read(written(tmp_path, "\r\n".join([lines[0], *filled])))
    assert [(j.sample_id[0], j.verdict, j.note) for j in judged] == [
        ("a", "right", "a note"),
        ("b", "ill_posed", "a note"),
    ]


def test_a_spreadsheet_may_move_columns_and_write_commas(tmp_path):
    judged = read(written(tmp_path, b'\xef\xbb\xbfnote;verdict;sample_id\n"a; b";wrong;x1\n'))
    assert [(j.sample_id, j.verdict, j.note) for j in judged] == [("x1", "wrong", "a; b")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no columns"),
        ("a\tb\n1\t2\n", "no columns"),
        ("sample_id\tverdict\nx\tfine\n", "line 2: verdict 'fine'"),
        ("sample_id\tverdict\nx\tright\nx\twrong\n", "line 3: sample x has two verdicts"),
        (b"\xff\xfe\x00", "no columns"),
    ],
)
def test_a_table_that_is_none_is_refused_with_its_line(tmp_path, text, told):
    with pytest.raises(VerdictFileError, match=told):
        read(written(tmp_path, text))


@pytest.mark.long
@settings(deadline=None)
@given(data=st.binary(max_size=300) | st.text(max_size=300).map(lambda t: f"sample_id\tverdict\n{t}".encode()))
def test_any_file_is_a_table_or_is_refused(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "any.tsv"
    path.write_bytes(data)
    with contextlib.suppress(VerdictFileError):
        assert all(judged.verdict in VERDICTS for judged in read(path))


def test_the_page_runs_its_own_script_alone_and_loads_nothing(tmp_path):
    Image.new("RGB", (20, 10), "red").save(tmp_path / "p.png")
    rows = [ROW, {**ROW, "image_id": "gone", "sample_id": "b" * 64}]
    html = page.write(
        tmp_path / "audit.html", "An <audit>", rows, {"i": tmp_path / "p.png", "gone": tmp_path / "x"}
    ).read_text()
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in html and "default-src 'none'" in html
    assert "<script>alert" not in html and "onerror=alert(1)>" not in html and "<audit>" not in html
    assert not re.findall(r"(?:src|href)=\"(?!data:)", html) and html.count("data:image/jpeg") == 1
    assert "cannot be shown" in html and html.count("<fieldset") == 2
