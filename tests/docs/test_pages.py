"""Documentation tests: links, anchors, named files and commands exist, pages keep their form, quotes are current."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache

import click
import pytest

from tests.docs.pages import QUOTE, TOUCHES, Page, pages
from wethink_assets.cli.main import main
from wethink_assets.settings import PROJECT_ROOT

PAGES = {page.name: page for page in pages()}
SUBJECTS = [
    f"docs/{name}.md"
    for name in (
        "index lake storage images model-calls synthesis rewards data-set training evaluation growth operations".split()
    )
]
HEADINGS = ["Purpose", "Key types", "Flow", "Extending", "Limits"]
EXTENDING = [name for name in PAGES if name.startswith("docs/extending/")]


def broken_links(page: Page) -> list[str]:
    """Links of a page that lead nowhere: no such file, or no such heading in it."""
    broken = []
    for target in page.links():
        file, _, anchor = target.partition("#")
        path = (page.path.parent / file).resolve() if file else page.path
        if not path.exists() or (anchor and anchor not in Page(path).anchors()):
            broken.append(target)
    return broken


def is_command(words: tuple[str, ...]) -> bool:
    """Whether `make X` is a target, or `wethink X Y` a command; what follows a command are its arguments."""
    if words[0] == "make":
        return bool(re.search(rf"^{words[1]}:", (PROJECT_ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    command: click.Command = main
    for word in words[1:]:
        if not isinstance(command, click.Group):
            return True
        if word not in command.commands:
            return False
        command = command.commands[word]
    return True


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name):
    assert broken_links(PAGES[name]) == []


@pytest.mark.parametrize("name", PAGES)
def test_files_that_are_named_exist(name):
    assert [path for path in PAGES[name].paths() if not (PROJECT_ROOT / path).exists()] == []


@pytest.mark.parametrize("name", PAGES)
def test_commands_that_are_named_exist(name):
    assert [" ".join(words) for words in PAGES[name].commands() if not is_command(words)] == []


def test_what_is_not_there_is_seen(tmp_path):
    page = Page(tmp_path / "page.md")
    page.path.write_text(
        "# A heading\n[a](#a-heading) [b](#no-heading) [c](none.md)\n`wethink_assets/none.py` `sql/tables/`\n"
        "`make nothing` `make demo` `wethink calls none` `wethink calls export FILE` `wethink compare base rl`\n"
        "```\nwethink nothing   # make none\n```\n"
    )
    assert broken_links(page) == ["#no-heading", "none.md"]
    assert list(page.paths()) == ["wethink_assets/none.py", "sql/tables/"]
    assert [" ".join(words) for words in page.commands() if not is_command(words)] == [
        "make nothing",
        "wethink calls none",
        "wethink nothing",
    ]


@pytest.mark.parametrize("name", SUBJECTS)
def test_subject_pages_have_one_form(name):
    page = PAGES[name]
    assert page.headings(2) == HEADINGS
    assert 400 <= page.words() <= 900


def not_in_their_files(page: Page) -> list[str]:
    """Names in the first column of a page's table of key types that no file or folder of their line holds."""
    missing = []
    for line in page.text.split("## Key types")[1].split("## ")[0].splitlines():
        cells = line.split("|")
        files = [PROJECT_ROOT / path for path in re.findall(r"`([^`]+/[^`]+)`", line)]
        if files and len(cells) > 1:
            texts = [p.read_text("utf-8") for f in files for p in ([f] if f.is_file() else sorted(f.rglob("*.py")))]
            names = re.findall(r"`([A-Za-z_]+)`", cells[1])
            missing += [name for name in names if not any(re.search(rf"\b{name}\b", text) for text in texts)]
    return missing


@pytest.mark.parametrize("name", SUBJECTS)
def test_key_types_stand_where_the_page_says(name):
    assert not_in_their_files(PAGES[name]) == []


def test_a_key_type_elsewhere_is_seen(tmp_path):
    page = Page(tmp_path / "page.md")
    page.path.write_text("## Key types\n| `Lake`, `LakeStor` | `resources/lake/resource.py` | x |\n## Flow\n")
    assert not_in_their_files(page) == ["LakeStor"]


def test_the_house_names_every_room():
    """The rooms' table is complete, and stands in the order of the import contract, bottom up."""
    table = PAGES["docs/architecture.md"].text.split("## Rooms")[1].split("## Laws")[0]
    rooms = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    there = {  # a folder without sources is what a checkout keeps of a room that was moved
        f"`wethink_assets/{p.name}{'/' if p.is_dir() else ''}`"
        for p in (PROJECT_ROOT / "wethink_assets").iterdir()
        if p.suffix == ".py" or any(p.rglob("*.py"))
    }
    assert {name for name in there if "/__" not in name and name not in "".join(rooms)} == set()
    contracts = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "layers")
    places = []
    for layer in reversed(layers):  # modules of one layer stand in any order
        paths = ["`" + module.strip().replace(".", "/") for module in layer.split(":")]
        rows = [[i for i, room in enumerate(rooms) if path + "/" in room or path + ".py`" in room] for path in paths]
        places += sorted(row[0] for row in rows if row)
    assert len(places) > 15
    assert places == sorted(places)


@cache
def _texts_in_code() -> str:
    """Every string of the code and the scripts, as one text; parts of an f-string stand one by one."""
    parts = [(PROJECT_ROOT / "requirements" / "install.sh").read_text("utf-8")]
    for room in ("wethink_assets", "resources", "jobs"):
        for file in sorted((PROJECT_ROOT / room).rglob("*.py")):
            nodes = ast.walk(ast.parse(file.read_text("utf-8")))
            parts += [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    return "\n".join(parts)


def not_in_code(page: Page) -> list[str]:
    """Fragments of the quoted messages in the first column of its tables that no string of the code holds."""
    symptoms = [line.split("|")[1] for line in page.prose.splitlines() if line.startswith("| ")]
    quoted = [
        part.strip(" ()") for cell in symptoms for span in re.findall(r"`([^`]+)`", cell) for part in span.split("…")
    ]
    return [
        part for part in quoted if len(part) > 2 and part not in _texts_in_code() and not part.startswith("wethink ")
    ]


def test_symptoms_are_messages_of_the_code(tmp_path):
    assert not_in_code(PAGES["docs/troubleshooting.md"]) == []
    page = Page(tmp_path / "page.md")
    page.path.write_text("| `the lake … exploded unexpectedly` | x |\n")
    assert not_in_code(page) == ["exploded unexpectedly"]


def test_the_readme_is_short():
    assert PAGES["README.md"].words() <= 400


def test_the_site_shows_every_page():
    named = set(re.findall(r'"([\w/-]+\.md)"', (PROJECT_ROOT / "zensical.toml").read_text("utf-8")))
    tomllib.loads((PROJECT_ROOT / "zensical.toml").read_text("utf-8"))
    assert named == {name.removeprefix("docs/") for name in PAGES if name.startswith("docs/")}, (
        "name it in zensical.toml"
    )


@pytest.mark.parametrize("name", EXTENDING)
def test_quoted_files_are_current(name):
    page = PAGES[name]
    quoted = [match["path"] for match in QUOTE.finditer(page.text)]
    assert quoted and [path for path in quoted if not (PROJECT_ROOT / path).is_file()] == []
    assert page.with_quotes() == page.text, "run: python -m tests.docs.pages"


@pytest.mark.parametrize("name", EXTENDING)
def test_a_built_in_touches_few_files(name):
    lists = list(TOUCHES.finditer(PAGES[name].text))
    assert len(lists) == 1
    files = set(re.findall(r"`([^`]+/[^`]+)`", lists[0]["lines"]))
    assert 0 < len(files) <= int(lists[0]["most"])


def test_the_pictures_are_small():
    for picture in (PROJECT_ROOT / "docs" / "images").iterdir():
        assert picture.stat().st_size < 300_000, picture.name
