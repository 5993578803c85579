"""Recognition of sources (data set detection): which of the catalog's sources a folder holds, by its readers' own look.

Belongs here: evidence and the choice. Does not belong here: scanning (survey.py), writing a configuration (cli/).

A folder's name alone decides nothing but between equals. What counts: annotations that a source's reader can join to
the folder's images, files that it reads as its own format, the folders that the publisher's archive unpacks to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from resources.storage.folder import LocalFolder
from resources.storage.tree import File, Tree
from wethink_assets.sources.annotate import annotate
from wethink_assets.sources.annotation_join import AnnotationCollector
from wethink_assets.sources.check import Watched
from wethink_assets.sources.listing import image_folders
from wethink_assets.sources.source import Source
from wethink_assets.sources.survey import Survey

CANDIDATES = 400  # folders that are held against the sources
LEVELS = 2  # below the given folder
READ = 2 * 1024 * 1024  # bytes of an annotation file
FILES = 24  # annotation files of a kind
SAMPLED = 24  # images
GENERAL = {"conversations", "wikiart", "geoqa"}  # readers of a form that many data sets have
PLAIN = {"images", "image", "train", "val", "test", "documents"}  # folders that many data sets have
ENOUGH = 5  # of one file in the right form (4), its folder (3) and its name (1 to 3): two of them at least


@dataclass(frozen=True)
class Match:
    """How well a folder fits a source. `why` says so in words."""

    source: Source
    survey: Survey
    folder: str
    score: int
    images: int
    why: str

    @property
    def path(self) -> Path:
        return self.survey.top / self.folder if self.folder else self.survey.top


@dataclass
class Recognised:
    """The best folder of each source, and folders with images that are none's with their number and why not."""

    matches: dict[str, Match] = field(default_factory=dict)
    empty: dict[str, str] = field(default_factory=dict)
    others: list[tuple[Path, int, str]] = field(default_factory=list)


def recognise(
    surveys: Sequence[Survey], sources: Sequence[Source], excluded: Callable[[str], bool] = lambda name: False
) -> Recognised:
    """Hold the folders' upper levels against the sources; each folder is one source's at most.

    `excluded`: names of folders that are no source whatever they hold, as evaluation sets, from which nothing may be
    made; a source's own name counts before it.
    """
    found = Recognised()
    matches: list[Match] = []
    unsure: dict[Path, list[str]] = {}
    for survey in surveys:
        upper = [
            folder
            for folder in survey.folders
            if (not folder or folder.count("/") < LEVELS) and not _within(folder, excluded, sources)
        ]
        for folder in upper[:CANDIDATES]:
            images = survey.images(folder)
            named = next((s for s in sources if folder and fits(folder.rpartition("/")[2], s) == 3), None)
            if images:
                tree = Tree(LocalFolder(survey.top / folder))
                for match in filter(None, (_match(survey, folder, tree, source) for source in sources)):
                    if match.score >= ENOUGH or fits(match.path.name, match.source) == 3:
                        matches.append(match)
                    else:
                        unsure.setdefault(match.path, []).append(match.source.key)
            elif named:
                found.empty.setdefault(named.key, f"no picture in {survey.top / folder}")
    order = {source.key: rank for rank, source in enumerate(sources)}
    matches.sort(key=lambda m: (-m.score, -m.folder.count("/"), not m.folder, order[m.source.key], str(m.path)))
    used: set[Path] = set()
    for match in matches:
        if match.source.key not in found.matches and match.path not in used and not _covers(match, used):
            found.matches[match.source.key] = match
            used.add(match.path)
    found.matches = {s.key: found.matches[s.key] for s in sources if s.key in found.matches}
    _others(surveys, used, unsure, found)
    return found


def _within(folder: str, excluded: Callable[[str], bool], sources: Sequence[Source]) -> bool:
    parts = folder.split("/") if folder else []
    return any(excluded(part) and not any(fits(part, source) > 1 for source in sources) for part in parts)


def _covers(match: Match, used: set[Path]) -> bool:
    """Whether a folder lies within a recognised one, or holds some: then its images are theirs."""
    return any(match.path.is_relative_to(path) or path.is_relative_to(match.path) for path in used)


def fits(name: str, source: Source) -> int:
    """How well a folder's name fits: 3 where it is the key, 2 where it is nearly so, 1 where it holds it, else 0."""
    own, plain = _plain(source.key), _plain(name)
    if name == source.key:
        return 3
    if plain in {own, _plain(source.title), own.removesuffix("v10")}:
        return 2
    return 1 if len(own) > 3 and own.removesuffix("v10") in plain else 0


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9+]", "", name.lower())


def _match(survey: Survey, folder: str, tree: Tree, source: Source) -> Match | None:
    folders = image_folders(source, tree)
    names = _images(survey, folder, folders, source.only)
    count = sum(survey.images(_join(folder, inner)) for inner in _outer(folders))
    if not names or not count:
        return None
    name = fits((survey.top / folder).name, source)
    told = []
    collector = AnnotationCollector(source, [f"{source.key}/{path}" for path in names])
    watched = _Bounded(tree, READ)
    annotate(cast(Tree, watched), collector)
    joined = sum(not record.context.empty for record in collector.records())
    foreign = {problem.file.partition("/")[2] for problem in collector.problems() if problem.foreign}
    own = [path for path in {**watched.opened, **watched.own} if path not in foreign]
    score = name
    if joined:
        score += 2 if source.reader in GENERAL else 8
        told.append("its annotations")
    if own:
        score += 1 if source.reader in GENERAL else 4
        told.append(own[0])
    if special := [inner for inner in folders if inner and inner not in PLAIN]:
        score += 3
        told.append(f"{special[0]}/")
    if name:
        told.append("its name")
    if not joined and score < ENOUGH and name < 3:
        return None
    return Match(source, survey, folder, score, count, ", ".join(told))


def _images(survey: Survey, folder: str, folders: Sequence[str], only: str | None) -> list[str]:
    """Paths below the folder of some images of the source's folders, from all of them."""
    paths: list[str] = []
    cut = len(folder) + 1 if folder else 0
    for inner in _outer(folders):
        for path, seen in survey.below(_join(folder, inner)):
            paths += [_join(path, name)[cut:] for name in seen.names if only is None or name == only]
    step = max(1, len(paths) // SAMPLED)
    return paths[::step][:SAMPLED]


def _outer(folders: Sequence[str]) -> list[str]:
    """Folders that lie in no other one of them."""
    return [f for f in folders if not any(f != other and f.startswith(f"{other}/") for other in folders)]


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder and name else folder or name


def _others(surveys: Sequence[Survey], used: set[Path], unsure: Mapping[Path, list[str]], outcome: Recognised) -> None:
    """Folders with images in which no source was recognised, as high up as possible."""
    for survey in surveys:
        if survey.top in used:
            continue
        for folder in survey.folders:
            path = survey.top / folder
            if not folder or folder.count("/") >= LEVELS or any(p.is_relative_to(path) for p in used):
                continue
            if any(path.is_relative_to(p) for p in used) or any(path.is_relative_to(p) for p, _, _ in outcome.others):
                continue
            if number := survey.images(folder):
                outcome.others.append((path, number, _why(unsure.get(path, []))))
        if not any(p.is_relative_to(survey.top) for p in used) and (number := survey.folders[""].images):
            outcome.others.append((survey.top, number, _why(unsure.get(survey.top, []))))


def _why(keys: Sequence[str]) -> str:
    if not keys:
        return "no source's annotations or folders are in it"
    return f"annotated in a form that {', '.join(keys)} share: name the folder after the one that it is"


class _Bounded(Watched):
    """A watched tree that gives some files of a kind only: in a folder with a file beside each image, not all."""

    def find(self, *patterns: str) -> list[File]:
        return super().find(*patterns)[:FILES]
