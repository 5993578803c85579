"""The training set: start-up and memory do not grow with its rows; images are opened once for a step, or named."""

from __future__ import annotations

import json
import subprocess
import sys
from math import nan
from types import SimpleNamespace

import pytest
from PIL import Image

from tests.conftest import PROJECT_ROOT
from wethink_assets.training.row_file import RowFile, TrainingRow
from wethink_assets.training.training_set import OpenImages, order, training_set
from wethink_assets.training.worker import WorkerError


def write(path, images, count):
    with RowFile(path) as file:
        rows = (
            TrainingRow(
                f"s{n}", "What is it? " * 50, "red", "{}", "FIB", "rule", "i", str(images[n % len(images)]), "i"
            )
            for n in range(count)
        )
        file.append(rows)
    return path


@pytest.fixture
def images(tmp_path):
    paths = [tmp_path / f"{n}.png" for n in range(4)]
    for n, path in enumerate(paths):
        Image.new("RGB", (40 + n, 30), (n, 0, 0)).save(path)
    return paths


def test_many_rows_are_opened_as_fast_as_few_and_an_image_once(tmp_path, images):
    pytest.importorskip("datasets", reason="training needs the cpu or gpu dependencies: make setup")
    file = write(tmp_path / "rows.arrow", images, 60_000)
    size = file.stat().st_size / 2**20
    done = subprocess.run(
        [sys.executable, "-m", "tests.training.training_set_worker", str(file)],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["rows"] == 60_000 and size > 35
    assert told["mb"] < size, "a mapped file is not read, let alone copied"
    assert told["opened"] == told["images"] in range(1, 5), "those of two steps and a look: each once"
    assert told["columns"] == [
        "answer_typed",
        "category",
        "image",
        "method",
        "problem",
        "prompt",
        "sample_id",
        "split",
    ]
    assert told["image"] in [["RGB", 40 + n, 30] for n in range(4)] and told["prompt"] == "user"


def test_few_rows_fill_a_step_and_none_is_an_error(tmp_path, images):
    pytest.importorskip("datasets", reason="training needs the cpu or gpu dependencies: make setup")
    rows = training_set(write(tmp_path / "few.arrow", images, 3), SimpleNamespace(), 8, 2, 0)
    taken = [row["sample_id"] for row in rows.with_format(None)]
    assert len(taken) == 16 and set(taken[:8]) == {"s0", "s1", "s2"} and taken[:8] != taken[8:]
    with pytest.raises(WorkerError, match="no training rows"):
        training_set(write(tmp_path / "none.arrow", images, 0), SimpleNamespace(), 8, 2, 0)


def test_each_pass_goes_from_easy_to_hard_over_the_rows_that_it_drew(tmp_path):
    pytest.importorskip("torch", reason="training needs the cpu or gpu dependencies: make setup")
    rates = [n % 10 / 10 for n in range(40)]
    drawn, sorted_ = order(40, 8, 7, 3).tolist(), order(40, 8, 7, 3, rates).tolist()
    for first, last in ((0, 40), (40, 56)):  # a whole pass, and one that the steps cut short
        assert sorted(sorted_[first:last]) == sorted(drawn[first:last]), "the same rows as without an order"
        of_pass = [rates[n] for n in sorted_[first:last]]
        assert of_pass == sorted(of_pass, reverse=True) and len(set(of_pass)) > 5
    assert sorted_[:4] == [n for n in drawn[:40] if rates[n] == 0.9], "equal rates in the drawn order"
    some = [rate if n % 2 else nan for n, rate in enumerate(rates)]
    places = [place for place, n in enumerate(order(40, 40, 1, 3, some)) if n % 2 == 0]
    assert min(places) < 10 and max(places) >= 30, "rows without a rate lie everywhere"
    assert sorted(order(4, 4, 1, 3, [nan] * 4)) == [0, 1, 2, 3]


def test_as_many_images_are_kept_as_a_step_needs(images, monkeypatch):
    opened = []
    monkeypatch.setattr(
        "wethink_assets.training.training_set.fit", lambda image, _: opened.append(image.width - 40) or image
    )
    open_images = OpenImages(None, keep=2)
    for n in (0, 1, 0, 1, 2, 1, 0):
        assert open_images.of(str(images[n]), "s").size == (40 + n, 30)
    assert opened == [0, 1, 2, 0]


def test_an_image_that_cannot_be_read_is_named_with_its_row(tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no image")
    for path in (broken, tmp_path / "absent.png"):
        with pytest.raises(WorkerError, match=rf"training image {path} of sample s7 cannot be read"):
            OpenImages(None, keep=2).of(str(path), "s7")
