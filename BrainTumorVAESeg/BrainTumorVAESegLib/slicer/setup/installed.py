"""What is installed in this Python, told by the packages' own records: nothing is imported to find out."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import re
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Range:
    """The tested versions of a package: from `least` on, and below `below`."""

    name: str
    least: str
    below: str

    @classmethod
    def parse(cls, line: str) -> Range:
        """Read a requirement such as `safetensors>=0.4,<1`; raises ValueError on any other form."""
        match = re.fullmatch(r"([\w.-]+)\s*>=\s*([\d.]+)\s*,\s*<\s*([\d.]+)", line.split("#")[0].strip())
        if match is None:
            raise ValueError(f"{line.strip()!r} is not of the form NAME>=VERSION,<VERSION.")
        return cls(*match.groups())

    def admits(self, version: str) -> bool:
        """Say whether a version is a tested one; `2.5.0rc1` and `2.5.0+cu126` count as 2.5.0, as Slicer builds some."""
        return _numbers(self.least) <= _numbers(version) < _numbers(self.below)

    @property
    def specifier(self) -> str:
        """The range in pip's words, e.g. `>=2.4,<3`."""
        return f">={self.least},<{self.below}"

    def __str__(self) -> str:
        return self.name + self.specifier


def read_requirements(path: Path) -> tuple[Range, ...]:
    """Read a requirements.txt whose lines are all ranges or comments."""
    lines = (line.split("#")[0].strip() for line in path.read_text("utf-8").splitlines())
    return tuple(Range.parse(line) for line in lines if line)


class Installed:
    """The packages of the running Python."""

    def version(self, name: str) -> str | None:
        """Return a package's version, None where it has no record (not installed, or only in part)."""
        importlib.invalidate_caches()
        try:
            # A record whose METADATA is lost answers with None.
            return importlib.metadata.version(name) or None
        except importlib.metadata.PackageNotFoundError:
            return None

    def whole(self, name: str) -> bool:
        """Say whether a package's record and code are both there or both absent, so that no install was cut short."""
        folder = self._folder(name)
        if (folder is None) != (self.version(name) is None):
            return False
        # An interrupted download or removal most often lacks the large library, which is written last.
        return folder is None or name != "torch" or any((folder / "lib").glob("*torch_cpu*"))

    def loaded_version(self, module: str) -> str | None:
        """Return the version of a module as this process holds it in memory, None where it holds none."""
        return getattr(sys.modules.get(module), "__version__", None)

    def versions(self) -> dict[str, str]:
        """Return the version of each installed package, by name in lower case."""
        importlib.invalidate_caches()
        records = ((record.metadata["Name"], record.version) for record in importlib.metadata.distributions())
        return {name.lower(): version for name, version in records if name and version}

    def loaded(self) -> set[str]:
        """Return the names, in lower case, of the packages of which this process has a module in memory."""
        packages = importlib.metadata.packages_distributions()
        return {name.lower() for module, names in packages.items() if module in sys.modules for name in names}

    def _folder(self, module: str) -> Path | None:
        try:
            spec = importlib.util.find_spec(module)
        except (ImportError, ValueError):
            return None
        return Path(spec.origin).parent if spec is not None and spec.origin else None


def _numbers(version: str) -> tuple[int, ...]:
    match = re.match(r"\d+(?:\.\d+)*", version)
    numbers = [int(part) for part in match.group().split(".")] if match else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
