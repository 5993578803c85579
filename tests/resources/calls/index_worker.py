"""A process that writes calls to a ledger which others write too: catalog, data path, folder of the index, its replies.

A module and no `python -c`: DuckDB takes that for a person, and shows progress.
"""

from __future__ import annotations

import sys
from pathlib import Path

from resources.calls import id_index
from resources.calls.ledger import CallLedger
from resources.lake.store import LakeStore
from tests.resources.calls.asking import CALLER, ledger_row


def main(catalog: str, data_path: str, root: str, reply: str) -> None:
    """Says `ready` once it has looked, and waits for a line before it writes calls 0 to 209 in two groups."""
    id_index.SMALL = -1
    ledger = CallLedger(LakeStore(catalog, data_path), Path(root))
    ledger.known(["x"])
    print("ready", flush=True)
    sys.stdin.readline()
    for first, last in ((0, 20), (10, 210)):
        for n in range(first, last):
            ledger.add(CALLER, ledger_row(n, reply=reply))
        ledger.flush()
    ledger.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
