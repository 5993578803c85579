"""Items and images of all sets together, from files on disk."""

from __future__ import annotations

import gzip
import os
import time

import pytest

from tests.benchmark_sets.tsv_files import b64, png, row, write
from wethink_assets.benchmark_sets import cache
from wethink_assets.benchmark_sets.files import SetFiles
from wethink_assets.benchmark_sets.image_store import ImageStore, extension
from wethink_assets.benchmark_sets.items import fingerprint, read_benchmarks
from wethink_assets.benchmark_sets.registry import BENCHMARKS, BY_NAME, mean_of
from wethink_assets.decoding.hashing import sha256_of

SETS = (BY_NAME["MMStar"], BY_NAME["OCRBench"])


def test_images_are_kept_once_under_the_hash_of_their_bytes(tmp_path):
    write(tmp_path / "MMStar.tsv", [row(1), row(2), row(3, image=b64(png("blue")))])
    write(tmp_path / "OCRBench.tsv", [row(1)])
    store = ImageStore(tmp_path / "images")
    result = read_benchmarks(tmp_path, store, sets=SETS)
    result.check()
    images = {r["image_id"]: r for r in result.rows["benchmark_images"]}
    assert set(images) == {sha256_of(png()), sha256_of(png("blue"))}
    shared = images[sha256_of(png())]
    assert (shared["benchmark"], shared["item"], shared["width"], shared["height"]) == ("MMStar", "1", 40, 30)
    assert (tmp_path / "images" / shared["image_uri"]).read_bytes() == png()
    assert len(shared["phash"]) == 16 and len(shared["phash256"]) == 64
    assert result.details["other_md5"] == ["MMStar", "OCRBench"]


def test_an_image_that_does_not_decode_costs_its_items_only(tmp_path):
    broken = png("green")[:-30]
    write(tmp_path / "MMStar.tsv", [row(1), row(2, image=b64(broken)), row(3, image="2")])
    store = ImageStore(tmp_path / "images")
    result = read_benchmarks(tmp_path, store, sets=SETS)
    assert [i["item"] for i in result.rows["benchmark_items"]] == ["1"]
    assert [s.subject_id for s in result.failed] == ["OCRBench.tsv", "MMStar:2", "MMStar:3"]
    assert all(s.reason.startswith("image_") and s.related_id == sha256_of(broken) for s in result.failed[1:])
    assert len(list((tmp_path / "images").rglob("*.*"))) == 1


def test_known_images_are_not_decoded_again(tmp_path):
    write(tmp_path / "MMStar.tsv", [row(1)])
    first = read_benchmarks(tmp_path, ImageStore(tmp_path / "images"), sets=SETS)
    known = {r["image_id"]: r for r in first.rows["benchmark_images"]}

    def nobody(requests):
        assert not requests
        return []

    again = read_benchmarks(tmp_path, ImageStore(tmp_path / "images"), known=known, sets=SETS, inspect=nobody)
    assert again.rows == first.rows


def test_the_fingerprint_changes_with_a_file(tmp_path):
    before = fingerprint(tmp_path, SETS)
    write(tmp_path / "MMStar.tsv", [row(1)])
    after = fingerprint(tmp_path, SETS)
    assert before != after == fingerprint(tmp_path, SETS)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\x89PNG\r\n", "png"),
        (b"\xff\xd8\xff\xe0", "jpg"),
        (b"RIFF....WEBPVP8", "webp"),
        (b"GIF89a", "gif"),
        (b"", "bin"),
    ],
)
def test_the_extension_is_that_of_the_bytes(data, name):
    assert extension(data) == name


def test_the_registry_holds_fourteen_sets_with_the_papers_means():
    assert len(BENCHMARKS) == 14  # the paper's tables [A]
    for field, reasoning, academic in (("paper_base", 40.1, 70.9), ("paper_rl", 44.3, 72.5)):
        values = {b.name: getattr(b, field) for b in BENCHMARKS}
        assert mean_of("reasoning", values) == pytest.approx(reasoning, abs=0.06)
        assert mean_of("academic", values) == pytest.approx(academic, abs=0.06)


def settle(folder, age=60):
    """Files that nobody wrote a moment ago."""
    for path in folder.glob("*.tsv"):
        os.utime(path, (path.stat().st_atime, time.time() - age))


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """Rows of the images, which are decoded once for all tests."""
    folder = tmp_path_factory.mktemp("known")
    write(folder / "MMStar.tsv", [row(1), row(2, image=b64(png("blue")))])
    return {
        r["image_id"]: r
        for r in read_benchmarks(folder, ImageStore(folder / "images"), sets=SETS[:1]).rows["benchmark_images"]
    }


def remembered(folder, home, known):
    """What two processes after each other would see: a store of its own, and how many files were opened."""
    files, opened = SetFiles(folder), []
    real = files.open
    files.open = lambda name: opened.append(name) or real(name)
    result = read_benchmarks(files, ImageStore(home / "images"), sets=SETS[:1], memory=home / "sets", known=known)
    result.check()
    return result, opened


def test_a_file_is_read_once_until_it_changes(tmp_path, known):
    write(tmp_path / "MMStar.tsv", [row(1), row(2, image="1"), row(3, image="7"), row(1), row(4, image="")])
    settle(tmp_path)
    first, opened = remembered(tmp_path, tmp_path / "home", known)
    again, nothing = remembered(tmp_path, tmp_path / "home", known)
    assert (
        opened == ["MMStar.tsv"]
        and nothing == []
        and (again.rows, again.failed, again.dropped) == (first.rows, first.failed, first.dropped)
    )
    assert (
        again.details == first.details
        and again.details["md5"]["MMStar"]
        and {s.reason for s in again.failed} == {"image_reference", "duplicate_index"}
    )
    changed = (tmp_path / "MMStar.tsv").read_bytes().replace(b"What?", b"Whom?")  # as long as before
    (tmp_path / "MMStar.tsv").write_bytes(changed)
    settle(tmp_path, age=50)
    third, opened = remembered(tmp_path, tmp_path / "home", known)
    assert opened and third.rows["benchmark_items"][0]["question"] == "Whom?"
    (tmp_path / "MMStar.tsv").unlink()
    assert [s.reason for s in remembered(tmp_path, tmp_path / "home", known)[0].failed] == ["missing_file"]


def test_what_cannot_be_believed_is_read_anew(tmp_path, known, monkeypatch):
    write(tmp_path / "MMStar.tsv", [row(1), row(2, image=b64(png("blue")))])
    home = tmp_path / "home"
    with monkeypatch.context() as patch:
        patch.setattr(cache, "SETTLED_S", 1e9)
        assert remembered(tmp_path, home, known)[1] and remembered(tmp_path, home, known)[1], (
            "a file of this very second may change unseen"
        )
    settle(tmp_path)
    assert remembered(tmp_path, home, known)[1] and not remembered(tmp_path, home, known)[1]
    (entry,) = (home / "sets").iterdir()
    for broken in (b"", entry.read_bytes()[:-20], b"{}", gzip.compress(b'{"uris": {}}')):
        entry.write_bytes(broken)
        again, opened = remembered(tmp_path, home, known)
        assert opened and again.continued == 2 and not remembered(tmp_path, home, known)[1]
    next((home / "images").rglob("*.png")).unlink()
    assert remembered(tmp_path, home, known)[1] and not remembered(tmp_path, home, known)[1]
    assert (
        not remembered(tmp_path, tmp_path / "elsewhere", known)[0].failed and len(list((home / "sets").iterdir())) == 1
    )


def test_the_memory_of_files_is_bounded(tmp_path, monkeypatch, known):
    monkeypatch.setattr(cache, "MOST_ENTRIES", 3)
    for turn in range(5):
        write(tmp_path / "MMStar.tsv", [row(1, question=f"What {turn}?")])
        settle(tmp_path, age=100 - turn)
        remembered(tmp_path, tmp_path / "home", known)
    assert (
        len(list((tmp_path / "home" / "sets").iterdir())) == 3 and not remembered(tmp_path, tmp_path / "home", known)[1]
    )
