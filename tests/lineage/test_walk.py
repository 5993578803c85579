"""Walks over a small lake with one row of every kind: ids in, a tree out; what is missing or ambiguous is said.

By DuckLake's scans, by places with the rows in the catalog, and by places with the rows in data files.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import pytest

from resources.lake.maintenance import maintain
from resources.lake.store import Commit, LakeStore, Write
from tests.fresh_lakes import fresh_lake
from tests.lineage.every_kind import IMAGE, LOST, ROWS, SHOWN, key
from wethink_assets.lineage.lineage import Lineage
from wethink_assets.lineage.tree import Node
from wethink_assets.lineage.walk import UnknownIdError, resolve


@pytest.fixture(scope="module", params=["scanned", "in the catalog", "in files"])
def lake(request, tmp_path_factory):
    home = tmp_path_factory.mktemp("walk")
    store = LakeStore(*fresh_lake(home))
    store.write(Commit("test"), [Write(table, rows) for table, rows in ROWS.items()])
    if request.param == "in files":
        maintain(store, keep_days=0, cleanup_after_s=0)
    yield Lineage(store, None if request.param == "scanned" else home / "indexes")
    store.close()


@pytest.fixture(scope="module")
def walk(lake) -> Callable[[str], Node]:
    """Its walks, each walked once."""
    return functools.cache(lake.walk)


def named(lake: Lineage, name: str) -> tuple[str, str]:
    return lake._reading(lambda con: resolve(lake._rows(con), name))


def lines(node: Node) -> list[str]:
    return [node.text, *(line for child in node.children for line in lines(child))]


def marked(node: Node) -> list[str]:
    return [*([node.text] if node.mark else []), *(text for child in node.children for text in marked(child))]


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        (IMAGE, "image "),
        ("coco/1.png", "image "),
        ("coco/2.png", "image "),
        (key("description"), "description "),
        (key("refined"), "refined "),
        (key("question"), "question "),
        (key("answer"), "vlm's answer "),
        (key("answer of the reasoner"), "reasoner's answer "),
        (key("path"), "reasoning path "),
        (key("sample"), "sample "),
        ("feedc0de12345678", "release "),
        ("rl-1234567", "policy "),
        (key("call of path"), "call "),
        ("MMStar:7", "benchmark item MMStar:7"),
        (SHOWN, "benchmark image "),
    ],
    ids=lambda v: v[:18],
)
def test_an_id_of_every_kind_is_the_one_marked_row_of_its_tree(lake, walk, name, begins):
    """Whole and shortened, which is the same row; a file's path and SET:item only whole."""
    (line,) = marked(walk(name))
    assert line.startswith(begins)
    if "/" not in name and ":" not in name:
        assert named(lake, name[:12]) == named(lake, name)


def test_a_sample_leads_up_to_its_files_and_down_to_what_learned_from_it(walk):
    text = "\n".join(lines(walk(key("sample"))))
    for part in (
        "file coco/1.png",
        "file coco/2.png",
        "exact_duplicate",
        "a red car",
        "a small red car",
        "What of question?",
        "release feedc0de12345678",
        "policy rl-1234567 learned from it",
        "2 rollouts in rl-1234567",
        "mean reward 1,",
        "pass rate of rl-1234567: 1 of 2 sampled answers are right",
    ):
        assert part in text, part
    assert "another question" not in text, "only the question of the row that was asked for"
    assert "in all 5 calls, 25 tokens, cost 2.500000" in text or "in all 6 calls, 30 tokens, cost 3.000000" in text


def test_an_image_has_all_its_questions(walk):
    text = "\n".join(lines(walk(IMAGE)))
    assert "What of question?" in text and "What of another question?" in text


def test_a_call_tells_its_failure_and_its_uses(walk):
    assert "failed: refusal" in lines(walk(key("failed call")))[0]
    assert any(key("path")[:12] in line for line in lines(walk(key("call of path"))))
    assert any("pass rate" in line and key("sample")[:12] in line for line in lines(walk(key("sampled answer"))))


def test_a_forgotten_call_is_told_until_it_is_asked_again_and_then_as_what_it_was(walk):
    assert "forgotten 2026-02-03" in lines(walk(key("forgotten call")))[0]
    now = lines(walk(key("call of path")))
    assert "forgotten" not in now[0] and any("before: " in line and "http_400, forgotten" in line for line in now)


def test_a_call_that_the_ledger_lost_is_left_out_of_the_tree(walk):
    assert not any(key("call that is gone")[:12] in line for line in lines(walk(key("refined"))))


def test_a_row_whose_parents_are_missing_is_shown_with_what_is_missing(walk):
    tree = walk(key("orphan"))
    (line,) = marked(tree)
    assert line.startswith(f"sample {key('orphan')[:12]}") and "missing" in line
    assert tree.text == f"image {LOST[:12]}" and "no file" in "\n".join(lines(tree))


def test_policies_that_name_each_other_end(walk):
    """Lineage is keys: a wrong one must not send a walk round for ever."""
    assert "began from rl-1234567" in lines(walk("base-1234567")) and "began from base-1234567" in lines(
        walk("rl-1234567")
    )


@pytest.mark.parametrize(
    "name",
    [
        "nosuchid",
        "f" * 64,
        "MMStar:8",
        "MMStar:",
        "coco/3.png",
        "%%%%%%",
        "______",
        "'; DROP TABLE calls; --",
        "\ud800" * 6,
        "图" * 6,
    ],
)
def test_what_nothing_begins_with_is_unknown(walk, name):
    with pytest.raises(UnknownIdError, match="begins with"):
        walk(name)


@pytest.mark.parametrize("name", ["", "a", IMAGE[:5]])
def test_too_few_characters_are_refused(walk, name):
    with pytest.raises(UnknownIdError, match="too short"):
        walk(name)


class Twins:
    """A lake in which six characters begin two ids, which hashes do once in millions."""

    def __init__(self, **named):
        self.named = named  # by column

    def beginning(self, table, column, prefix):
        found = self.named.get(f"{table}_{column}")
        return [{column: found, "image_id": found}] if found else []

    def of(self, table, column, value):
        return []


def test_an_ambiguous_beginning_names_what_it_may_be():
    with pytest.raises(UnknownIdError, match=r"begins 2 ids \(call abcdef1.*sample abcdef2.*give more characters"):
        resolve(Twins(samples_sample_id="abcdef2" + "0" * 57, calls_call_id="abcdef1" + "0" * 57), "abcdef")


def test_the_same_bytes_in_a_source_and_a_benchmark_are_the_image():
    assert resolve(Twins(benchmark_images_image_id=IMAGE, source_images_image_id=IMAGE), IMAGE) == ("image", IMAGE)
