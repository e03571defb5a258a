"""Names of packages and files that are safe on every platform."""

from __future__ import annotations

import pytest
from BrainTumorVAESegLib.core.errors import PackageError
from BrainTumorVAESegLib.models.names import check_member, check_name


@pytest.mark.parametrize("name", ["fast", "glioma-paper_1.0", "0", "a" * 64, "console", "com10"])
def test_plain_names_are_taken(name):
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        ".hidden",
        "-rf",
        "a b",
        "a/b",
        "a\\b",
        "a:b",
        "a\n",
        "ä",
        "a.",
        "a" * 65,
        "CON",
        "nul.txt",
        "Com1",
    ],
)
def test_names_that_are_not_safe_everywhere_are_refused(name):
    with pytest.raises(PackageError, match="cannot name"):
        check_name(name)


def test_a_members_path_is_relative_and_of_a_known_kind():
    assert check_member("models/stage1.safetensors", "a.zip").parts == ("models", "stage1.safetensors")
    for path in ("LICENSE", "docs/README.md", "docs/curve.png", "docs/data_license.txt"):
        assert str(check_member(path, "a.zip")) == path
    for path in ("models/model.pt", "/LICENSE", "../LICENSE", "docs/a.exe", "a/b/c/d/e/f/g/h/LICENSE"):
        with pytest.raises(PackageError, match=r"^a\.zip: "):
            check_member(path, "a.zip")
