"""Passes over a foreign file (staged filtering): from lines to the candidates of a release, each stop counted.

Belongs here: the order of the gates. Does not belong here: any rule (lines.py, mend.py, pictures.py, dataset/,
images/), what is written of the rows that are left (job.py).

A line is read, mended, packaged and filtered; its image looked at; image and question held against the evaluation
sets; then the first of equal questions about an image stays. Texts wait on disk between passes: memory grows with the
number of rows by their ids and paths alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from resources.lake.database import Memory
from resources.lake.store import LakeStore, Windows
from wethink_assets.accounting import content_id
from wethink_assets.dataset.contamination import image_collisions, question_of
from wethink_assets.dataset.record import Refusal
from wethink_assets.dataset.release import Release, question_key
from wethink_assets.dataset.selection import Candidate, select
from wethink_assets.dataset.sides import sides
from wethink_assets.images.confirmation import Confirmation
from wethink_assets.images.contamination_check import leaked_questions
from wethink_assets.imports.account import Account
from wethink_assets.imports.lines import Lines, fields_of
from wethink_assets.imports.mend import filtered, mended
from wethink_assets.imports.pictures import Seen, look
from wethink_assets.imports.rows import CANDIDATE, IMAGE, LINE, RECORD, Parts, every
from wethink_assets.settings import Settings
from wethink_assets.sources.catalog import sources_of
from wethink_assets.sources.documents import with_documents

NOT_STATED = "not stated"
_EVERY = 10_000  # rows between two lines of progress

Progress = Callable[[str], None]


class Image(NamedTuple):
    """An image of the folder: its file, its place in the image store, and the picture that is sent of it."""

    file: Path
    uri: str
    picture_id: str


class Passes:
    """The passes of one import. Afterwards `images` are those looked at, by id, and `looked` their rows."""

    def __init__(
        self,
        store: LakeStore,
        settings: Settings,
        folder: Path,
        account: Account,
        scratch: Path,
        say: Progress,
        *,
        make_copies: bool,
    ) -> None:
        self._store, self._settings, self._folder, self._account = store, settings, folder, account
        self._scratch, self._say, self._make_copies = scratch, say, make_copies
        self.sha256 = ""
        self.images: dict[str, Image] = {}
        self.looked = Windows(0)

    def of(self, file: Path) -> tuple[Release, Windows]:
        """The rows of a file that may be in a release, with their splits, and their texts.

        Raises:
            OSError: the file or the disk failed.
            LakeError: the lake or the disk failed.
        """
        lines = self._mended(file)
        of_path = self._looked_at(lines)
        against = self._images_in_sets()
        leaks = self._questions_in_sets(lines)
        candidates = self._candidates(lines, of_path, against, leaks)
        rows = [
            Candidate(row["sample_id"], row["image_id"], row["source"])
            for row in every(candidates, "sample_id", "image_id", "source")
        ]
        path_of = {row["image_id"]: row["image_path"] for row in every(candidates, "image_id", "image_path")}
        release = self._settings.release
        selection = select(
            rows,
            target=len(rows),
            shares=Counter(row.source for row in rows),
            heldout_share=release.heldout_share,
            seed=release.seed,
            sides=sides(self._to_split(path_of), heldout_share=release.heldout_share, seed=release.seed),
        )
        self._account.taken = len(selection.rows)
        return Release(selection, [], []), candidates

    def _to_split(self, path_of: Mapping[str, str]) -> pl.DataFrame:
        """The images of these ids as `sides` takes them. Other releases do not count: a file has one release id."""
        looked = [row for row in every(self.looked, "image_id", "phash", "phash256") if row["image_id"] in path_of]
        hashes = pl.DataFrame(looked, schema={"image_id": pl.String, "phash": pl.String, "phash256": pl.String})
        files = [[path_of[image_id]] for image_id in hashes["image_id"]]
        images = with_documents(hashes.with_columns(pl.Series("files", files, pl.List(pl.String))), self._settings)
        return images.with_columns(batch_order=0, first_released=None, split=None, cluster_id=None)

    def _mended(self, file: Path) -> Windows:
        parts = Parts(self._scratch / "lines", LINE)
        with file.open("rb") as handle:
            lines = Lines(handle)
            for line in lines:
                self._account.lines = line.number
                if line.number % _EVERY == 0:
                    self._say(f"{line.number:,} lines read")
                fields = fields_of(line)
                if isinstance(fields, Refusal):
                    self._account.stop(line.number, fields)
                    continue
                row = mended(fields)
                if not isinstance(row, Refusal):
                    row = filtered(row, self._settings.synthesis.filters_off) or row
                if isinstance(row, Refusal):
                    path, problem = fields["image_path"], fields["problem"]
                    self._account.stop(line.number, row, image_path=path, problem=problem)
                    continue
                repairs = {"repairs": sorted(row.repairs)}
                parts.add({"line": line.number, **repairs, **row.record.columns()})
            self.sha256 = lines.sha256
        return parts.end()

    def _looked_at(self, lines: Windows) -> dict[str, str | Refusal]:
        """Image ids by path, or why there is none."""
        paths = list(dict.fromkeys(row["image_path"] for row in every(lines, "image_path")))
        of_path: dict[str, str | Refusal] = {}
        rows = Parts(self._scratch / "images", IMAGE)
        folder = self._settings.pictures_dir if self._make_copies else None
        for number, (path, seen) in enumerate(look(paths, self._folder, self._settings.images, folder), 1):
            if number % _EVERY == 0:
                self._say(f"{number:,} of {len(paths):,} images looked at")
            if not isinstance(seen, Seen):
                of_path[path] = seen
                continue
            of_path[path] = seen.image_id
            if (one := seen.looked) is not None:
                self.images[seen.image_id] = Image(seen.file, seen.uri, one.picture_id or "")
                names = ("format", "width", "height", "phash", "phash256")
                rows.add(
                    {
                        "image_id": seen.image_id,
                        "image_uri": seen.uri,
                        "picture_id": one.picture_id or None,
                        **{name: getattr(one, name) for name in names},
                    }
                )
        self.looked = rows.end()
        return of_path

    def _images_in_sets(self) -> dict[str, tuple[str, str]]:
        known = self._store.rows("images/select_benchmark_images")
        look_alikes = self._settings.images.benchmark_look_alikes == "drop"
        with Confirmation(_WithFolder(self._store, self.images), self._settings) as looks:
            images = every(self.looked, "image_id", "phash", "phash256")
            return image_collisions(images, known, looks, look_alikes=look_alikes)

    def _questions_in_sets(self, lines: Windows) -> dict[int, tuple[str, str]]:
        items = self._store.rows("images/select_benchmark_questions")
        asked = ((str(row["line"]), question_of(row)) for row in every(lines, "line", "category", "problem"))
        memory = Memory.of(self._settings)
        return {int(leak.subject): (leak.item, leak.how) for leak in leaked_questions(asked, items, memory)}

    def _candidates(
        self,
        lines: Windows,
        of_path: Mapping[str, str | Refusal],
        against: Mapping[str, tuple[str, str]],
        leaks: Mapping[int, tuple[str, str]],
    ) -> Windows:
        licences = {source.key: source.licence for source in sources_of(self._settings.sources)}
        parts = Parts(self._scratch / "candidates", CANDIDATE)
        asked: dict[bytes, int] = {}
        for row in every(lines):
            line, image_id = row["line"], of_path[row["image_path"]]
            told = {"image_path": row["image_path"], "problem": row["problem"]}
            if isinstance(image_id, Refusal):
                self._account.stop(line, image_id, image=True, **told)
                continue
            refusal = _in_a_set(against.get(image_id), leaks.get(line))
            if refusal is None and (first := asked.setdefault(question_key(image_id, row["problem"]), line)) != line:
                refusal = Refusal("repeated_question", f"line {first} asks the same about the same image")
            if refusal is not None:
                self._account.stop(line, refusal, **told)
                continue
            record = {name: row[name] for name in RECORD}
            source = row["image_path"].partition("/")[0]
            self._account.repairs.update(row["repairs"])
            parts.add(
                {
                    "sample_id": content_id("imported", image_id, record),
                    "batch": f"import-{self.sha256[:8]}",
                    "image_id": image_id,
                    "source": source,
                    "licence": licences.get(source, NOT_STATED),
                    **record,
                }
            )
        return parts.end()


class _WithFolder:
    """The lake with the files of a folder, as far as looking at pictures needs it."""

    def __init__(self, store: LakeStore, images: Mapping[str, Image]) -> None:
        self._store, self._images = store, images

    def rows(self, name: str, **parameters: Any) -> list[dict[str, Any]]:
        found = self._store.rows(name, **parameters)
        for image_id in parameters.get("ids", ()):
            if image := self._images.get(image_id):  # an absolute path stays what it is below the image store
                found.append({"image_id": image_id, "image_uri": str(image.file), "place": "benchmark"})
        return found


def _in_a_set(image: tuple[str, str] | None, question: tuple[str, str] | None) -> Refusal | None:
    if image is not None:
        return Refusal("benchmark_image", f"an evaluation set holds its image: {image[1]}")
    if question is not None:
        return Refusal("benchmark_question", f"it repeats {question[0]} ({question[1]})")
    return None
