"""Every file that a docstring, a comment or a page names exists."""

from __future__ import annotations

from tests.conftest import PROJECT_ROOT
from tests.contracts.mentions import exists, files, mentions

# Names of files that are not the project's: who has them.
FOREIGN = {
    "dagster.yaml": "a Dagster instance",
    "evaluator.py": "lmms-eval",
    "loggers/evaluation_tracker.py": "lmms-eval",
}


def test_every_file_that_prose_names_exists():
    stale, seen = [], 0
    for path in files():
        for line, name in mentions(path, path.read_text("utf-8")):
            seen += 1
            if name not in FOREIGN and not exists(name, path):
                stale.append(f"{path.relative_to(PROJECT_ROOT)}:{line} names {name}")
    assert seen > 300 and not stale, "\n".join(["", *stale])


def test_a_stale_mention_is_seen():
    path = PROJECT_ROOT / "wethink_assets" / "images" / "pool.py"
    text = (
        '"""Hashes (hash_arrays.py, gone.py).\n\nSee sql/images/, sql/pictures/."""\n\nx = "no.py"  # nor <name>.py\n'
    )
    named = list(mentions(path, text))
    assert sorted(n for _, n in named if not exists(n, path)) == ["gone.py", "sql/pictures/"]
    assert {n for _, n in named} == {"hash_arrays.py", "gone.py", "sql/images/", "sql/pictures/"}
