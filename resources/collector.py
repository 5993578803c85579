"""Python's garbage collector, at rest while modules and definitions are loaded.

Belongs here: that. Does not belong here: what is loaded. It imports nothing of the project.

Loading makes hundreds of thousands of objects that live as long as the process. The collector would walk over all of
them several times meanwhile, a sixth of the start [D], and again in every full collection of a run. So it rests, and
what was loaded is left out of later collections.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def at_rest() -> Iterator[None]:
    """Nothing is collected within it, and what it leaves behind never is. Not for a block that makes much garbage."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collects:
            gc.enable()
