"""`wethink init`: looks at folders, recognises sources and evaluation sets in them, writes a configuration.

Belongs here: the order of the steps, and what is printed. Does not belong here: recognising (sources/recognise.py,
benchmark_sets/recognise.py), the text (starter.py).
"""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from resources.storage.names import is_text
from wethink_assets.benchmark_sets.recognise import is_like_a_set, recognise_sets
from wethink_assets.benchmark_sets.registry import BENCHMARKS
from wethink_assets.cli.starter import Endpoint, StarterInputs, comment, starter
from wethink_assets.settings import Settings
from wethink_assets.sources.catalog import BY_KEY, SOURCES
from wethink_assets.sources.check import check_source
from wethink_assets.sources.recognise import Recognised, recognise
from wethink_assets.sources.survey import Survey, survey


class InitError(ValueError):
    """Nothing was written; the message says why and what to do."""


def run_init(
    console: Console,
    progress: Console,
    folders: Sequence[Path],
    output: Path,
    *,
    home: Path | None,
    force: bool,
    endpoint: Endpoint | None,
) -> None:
    """Look, write, say what was found and what comes next.

    Raises:
        InitError: a file is there already, a folder is not, or the file cannot be written.
    """
    output = output.expanduser().absolute()
    _refuse(output, folders, force)
    home = (home or output.parent / "wethink-home").expanduser().absolute()
    tops = [folder.expanduser().absolute() for folder in folders]
    with progress.status("looking …") as status:
        surveys = []
        for top in tops:
            status.update(f"looking at {top} …")
            surveys.append(survey(top, without=home))
        status.update("recognising …")
        inputs = _inputs(surveys, home, endpoint)
    text = starter(inputs)
    Settings.model_validate(tomllib.loads(text))
    _write(output, text, force)
    _tell(console, inputs, output)


def _refuse(output: Path, folders: Sequence[Path], force: bool) -> None:
    if output.is_dir():
        raise InitError(f"{output} is a folder: give --output a file")
    if os.path.lexists(output) and not force:
        raise InitError(f"{output} is there already: --force overwrites it, --output writes elsewhere")
    for folder in (output, *folders):
        if not is_text(str(folder.absolute())):
            raise InitError(f"{comment(str(folder))} holds characters that are no UTF-8: rename it, or go by a link")
    for folder in folders:
        if not folder.expanduser().is_dir():
            kind = "is no folder: give the folder that holds it" if folder.exists() else "is not there"
            raise InitError(f"{folder} {kind}")


def _inputs(surveys: Sequence[Survey], home: Path, endpoint: Endpoint | None) -> StarterInputs:
    recognised = recognise(surveys, SOURCES, is_like_a_set)
    root = _root(surveys, recognised)
    places = {m.source.key: m.path for m in recognised.matches.values() if m.path != root / m.source.key}
    archives, notes = _archives(surveys, recognised)
    places |= {key: path for key, path in archives.items() if path.parent != root}
    paused = {source: _why_not(source.key, source.title, recognised) for source in SOURCES}
    active = {}
    with tempfile.TemporaryDirectory() as scratch:  # nothing of the look is kept, and no home is made
        settings = Settings.model_validate(
            {"home": scratch, "sources_root": root, "sources": {"places": {k: str(p) for k, p in places.items()}}}
        )
        why_so = {m.source.key: m.why for m in recognised.matches.values()} | {
            key: f"the archive's name, {path.name}" for key, path in archives.items()
        }
        for source in [source for source in SOURCES if source.key in why_so]:
            checked = check_source(source, settings)
            number = f"{checked.images:,}{'' if checked.counted_all else '+'} images"
            asked = f", {checked.questions} questions on {checked.sampled} of them" if checked.questions else ""
            joined = f"{checked.annotated} of {checked.sampled} sampled are annotated"
            if checked.ok:
                del paused[source]
                active[source] = f"{number}, {joined}{asked}; recognised by {why_so[source.key]}"
            else:
                why = checked.missing or f"{checked.readable} of {checked.sampled} opened files are pictures"
                paused[source] = f"{checked.place}: {why}"
    tsvs = {
        s.top / folder: [name for name in seen.files if name.endswith(".tsv")]
        for s in surveys
        for folder, seen in s.folders.items()
        if folder.count("/") < 3
    }
    others = [other for other in recognised.others if not _holds_sets(other[0], surveys)]
    native = [s.top / f for s in surveys for f in s.folders if f and f.count("/") < 2]
    taken = [match.path for match in recognised.matches.values()]
    sets = recognise_sets(
        {folder: names for folder, names in tsvs.items() if names},
        [path for path in native if is_like_a_set(path.name) and not any(path.is_relative_to(t) for t in taken)],
    )
    return StarterInputs(
        home,
        root,
        active,
        {key: path for key, path in places.items() if any(source.key == key for source in active)},
        paused,
        others,
        sets.folder,
        sets.rows,
        [b.name for b in BENCHMARKS if b.name not in sets.rows],
        [*sets.notes, *notes, *(note for s in surveys for note in s.notes)],
        endpoint,
    )


def _root(surveys: Sequence[Survey], recognised: Recognised) -> Path:
    """The folder that holds most sources under their keys; the first given where none does."""
    parents = [m.path.parent for m in recognised.matches.values() if m.path.name == m.source.key]
    if not parents:
        return surveys[0].top if surveys else Path.cwd()
    return max(dict.fromkeys(parents), key=parents.count)


def _archives(surveys: Sequence[Survey], recognised: Recognised) -> tuple[dict[str, Path], list[str]]:
    """Archives that are named after a source which no folder holds, and a note of others."""
    named: dict[str, Path] = {}
    others = []
    for s in surveys:
        for name in s.folders[""].files if "" in s.folders else ():
            key, _, suffix = name.rpartition(".")
            if suffix in ("zip", "tar") and key in BY_KEY and key not in recognised.matches:
                named.setdefault(key, s.top / name)
            elif suffix in ("zip", "tar") and key not in BY_KEY:
                others.append(str(s.top / name))
    cure = "one that holds all sources can be sources_root as it is; else unpack it"
    return named, [f"{', '.join(others)}: named after no source, so not looked into: {cure}"] if others else []


def _why_not(key: str, title: str, recognised: Recognised) -> str:
    return recognised.empty.get(key) or f"no folder was recognised as {title}"


def _holds_sets(path: Path, surveys: Sequence[Survey]) -> bool:
    """Whether a folder's parts carry the names of sets, in whatever form."""
    if is_like_a_set(path.name):
        return True
    for s in surveys:
        if path.is_relative_to(s.top) and (seen := s.folders.get(path.relative_to(s.top).as_posix())):
            return sum(map(is_like_a_set, seen.folders)) * 2 > len(seen.folders) > 0
    return False


def _write(output: Path, text: str, force: bool) -> None:
    """Whole or not at all; without force, never over a file that came meanwhile."""
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
        written = Path(name)
        try:
            os.close(descriptor)
            written.write_text(text, "utf-8")
            written.chmod(0o644)
            if force:
                written.replace(output)
            else:
                output.hardlink_to(written)
        finally:
            written.unlink(missing_ok=True)
    except FileExistsError:
        raise InitError(f"{output} is there already: --force overwrites it, --output writes elsewhere") from None
    except OSError as error:
        raise InitError(f"{output} cannot be written: {error.strerror or error}") from None


def _tell(console: Console, inputs: StarterInputs, output: Path) -> None:
    table = Table("source", "state", "what was seen", box=None, header_style="bold")
    states = {source: ("on", seen) for source, seen in inputs.active.items()}
    states |= {source: ("paused", why) for source, why in inputs.paused.items()}
    for source in SOURCES:
        state, seen = states[source]
        table.add_row(source.key, state, Text(comment(seen)))
    console.print(table)

    def say(line: str) -> None:
        console.print(line, markup=False, highlight=False, soft_wrap=True)

    if inputs.sets_folder is not None:
        listed = ", ".join(f"{name} ({rows})" for name, rows in inputs.sets.items())
        say(f"evaluation sets in {inputs.sets_folder}: {listed}")
        if inputs.missing_sets:
            say(f"evaluation sets not there: {', '.join(inputs.missing_sets)}")
    else:
        say("evaluation sets: none of VLMEvalKit's TSVs was found")
    for path, number, why in inputs.others:
        say(f"not recognised: {comment(str(path))}: {number:,} image{'s' * (number > 1)}: {why}")
    for note in inputs.notes:
        say(f"note: {comment(note)}")
    say(f"\n{len(inputs.active)} of {len(SOURCES)} sources are on; wrote {output}. Next:")
    steps = [f"export WETHINK_CONFIG={output}", "wethink sources check      # what is there, picture by picture"]
    if not inputs.active:
        steps.insert(0, f"edit {output}: no source was recognised, so give [sources.places] your folders")
    if inputs.endpoint is None:
        steps.append(f"edit {output}: fill in [endpoints.*], and export the keys that it names")
    elif inputs.endpoint.key_env:
        steps.append(f"export {inputs.endpoint.key_env}=…")
    steps += [
        "wethink endpoints check    # one request to each",
        "wethink doctor             # machine, disk, settings",
    ]
    steps += ["wethink run --part data    # then --part release"]
    for number, step in enumerate(steps, 1):
        say(f"  {number}. {step}")
