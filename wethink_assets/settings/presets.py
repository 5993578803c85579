"""Presets (training recipes): named sets of training settings, one file of presets/ each.

Belongs here: finding and reading them. Does not belong here: what a setting means (policies.py), whether a recipe fits
its GPUs (training/memory_plan.py).
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from typing import Any

from wethink_assets.settings.base import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "presets"


def preset_names() -> list[str]:
    """The presets that there are, by name."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read_preset(name: str, known: Collection[str]) -> dict[str, Any]:
    """The settings of a preset.

    Raises:
        ValueError: there is none of that name, or it holds a setting that is none of `known`.
    """
    if name not in preset_names():
        raise ValueError(f"there is no preset {name!r}: choose one of {', '.join(preset_names())}")
    values = tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
    if strange := sorted(values.keys() - set(known)):
        raise ValueError(f"presets/{name}.toml: {', '.join(strange)} is no setting of [training]")
    return values
