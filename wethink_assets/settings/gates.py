"""Settings of the quality that is asked of the gates themselves.

Belongs here: floors and what happens below them. Does not belong here: any gate (docs/gates.md), how its quality is
measured (gate_quality/).
"""

from __future__ import annotations

from pydantic import Field

from wethink_assets.settings.base import Strict


class GateSettings(Strict):
    """Floors of the gates' quality where a truth is known, as on the sample pack (docs/gates.md).

    A gate is below a floor where the whole interval of 95 % is: of what it drops at least `least_precision` has to be
    bad, and of the defect that it is made for it has to find at least `least_recall`. `blocking` makes that an error
    instead of a warning. Both floors are ours [D].
    """

    least_precision: float = Field(0.6, ge=0, le=1)
    least_recall: float = Field(0.5, ge=0, le=1)
    blocking: bool = False
