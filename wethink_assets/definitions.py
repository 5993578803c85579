"""The code location: `defs` is what Dagster loads, in its server and in the process of every run.

Belongs here: loading the graph fast. Does not belong here: what is in it (graph.py).

Loading makes hundreds of thousands of objects that live as long as the process. The garbage collector would walk over
all of them several times meanwhile, a sixth of the start [D], and again in every full collection of a run. So it rests,
and what was loaded is left out of later collections.
"""

from __future__ import annotations

import gc

_collects = gc.isenabled()
gc.disable()
try:
    from wethink_assets.graph import build_definitions

    defs = build_definitions()
finally:
    gc.freeze()
    if _collects:
        gc.enable()
