"""What Slicer's build and its extensions catalog read: lists of files, the catalog's entry, icons."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from module_files import LISTING, MODULE, RESOURCES, SCRIPTS, listed_files, module_files, with_files

ROOT = Path(__file__).parents[3]
NAME = "BrainTumorVAESeg"
ALLOWED = {
    *("$schema", "category", "scm_url", "scm_revision", "scm_type", "build_dependencies", "build_subdirectory"),
    *("enabled", "dicom_support_rule", "tier"),
}


@pytest.fixture(scope="module")
def listing() -> str:
    """The module's CMakeLists.txt."""
    return LISTING.read_text("utf-8")


@pytest.fixture(scope="module")
def entry() -> dict[str, object]:
    """The extension's entry in the catalog."""
    return json.loads((ROOT / f"{NAME}.json").read_text("utf-8"))


def cmake_value(keyword: str) -> str:
    text = (ROOT / "CMakeLists.txt").read_text("utf-8")
    match = re.search(rf'^set\(EXTENSION_{keyword} "([^"]*)"\)', text, re.MULTILINE)
    assert match is not None, keyword
    return match[1]


@pytest.mark.parametrize("variable", [SCRIPTS, RESOURCES])
def test_cmake_lists_each_file_of_the_module_and_no_other(listing: str, variable: str) -> None:
    assert listed_files(listing, variable) == module_files()[variable], "run `python Testing/Tools/module_files.py`"


def test_models_recipes_and_the_rest_reach_slicers_install_tree(listing: str) -> None:
    resources = listed_files(listing, RESOURCES)
    for folder in ("Models", "Recipes", "UI", "Icons", "Terminologies", "Translations"):
        assert any(name.startswith(f"Resources/{folder}/") for name in resources), folder
    assert "Resources/requirements.txt" in resources
    assert f"{NAME}Lib/slicer/__init__.py" in listed_files(listing, SCRIPTS)


def test_a_new_file_is_found_and_the_lists_are_written_anew(tmp_path: Path, listing: str) -> None:
    for name in ("BrainTumorVAESeg.py", "Lib/new.py", "Lib/__pycache__/new.pyc", "Resources/Models/a/LICENSE"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = module_files(tmp_path)
    assert found == {SCRIPTS: ["BrainTumorVAESeg.py", "Lib/new.py"], RESOURCES: ["Resources/Models/a/LICENSE"]}
    written = with_files(listing, SCRIPTS, found[SCRIPTS])
    assert listed_files(written, SCRIPTS) == found[SCRIPTS]
    assert listed_files(written, RESOURCES) == listed_files(listing, RESOURCES)


def test_the_extension_builds_its_module_and_its_test() -> None:
    text = (ROOT / "CMakeLists.txt").read_text("utf-8")
    order = [
        "find_package(Slicer REQUIRED)",
        "include(${Slicer_USE_FILE})",
        f"add_subdirectory({NAME})",
        "add_subdirectory(Testing)",
        "include(${Slicer_EXTENSION_GENERATE_CONFIG})",
        "include(${Slicer_EXTENSION_CPACK})",
    ]
    places = [text.find(line) for line in order]
    assert -1 not in places and places == sorted(places)
    testing = (ROOT / "Testing" / "CMakeLists.txt").read_text("utf-8")
    (script,) = re.findall(r"slicer_add_python_unittest\(\s*SCRIPT \$\{BrainTumorVAESeg_SOURCE_DIR\}/(\S+)", testing)
    assert (ROOT / script).is_file()


def test_the_catalogs_entry_has_what_it_must_and_nothing_unknown(entry: dict[str, object]) -> None:
    assert {"$schema", "category", "scm_url"} <= set(entry) <= ALLOWED


def test_the_catalogs_entry_keeps_to_slicers_schema(entry: dict[str, object]) -> None:
    source = os.environ.get("SLICER_SOURCE")
    if not source:
        pytest.skip("the schema comes with Slicer's source, which SLICER_SOURCE names")
    name = str(entry["$schema"]).rstrip("#").rsplit("/", 1)[1]
    schema = json.loads(Path(source, "Schemas", name).read_text("utf-8"))
    assert schema["$id"] == entry["$schema"]
    jsonschema.validate(entry, schema)


def test_the_catalogs_entry_and_cmake_agree(entry: dict[str, object]) -> None:
    assert entry["category"] == cmake_value("CATEGORY")
    assert entry["build_dependencies"] == cmake_value("DEPENDS").split()
    assert entry["scm_url"] == f"{cmake_value('HOMEPAGE')}.git"


@pytest.mark.parametrize("keyword", ["ICONURL", "SCREENSHOTURLS"])
def test_the_catalogs_pictures_are_in_the_repository(keyword: str) -> None:
    home = cmake_value("HOMEPAGE").replace("github.com", "raw.githubusercontent.com")
    for url in cmake_value(keyword).split():
        assert url.startswith(f"{home}/main/")
        assert (ROOT / url.removeprefix(f"{home}/main/")).is_file(), url


@pytest.mark.parametrize("icon", [ROOT / "Resources" / f"{NAME}.png", MODULE / "Resources" / "Icons" / f"{NAME}.png"])
def test_an_icon_has_the_size_that_the_catalog_asks_for(icon: Path) -> None:
    header = icon.read_bytes()[:24]
    assert header.startswith(b"\x89PNG")
    assert (int.from_bytes(header[16:20], "big"), int.from_bytes(header[20:24], "big")) == (128, 128)


def test_the_repository_is_small_enough_for_the_catalog() -> None:
    sizes = [(MODULE / name).stat().st_size for names in module_files().values() for name in names]
    assert sum(sizes) < 100e6


def test_slicers_process_holds_no_torch_whatever_of_the_room_slicer_is_imported() -> None:
    code = f"""import sys
sys.path[:0] = [{str(ROOT / "Testing" / "Host")!r}, {str(MODULE)!r}]
import importlib, pkgutil, slicerhost
slicerhost.install()
before = set(sys.modules)
import {NAME}Lib.slicer as room
names = [found.name for found in pkgutil.walk_packages(room.__path__, room.__name__ + ".")]
for name in names:
    importlib.import_module(name)
print(len(names), *sorted(set(sys.modules) - before))
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert int(answer[0]) > 10
    assert set(answer[1:]).isdisjoint({"torch", "monai", "safetensors", "lightning", "matplotlib"})


def test_an_older_slicer_is_told_which_one_is_needed(monkeypatch) -> None:
    """Slicer 5.8 has Python 3.9, which must understand what it meets before it is told."""
    first = [MODULE / f"{NAME}.py", MODULE / f"{NAME}Lib" / "__init__.py"]
    module, library = (ast.parse(path.read_text("utf-8"), feature_version=(3, 9)) for path in first)
    imported = [node.module for node in module.body if isinstance(node, ast.ImportFrom) and node.module is not None]
    known_to_both = ("collections", "pathlib", "typing")
    assert next(name for name in imported if name.partition(".")[0] not in known_to_both).startswith(f"{NAME}Lib.")
    monkeypatch.setattr(sys, "version_info", (3, 9, 10))
    with pytest.raises(ImportError, match=r"needs 3D Slicer 5\.10 or later.*this is Python 3\.9\."):
        exec(compile(library, str(first[1]), "exec"), {})
