"""Pages over a real lake through real HTTP: what they show, and that no row's text has any effect."""

from __future__ import annotations

import hashlib
import io
import re
import threading
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from PIL import Image

from resources.lake.store import Commit, Write
from tests.explorer.conftest import BROKEN, DEEP, FILE, LATER, PNG, SHOWN, SPACED, question
from tests.lineage.every_kind import IMAGE, key
from wethink_assets.explorer.guard import POLICY, host_of
from wethink_assets.explorer.render import pretty
from wethink_assets.explorer.row import call_messages
from wethink_assets.presentation.row_links import row_path

EVERY_PAGE = [
    "/",
    "/rows",
    "/rows?outcome=dropped&q=script",
    "/rows?q=zzzzzz",
    "/map",
    "/audit",
    f"/audit?release={LATER}",
]
COMPARED = [
    "/compare/releases",
    "/compare/policies",
    "/compare/policies?set=MMStar&change=gained&page=0",
    "/compare/policies?set=heldout&change=nonsense&page=99",
]
EVERY_ROW = [
    IMAGE,
    SHOWN,
    key("hostile"),
    key("huge"),
    key("sample"),
    key("answer"),
    key("path"),
    key("description"),
    key("refined"),
    key("call of answer"),
    key("forgotten call"),
    key("orphan"),
    key("never kept"),
    "MMStar:7",
    "rl-1234567 MMStar:7",
    f"gqa/{FILE}.png",
    SPACED,
    "MMStar:item 7 b",
    " rl-1234567 MMStar:item 7 b",
    f"heldout:{key('sample')}",
    f"rl-1234567 heldout:{key('sample')}",
    f" {key('sample')} ",
    "p:q r",
    "p:q s ",
    "p q",
]


class _Seen(HTMLParser):
    """Tags and attributes of a page as a browser would see them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def _harmless(page: str) -> None:
    seen = _Seen(page)
    assert [attrs["src"] for tag, attrs in seen.tags if tag == "script"] == [
        "/static/explorer.js",
        "/static/audit.js",
    ]
    assert {tag for tag, _ in seen.tags} & {"iframe", "object", "embed", "base", "style"} == set()
    for tag, attrs in seen.tags:
        assert not [name for name in attrs if name.startswith("on") or name == "style"], (tag, attrs)
        for name in ("href", "src", "action"):
            assert (attrs.get(name) or "/").startswith(("/", "#")), (tag, attrs)
    assert not {"\u202e", "\x00"} & set(page)
    assert "49 &amp;" not in page


@pytest.mark.long
def test_every_page_is_whole_and_no_text_of_a_row_has_an_effect(site):
    for path in [*EVERY_PAGE, *COMPARED, *map(row_path, EVERY_ROW)]:
        answer = site.ask(path)
        assert answer.status == 200 and answer.text.rstrip().endswith("</html>"), path
        _harmless(answer.text)
        assert len(answer.body) < 500_000, path


def test_hostile_text_is_shown_as_it_is(site):
    page = site.row(key("hostile")).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&gt;&lt;img src=x" in page and "{{ 7*7 }}" in page
    assert "characters more" in site.row(key("huge")).text
    assert DEEP in site.row(SPACED).text


def test_json_that_is_nested_too_deep_is_text():
    deep = "[" * 100_000 + "]" * 100_000
    assert pretty(deep) == deep and call_messages(deep) == []
    assert call_messages(f'[{{"content": [{DEEP[1000:-1000]}]}}]')[0][1] == [("text", DEEP[1000:-1000])]


def test_the_gallery_counts_and_narrows(site):
    page = site.ask("/rows?outcome=dropped").text
    counts = dict(re.findall(r'<span class="name">([^<]+)</span><span class="n">([\d,]+)</span>', page))
    assert "valid questions: ill posed" in counts and not [name for name in counts if "growth plan" in name]
    dropped = re.search(r"<h1 data-told>(\d+) rows? ", page)
    assert dropped and counts["dropped"] == dropped[1]
    assert counts["valid questions: ill posed"] == "1" and counts["valid questions: not answerable"] == "0"
    assert page.count("data-row") == int(dropped[1])
    assert site.ask("/rows?q=RED+cars").text.count("data-row") == 1
    assert site.ask(f"/rows?q={key('math')[:12]}").text.count("data-row") == 1
    for words in (key("math").upper(), key("math")):  # a search that was made before is found again in any case
        assert site.ask(f"/rows?q={words}").text.count("data-row") == 1
    assert "No row is like this" in site.ask("/rows?q=no+such+words&outcome=dropped").text


def test_a_row_knows_its_neighbours_in_the_choice_that_led_to_it(site):
    links = re.findall(r'href="(/row/[^"]+)" data-row', site.ask("/rows?source=gqa").text)
    page = site.ask(links[1].replace("&amp;", "&")).text
    assert f'rel="prev" href="{links[0]}"' in page and f'rel="next" href="{links[2]}"' in page
    assert f"2 of {len(links)}" in page and 'rel="up" href="/rows?source=gqa"' in page
    assert 'rel="prev"' not in site.ask(links[0].replace("&amp;", "&")).text
    assert site.ask(f"{row_path(SHOWN)}?at=999999").status == 200


def test_a_sample_shows_its_line_of_descent_and_what_it_taught(site):
    page = site.row(key("sample")).text
    for kind in ("file", "image", "description", "refined", "question", "path", "release", "policy"):
        assert '<text class="kind" x="' in page and f">{kind}</text>" in page, kind
    assert 'class="node here"' in page and "sampled it 2 times" in page and "100 % right" in page
    assert "right in 1 of 2 sampled answers" in page and "1–99 %" in page
    assert f'href="/row/{key("call of path")}"' in page and "paid" in page
    assert "What of another question?" in page  # the other question of the picture


def test_two_releases_are_compared_row_by_row(site):
    page = site.ask(f"/compare/releases?old=feedc0de12345678&new={LATER}").text
    assert "<b>1</b> added" in page and "<b>1</b> removed" in page and "<b>0</b> kept" in page
    assert f'href="/row/{key("orphan")}"' in page and f'href="/row/{key("sample")}"' in page
    assert "hold the same rows" in site.ask(f"/compare/releases?old={LATER}&new={LATER}").text
    assert site.ask("/compare/releases?old=ffffffff").status == 404
    rows = site.store.sql("FROM release_rows WHERE release_id = $release", release=LATER).to_dicts()
    again = [{**row, "sample_id": key("written again")} for row in rows]
    for some, added in ((again + rows, 2), (rows, 1)):
        site.store.write(Commit("test"), [Write("release_rows", some, replace={"release_id": LATER})])
        page = site.ask(f"/compare/releases?old=feedc0de12345678&new={LATER}").text
        assert f"<b>{added}</b> added" in page


def test_two_policies_are_compared_item_by_item(site):
    page = site.ask("/compare/policies").text
    assert 'new=rl-1234567&amp;set=MMStar&amp;change=gained">1</a>' in page
    assert "set=heldout&amp;change=lost" in page and "set=heldout&amp;change=gained" not in page
    items = site.ask("/compare/policies?set=MMStar&change=gained").text
    assert 'href="/row/MMStar%3A7"' in items and items.count('class="reply"') == 2 and "1 of 1 items" in items
    assert site.ask("/compare/policies?set=MMStar&change=lost").text.count('class="reply"') == 0
    assert f'href="/row/{key("sample")}"' in site.ask("/compare/policies?set=heldout").text
    for path in ("/compare/policies?new=nobody", "/compare/policies?set=none"):
        assert site.ask(path).status == 404, path
    assert site.row("rl-1234567").headers["location"] == "/compare/policies?new=rl-1234567"


def test_names_that_lead_nowhere_or_to_several_are_told(site):
    for name in (
        "zzzzzzzz",
        "f" * 64,
        "abc",
        "../../etc/passwd",
        "MMStar:none",
        f"MMStar:none {LATER}",
        "\udcff" * 8,
        "x" * 5000,
        "nul\0byte" * 3,
    ):
        answer = site.ask(f"/row/{quote(name.encode('utf-8', 'surrogateescape'))}")
        assert answer.status == 404 and "No such row" in answer.text, name
    assert site.ask("/nothing").status == 404 and "Nothing here" in site.ask("/nothing").text
    release = site.row("feedc0de12345678")
    assert release.status == 303 and release.headers["location"] == "/rows?release=feedc0de12345678"


def test_pictures_are_copies_and_never_the_file(site):
    answer = site.ask(f"/picture/{SHOWN}")
    assert answer.status == 200 and answer.headers["content-type"] == "image/jpeg" and answer.body != PNG
    assert Image.open(io.BytesIO(answer.body)).size == (320, 240)
    assert Image.open(io.BytesIO(site.ask(f"/picture/{SHOWN}/large").body)).size == (640, 480)
    assert "immutable" in answer.headers["cache-control"]
    again = site.ask(f"/picture/{SHOWN}")
    assert hashlib.sha256(again.body).digest() == hashlib.sha256(answer.body).digest()
    for image_id in (BROKEN, IMAGE, "f" * 64):
        gone = site.ask(f"/picture/{image_id}")
        assert gone.status == 200 and gone.headers["content-type"].startswith("image/svg+xml")
        assert "cannot be shown" in gone.text and gone.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/picture/../../../etc/passwd",
        "/picture/..%2f..%2f..%2fetc%2fpasswd",
        "/picture/%2e%2e/%2e%2e/etc/passwd/large",
        f"/picture/{SHOWN.upper()}",
        f"/picture/{SHOWN}%00.jpg",
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e%2f%2e%2e%2fserve.py",
        "/static//etc/passwd",
    ],
)
def test_no_path_leads_out_of_its_folder(site, path):
    answer = site.ask(path)
    assert answer.status == 404 and b"root:" not in answer.body and b"import" not in answer.body


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:3200", "127.0.0.1.evil.example", "", "127.0.0.1@x", None]
)
def test_another_name_of_this_machine_is_refused(site, host):
    answer = site.ask("/rows", host=host)
    assert answer.status in (400, 421) and "red cars" not in answer.text


def test_its_own_names_are_answered(site):
    for host in ("127.0.0.1", f"127.0.0.1:{site.port}", "localhost:8080", "LOCALHOST", "[::1]:3200"):
        assert site.ask("/rows", host=host).status == 200, host
    assert host_of("[::1]:80") == "[::1]" and host_of("localhost") == "localhost"


def test_it_only_reads_and_every_answer_carries_the_policy(site):
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        answer = site.ask("/rows", method=method)
        assert answer.status == 405 and answer.headers["allow"] == "GET, HEAD", method
    for path in ("/", "/rows", "/nothing", "/row/zzzzzzzz", f"/picture/{BROKEN}", "/static/explorer.js"):
        headers = site.ask(path).headers
        assert headers["content-security-policy"] == POLICY and headers["x-content-type-options"] == "nosniff", path
    assert "unsafe" not in POLICY and "http" not in POLICY
    assert site.ask("/", method="HEAD").body == b""


def test_requests_are_answered_while_a_writer_commits_and_see_what_it_wrote(site):
    stop_writing, failed = threading.Event(), []

    def read() -> None:
        while not stop_writing.is_set():
            failed.extend(a.status for path in EVERY_PAGE if (a := site.ask(path)).status != 200)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for number in range(3):
            made = question(f"new {number}", 10 + number, question=f"Which chimney {number}?")
            site.store.write(Commit("test"), [Write("questions", [made], mode="add_missing")])
    finally:
        stop_writing.set()
        for reader in readers:
            reader.join()
    assert failed == []
    for _ in range(100):  # each waits a while for a table that is being built
        if site.ask("/rows?q=chimney").text.count("data-row") == 3:
            break
    assert site.ask("/rows?q=chimney").text.count("data-row") == 3
