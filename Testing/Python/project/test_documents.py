"""The pages: every link and picture leads somewhere, the README stays short, and what they say of the tree is so."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote

import BrainTumorVAESegLib
import pytest
import yaml
from BrainTumorVAESegLib.core.errors import EXIT_CODES
from BrainTumorVAESegLib.core.labels import LABELS, LabelConvention

ROOT = Path(__file__).parents[3]
LIBRARY = ROOT / "BrainTumorVAESeg" / "BrainTumorVAESegLib"
DOCS = ROOT / "Docs"
README = (ROOT / "README.md").read_text("utf-8")
ARCHITECTURE = (DOCS / "architecture.md").read_text("utf-8")
FORMATS = (DOCS / "data-and-formats.md").read_text("utf-8")
MOST_LINES = 150
FOLDERS = ("Docs", "Examples", "Testing", "BrainTumorVAESeg")
PAGES = [*sorted(ROOT.glob("*.md")), *(page for folder in FOLDERS for page in sorted((ROOT / folder).rglob("*.md")))]


def prose(page: Path) -> str:
    """A page's text without its blocks of code."""
    return re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def links(page: Path) -> Iterator[tuple[str, str]]:
    """The relative links and pictures of a page, as (path, anchor)."""
    for target in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", prose(page)):
        if not re.match(r"[a-z]+:", target):
            place, _, anchor = target.partition("#")
            yield unquote(place), anchor


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#{1,6} (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def section(text: str, title: str) -> str:
    """What stands below a heading, up to the next of its level."""
    match = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert match is not None, title
    return match[1]


def table(text: str) -> dict[str, list[str]]:
    """The rows of the first table of a text: first cell -> the others."""
    lines = text[text.index("\n|") :].strip().split("\n\n")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
    return {first: rest for first, *rest in cells}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_relative_link_and_picture_leads_somewhere(page: Path) -> None:
    lost = []
    for place, anchor in links(page):
        target = (page.parent / place).resolve() if place else page
        there = target.is_relative_to(ROOT) and target.exists() and not place.startswith("/")
        if not there or (anchor and anchor not in anchors(target)):
            lost.append(f"{place}#{anchor}".rstrip("#"))
    assert not lost


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= MOST_LINES


def test_the_readme_has_what_slicers_catalog_asks_for() -> None:
    slicer = section(README, "In 3D Slicer")
    assert "**Brain Tumor VAE Segmentation** (`BrainTumorVAESeg`" in slicer
    assert "### Tutorial" in slicer and "*Sample Data*" in slicer and slicer.count("![") >= 2
    assert "imports nothing outside Slicer's own Python at file scope" in " ".join(slicer.split())
    assert "CITATION.cff" in section(README, "How to cite")


def test_the_index_names_every_page() -> None:
    named = {place for place, _ in links(DOCS / "README.md") if "/" not in place}
    assert named == {page.name for page in DOCS.glob("*.md")} - {"README.md"}


@pytest.mark.parametrize(
    ("title", "page"), [("How good it is", "accuracy.md"), ("How fast it is", "speed.md")], ids=["good", "fast"]
)
def test_the_readmes_figures_are_those_of_the_pages(title: str, page: str) -> None:
    figures = set(re.findall(r"\d+\.\d+", section(README, title)))
    assert len(figures) > 5
    assert not figures - set(re.findall(r"\d+\.\d+", (DOCS / page).read_text("utf-8")))


def test_the_readme_names_every_command() -> None:
    pytest.importorskip("typer")
    from BrainTumorVAESegLib.cli.app import app

    commands = {command.name or command.callback.__name__ for command in app.registered_commands}
    commands |= {group.name for group in app.registered_groups}
    named = re.findall(r"`(\w+)`", " ".join(table(section(README, "From the command line and from Python"))))
    assert sorted(named) == sorted(commands)


def rooms_of_the_map() -> set[str]:
    """The rooms that the map of the tree shows, each with its path in the library."""
    tree = re.search(r"BrainTumorVAESegLib/.*?\n(.*?)^  Resources/", ARCHITECTURE, re.MULTILINE | re.DOTALL)
    assert tree is not None
    rooms, above = set(), ""
    for indent, name in re.findall(r"^( {4}| {6})([\w-]+)/ ", tree[1], re.MULTILINE):
        above = name if len(indent) == 4 else above
        rooms.add(name if len(indent) == 4 else f"{above}/{name}")
    return rooms


def test_the_map_shows_every_room_and_no_other() -> None:
    rooms = {path.parent.relative_to(LIBRARY).as_posix() for path in LIBRARY.rglob("__init__.py")} - {"."}
    assert rooms_of_the_map() == rooms


def test_the_direction_of_imports_is_that_of_the_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (layers,) = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    expected = [set(re.findall(r"\w+", layer)) for layer in reversed(layers)]
    (line,) = re.findall(r"^    (core <- .*?)\n\n", ARCHITECTURE, re.MULTILINE | re.DOTALL)
    assert [set(re.findall(r"\w+", part)) for part in line.split("<-")] == expected


def test_the_modules_that_the_pages_name_are_there() -> None:
    rooms = "|".join(path.name for path in LIBRARY.iterdir() if (path / "__init__.py").is_file())
    texts = [page.read_text("utf-8") for page in (*DOCS.glob("*.md"), ROOT / "CONTRIBUTING.md")]
    named = {name for text in texts for name in re.findall(rf"`((?:{rooms})(?:[./][a-z_]+)+)/?[`(]", text)}
    places = [LIBRARY / name.removesuffix(".py").replace(".", "/") for name in named]
    assert len(places) > 10
    # What is neither a file nor a folder is a name in a file: `evaluation.comparing.compare`.
    files = [place if place.with_suffix(".py").is_file() or place.is_dir() else place.parent for place in places]
    assert not [place for place in files if not (place.with_suffix(".py").is_file() or place.is_dir())]


def test_the_exit_codes_are_those_of_the_library() -> None:
    said = {int(code): meaning.replace("`", "") for code, (meaning,) in table(section(FORMATS, "Exit codes")).items()}
    assert said == EXIT_CODES


def test_the_numbering_is_that_of_the_library() -> None:
    order = (LabelConvention.BRATS2023, LabelConvention.BRATS2024, LabelConvention.BRATS2021, LabelConvention.MSD)
    assert set(order) == set(LabelConvention)
    said = {key: numbers for key, (_, *numbers) in table(section(FORMATS, "How labels are numbered")).items()}
    assert said == {label.key: [str(label.values[convention]) for convention in order] for label in LABELS}


@pytest.fixture(scope="module")
def citation() -> dict[str, object]:
    """CITATION.cff as GitHub and Zenodo read it."""
    return yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))


def test_the_citation_has_what_its_format_asks_for_and_this_version(citation: dict) -> None:
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["cff-version"] == "1.2.0" and citation["type"] == "software"
    assert citation["version"] == BrainTumorVAESegLib.__version__
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert citation["authors"] == project["authors"]
    assert (citation["license"], citation["repository-code"]) == (project["license"], project["urls"]["Homepage"])


def test_the_citation_names_both_papers_that_the_readme_names(citation: dict) -> None:
    papers = re.findall(r"https://arxiv\.org/abs/[\d.]+\d", README)
    assert [reference["url"] for reference in citation["references"]] == papers and len(papers) == 2
    for reference in citation["references"]:
        assert {"type", "title", "authors", "year", "doi"} <= set(reference)
        assert all({"family-names", "given-names"} == set(author) for author in reference["authors"])


def test_the_changelog_tells_of_this_version_and_of_what_is_not_released() -> None:
    heads = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert heads[0] == "Unreleased" and BrainTumorVAESegLib.__version__ in heads


def test_the_readmes_lines_of_python_import_what_is_there() -> None:
    code = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    modules = [name for text in code for name in re.findall(r"^from (\S+) import", text, re.MULTILINE)]
    assert len(modules) > 2 and all(find_spec(name) for name in modules)
