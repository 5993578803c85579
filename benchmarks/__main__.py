"""The list of benchmarks, each with the first line of its docstring: `python -m benchmarks`, or `make bench`.

Belongs here: that list. Does not belong here: any measurement; each is a module that `python -m benchmarks.NAME` runs.
"""

from __future__ import annotations

import ast
from pathlib import Path

HERE = Path(__file__).parent


def benchmarks() -> dict[str, str]:
    """Names of all benchmarks with what they measure."""
    texts = {path.stem: path.read_text("utf-8") for path in sorted(HERE.glob("*.py")) if path != Path(__file__)}
    return {name: (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0] for name, text in texts.items()}


if __name__ == "__main__":
    for name, measures in benchmarks().items():
        print(f"make bench NAME={name:<20} {measures}")
