"""Documentation pages as data: links, anchors, named paths and commands, quoted files.

Belongs here: reading Markdown; `python -m tests.docs.pages` renews the files that pages quote.
Does not belong here: what must hold of them (test_pages.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from wethink_assets.settings import PROJECT_ROOT

FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_SPAN = re.compile(r"`([^`\n]+)`")
_HEADING = re.compile(r"^(#+) +(.+?)\s*$", re.MULTILINE)
_PATH = re.compile(r"[\w.+-]+(?:/[\w.+-]+)*/?")
_COMMAND = re.compile(r"\b(make|wethink) ([a-z]+)(?: ([a-z]+))?")
QUOTE = re.compile(r"<!-- quote: (?P<path>\S+) -->\n(?:```[a-z]+\n.*?^```\n)?", re.MULTILINE | re.DOTALL)
LANGUAGES = {".py": "python", ".sql": "sql"}
TOUCHES = re.compile(r"<!-- touches: at most (?P<most>\d+) -->\n(?P<lines>(?:- .*\n)+)")
# Where a named file may lie, and which first parts a path in prose must have to be one of the repository's.
ROOTS = ("wethink_assets/", "resources/", "jobs/", "sql/", "tests/", "benchmarks/", "docs/", "requirements/")


@dataclass(frozen=True)
class Page:
    """One Markdown file. `prose` is its text without fenced code."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path.relative_to(PROJECT_ROOT))

    @cached_property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @cached_property
    def prose(self) -> str:
        return FENCE.sub("", self.text)

    def headings(self, level: int) -> list[str]:
        """Headings of one level, in order."""
        return [title for marks, title in _HEADING.findall(self.prose) if len(marks) == level]

    def anchors(self) -> set[str]:
        """Anchors of all headings, as GitHub and the site make them."""
        return {
            re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")
            for _, title in _HEADING.findall(self.prose)
        }

    def links(self) -> list[str]:
        """Targets of links and images that are not URLs."""
        return [target for target in _LINK.findall(self.prose) if not re.match(r"[a-z]+:", target)]

    def paths(self) -> Iterator[str]:
        """Files and folders of the repository that code spans name."""
        for span in _SPAN.findall(self.prose):
            if span.startswith(ROOTS) and _PATH.fullmatch(span):
                yield span

    def commands(self) -> Iterator[tuple[str, ...]]:
        """`make X` and `wethink X [Y]` in code, fenced or not: the words of each."""
        code = [
            *_SPAN.findall(self.prose),
            *(line.split("#")[0] for block in FENCE.findall(self.text) for line in block.splitlines()),
        ]
        for line in code:
            for match in _COMMAND.finditer(line):
                yield tuple(word for word in match.groups() if word)

    def words(self) -> int:
        """Words as a reader counts them: without the marks of tables."""
        return sum(bool(re.search(r"\w", word)) for word in self.text.split())

    def with_quotes(self) -> str:
        """The page with every quoted file as it is now."""

        def renewed(match: re.Match[str]) -> str:
            path = PROJECT_ROOT / match["path"]
            language = LANGUAGES.get(path.suffix, "text")
            code = f"```{language}\n{path.read_text('utf-8').rstrip()}\n```\n" if path.is_file() else ""
            return f"<!-- quote: {match['path']} -->\n{code}"

        return QUOTE.sub(renewed, self.text)


def pages() -> list[Page]:
    """All pages: those of docs/ and the Markdown files at the root."""
    return [Page(path) for path in [*sorted(PROJECT_ROOT.glob("*.md")), *sorted((PROJECT_ROOT / "docs").rglob("*.md"))]]


if __name__ == "__main__":
    for page in pages():
        if page.with_quotes() != page.text:
            page.path.write_text(page.with_quotes(), "utf-8")
