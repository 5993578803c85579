"""Extensions (plug-ins): what a package of yours adds to the graph without a line of this project being edited.

Belongs here: the one object that an extension is, and handing its parts to the rooms. Pure.
Does not belong here: what a part is (each room's own module), the definitions that grow by it (definitions.py).

The setting `extensions = ["your_package.wethink"]` names importable modules; each holds `EXTENSION = Extension(...)`.
The code location, the command line and the training worker load them, so that a reward term counts where rewards are
given. docs/extending/ shows each part with a worked example.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resources.lake.sql_files import add_folder, remove_folder, tables

if TYPE_CHECKING:
    from wethink_assets.benchmark_sets.registry import Benchmark
    from wethink_assets.evaluation.families.family import Family
    from wethink_assets.gates import Gate
    from wethink_assets.rewards.terms import RewardTerm
    from wethink_assets.sources.catalog import Source
    from wethink_assets.synthesis.stage import StageSpec


class ExtensionError(ValueError):
    """An extension cannot be loaded; the message names the module and the cure."""


@dataclass(frozen=True)
class Extension:
    """One extension (plug-in): all that a module adds. Each part appears wherever the built-in ones do, behind them.

    - `sql`: a folder laid out as sql/ is: `tables/` with the tables that its stages write, and statements by folder and
      name.
    - `prompts`: a folder of prompt files of its stages.
    - `readers`: how the native format of a source is read, by the reader's name.
    - `sources`: rows of the catalog. `stages`: of synthesis. `gates`: quality gates, by the asset that they guard.
    - `families`: how a benchmark family is asked, scored and counted. `benchmarks`: sets of a family.
    - `rewards`: terms of the reward, beside accuracy and format.
    """

    name: str
    sql: Path | None = None
    prompts: Path | None = None
    readers: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    stages: tuple[StageSpec, ...] = ()
    gates: Mapping[str, tuple[Gate, ...]] = field(default_factory=dict)
    families: tuple[Family, ...] = ()
    benchmarks: tuple[Benchmark, ...] = ()
    rewards: tuple[RewardTerm, ...] = ()


def load_extensions(names: Sequence[str]) -> list[Extension]:
    """Import the modules and register what they add. Loading one twice is loading it once.

    Raises:
        ExtensionError: a module cannot be imported, holds no EXTENSION, or adds what is no part or has a name taken.
    """
    extensions = []
    for name in names:
        try:
            module = import_module(name)
        except ImportError as error:
            raise ExtensionError(
                f"extensions: {name!r} cannot be imported ({error}): install it where `wethink` runs, or mend the name"
            ) from error
        except Exception as error:
            raise ExtensionError(
                f"extensions: {name!r} fails while it is imported ({type(error).__name__}: {error}): mend the module"
            ) from error
        extension = getattr(module, "EXTENSION", None)
        if not isinstance(extension, Extension):
            raise ExtensionError(f"extensions: {name!r} holds no EXTENSION = Extension(...)")
        try:
            register(extension)
            tables()
        except (ValueError, TypeError, AttributeError) as error:
            raise ExtensionError(f"extensions: {name!r}: {error}") from error
        extensions.append(extension)
    return extensions


def register(extension: Extension) -> None:
    """Hand an extension's parts to their rooms. Each room is imported only where something is added to it.

    Raises:
        ValueError: a part has a name that is taken, or its folder of statements is not there.
    """
    if extension.sql is not None:
        if not extension.sql.is_dir():
            raise ValueError(f"{extension.sql} is no folder of statements")
        add_folder(extension.sql)
    if extension.prompts is not None:
        from wethink_assets import prompt_files

        prompt_files.register_folder("synthesis", extension.prompts)
    if extension.readers or extension.sources:
        from wethink_assets.sources import catalog
        from wethink_assets.sources.readers import registry as readers

        for name, reader in extension.readers.items():
            readers.register(name, reader)
        for source in extension.sources:
            catalog.register(source)
    if extension.stages:
        from wethink_assets.synthesis import registry as stages

        for stage in extension.stages:
            stages.register(stage)
    if extension.gates:
        from wethink_assets import gates

        for asset, guards in extension.gates.items():
            for gate in guards:
                gates.register(asset, gate)
    if extension.families or extension.benchmarks:
        from wethink_assets.benchmark_sets import registry as benchmarks
        from wethink_assets.evaluation.families import registry as families

        for family in extension.families:
            families.register(family)
        for benchmark in extension.benchmarks:
            benchmarks.register(benchmark)
    if extension.rewards:
        from wethink_assets.rewards import terms

        for term in extension.rewards:
            terms.register(term)


def unregister(extension: Extension) -> None:
    """Take an extension's parts away again, in the opposite order."""
    if extension.rewards:
        from wethink_assets.rewards import terms

        for term in extension.rewards:
            terms.unregister(term.name)
    if extension.families or extension.benchmarks:
        from wethink_assets.benchmark_sets import registry as benchmarks
        from wethink_assets.evaluation.families import registry as families

        for benchmark in extension.benchmarks:
            benchmarks.unregister(benchmark.name)
        for family in extension.families:
            families.unregister(family.name)
    if extension.gates:
        from wethink_assets import gates

        for asset, guards in extension.gates.items():
            for gate in guards:
                gates.unregister(asset, gate.name)
    if extension.stages:
        from wethink_assets.synthesis import registry as stages

        for stage in reversed(extension.stages):
            stages.unregister(stage.name)
    if extension.readers or extension.sources:
        from wethink_assets.sources import catalog
        from wethink_assets.sources.readers import registry as readers

        for source in extension.sources:
            catalog.unregister(source.key)
        for name in extension.readers:
            readers.unregister(name)
    if extension.prompts is not None:
        from wethink_assets import prompt_files

        prompt_files.unregister_folder("synthesis", extension.prompts)
    if extension.sql is not None:
        remove_folder(extension.sql)
