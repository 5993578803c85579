"""The settings reference (configuration documentation): every setting with its default, as docs/settings.md.

Belongs here: its layout; `python -m wethink_assets.settings.reference > docs/settings.md` writes it.

Does not belong here: what a setting means, which its model's docstring says.
"""

from __future__ import annotations

import inspect
import sys
import typing
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from wethink_assets.settings.base import PROJECT_ROOT
from wethink_assets.settings.calls import EndpointSettings
from wethink_assets.settings.installation import Settings

HEAD = """# Settings

All of them, from `wethink_assets/settings/`. Order, later wins: these defaults, the TOML file that `WETHINK_CONFIG`
names ([an example](wethink.example.toml)), the environment. An unknown key is an error that names it.
"""


def reference() -> str:
    """The settings reference in Markdown: one section per table of the TOML file."""
    sections = [HEAD, *_section("", Settings)]
    for name, field in Settings.model_fields.items():
        if name == "endpoints":
            sections += _section("endpoints.<role>", EndpointSettings)
        elif model := _model(field.annotation):
            sections += _section(name, model)
            for inner, inner_field in model.model_fields.items():
                if many := _model(inner_field.annotation):
                    several = many is not inner_field.annotation
                    sections += _section(f"{name}.{inner}", many, several=several)
    return "\n".join(sections)


def _section(name: str, model: type[BaseModel], several: bool = False) -> list[str]:
    title = f"\n## `{'[[' if several else '['}{name}{']]' if several else ']'}`\n" if name else "\n## Top level\n"
    rows = [
        f"| `{key}` | {_type(field)} | {_default(field)} |"
        for key, field in model.model_fields.items()
        if not _model(field.annotation) and key != "endpoints"
    ]
    return [
        title,
        " ".join(inspect.cleandoc(model.__doc__ or "").split("\n\n")[0].splitlines()),
        *_more(model),
        "",
        "| key | type | default |",
        "|---|---|---|",
        *rows,
    ]


def _more(model: type[BaseModel]) -> list[str]:
    paragraphs = inspect.cleandoc(model.__doc__ or "").split("\n\n")[1:]
    return [line for text in paragraphs for line in ("", " ".join(text.splitlines()))]


def _model(annotation: Any) -> type[BaseModel] | None:
    """The settings model of a field, or of its items."""
    for kind in (annotation, *typing.get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def _type(field: FieldInfo) -> str:
    named = (
        field.annotation.__name__
        if isinstance(field.annotation, type) and not typing.get_args(field.annotation)
        else str(field.annotation)
    )
    limits = ", ".join(_limit(m) for m in field.metadata if _limit(m))
    return (
        named.replace("typing.", "").replace("pathlib.", "").replace("|", "\\|") + (f" {limits}" if limits else "")
    ).replace("NoneType", "None")


def _limit(rule: Any) -> str:
    names = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    return " ".join(f"{sign} {getattr(rule, name)}" for name, sign in names.items() if hasattr(rule, name))


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, Path):
        value = value.relative_to(PROJECT_ROOT) if value.is_relative_to(PROJECT_ROOT) else value
        return f"`{value}`"
    return f"`{value!r}`" if value not in ("", None, {}, ()) else "–"


if __name__ == "__main__":
    sys.stdout.write(reference() + "\n")
