"""Golden verdicts of the synthetic replies.

`python -m tests.evaluation.parity.golden CHECKOUT [PYTHON]` makes golden.json anew. They are what VLMEvalKit's own
`evaluate` said, run by upstream.py; nothing of ours takes part. A row's score is one character, in tenths: 0 is wrong,
T is right.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.evaluation.parity import synthetic
from tests.evaluation.parity.tables import theirs

FILE = Path(__file__).with_name("golden.json")
PROMPTS = Path(__file__).with_name("prompts.json")  # what its prompt builders made of synthetic.PROMPTS
SCORES = "0123456789T"


def run(checkout: Path, python: str = sys.executable) -> dict[str, Any]:
    """What VLMEvalKit says of all synthetic replies, and how it asks: {"scores": {set: {mode: {"rows": {index: score},
    "numbers": {…}}}}, "prompts": {set: [[[type, value], …], …]}}.

    Raises:
        RuntimeError: it ended without a result; the message is the end of what it wrote.
    """
    with tempfile.TemporaryDirectory() as folder:
        synthetic.write(Path(folder))
        program = Path(__file__).with_name("upstream.py")
        done = subprocess.run(
            [python, str(program), str(checkout), folder], capture_output=True, text=True, check=False
        )
    _, mark, result = done.stdout.rpartition("RESULT ")
    if done.returncode or not mark:
        raise RuntimeError(done.stderr[-3000:])
    return json.loads(result)


def packed(scores: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """As golden.json keeps it."""
    return {
        name: {"digest": synthetic.digest(name)}
        | {
            mode: {
                "rows": "".join(SCORES[round(10 * result["rows"][key])] for key in keys(name, result["rows"])),
                "numbers": {k: round(v, 12) for k, v in theirs(name, result["numbers"]).items()},
            }
            for mode, result in modes.items()
        }
        for name, modes in scores.items()
    }


def keys(name: str, rows: dict[str, Any]) -> list[str]:
    """Indices that have a verdict, in the order of the synthetic rows: MMBench has one a question."""
    return [key for row, _ in synthetic.rows(name) if (key := str(row["index"])) in rows]


if __name__ == "__main__":
    upstream = run(Path(sys.argv[1]), *sys.argv[2:3])
    FILE.write_text(
        json.dumps(packed(upstream["scores"]), ensure_ascii=False, indent=0, sort_keys=True) + "\n", "utf-8"
    )
    PROMPTS.write_text(json.dumps(upstream["prompts"], ensure_ascii=False, indent=0, sort_keys=True) + "\n", "utf-8")
