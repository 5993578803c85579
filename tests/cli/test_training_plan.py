"""`wethink training plan`: one page of numbers, and an exit code that says whether it fits."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from tests.conftest import PROJECT_ROOT
from wethink_assets.cli.main import main


def run(*arguments: str, config: str = "") -> tuple[int, str]:
    env = {"WETHINK_CONFIG": config or None}
    done = CliRunner().invoke(main, ["training", "plan", *arguments], env=env)
    return done.exit_code, done.output


def test_the_example_fits_and_every_term_is_shown():
    code, page = run(config=str(PROJECT_ROOT / "docs" / "wethink.example.toml"))
    assert code == 0 and "8,292,166,656 parameters" in page and "fits: 70.9 GiB of 79 GiB" in page
    for term in ("weights", "gradients", "optimizer", "activations", "logits and head", "vLLM", "pixels of the step"):
        assert term in page


def test_what_does_not_fit_exits_1_and_names_settings():
    code, page = run("--preset", "qwen2.5-vl-7b-8gpu", "--gpu-memory", "48")
    assert code == 1 and "does not fit" in page and "set training." in page


def test_a_recipe_of_no_gpu_is_shown_without_a_verdict():
    code, page = run("--preset", "tiny-cpu")
    assert code == 0 and "891,264 parameters" in page and "names no GPU" in page


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--preset", "nope"), "there is no preset 'nope'"),
        (("--preset", "qwen2.5-vl-7b-8gpu", "--gpus", "3"), "3 proc"),
    ],
)
def test_what_cannot_be_planned_is_one_line(arguments, told):
    code, page = run(*arguments)
    assert code == 1 and page.startswith("Error: ") and told in page and page.count("\n") == 1
