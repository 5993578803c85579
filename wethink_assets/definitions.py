"""The code location: `defs` is what Dagster loads, in its server and in the process of every run.

Belongs here: loading the graph fast. Does not belong here: what is in it (graph.py).
"""

from __future__ import annotations

from resources.collector import at_rest

with at_rest():
    from wethink_assets.graph import build_definitions

    defs = build_definitions()
