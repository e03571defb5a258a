"""Words for people that a program which speaks another language can say in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self


class Phrase(str):
    """Half a sentence in English, which keeps its pattern and what stands in it: `Phrase("is {kind}", kind="CT")`."""

    __slots__ = ("pattern", "values")

    pattern: str
    values: dict[str, str]

    def __new__(cls, pattern: str, **values: str) -> Self:
        """Fill the pattern's places with values."""
        made = super().__new__(cls, pattern.format(**values))
        made.pattern, made.values = pattern, values
        return made

    def __reduce__(self) -> tuple[Callable[..., Phrase], tuple[str, dict[str, str]]]:
        return _made, (self.pattern, self.values)

    def said(self, translate: Callable[[str], str]) -> str:
        """Return it in another language. translate: from a pattern to that language's, with the same names in it."""
        values = {n: v.said(translate) if isinstance(v, Phrase) else v for n, v in self.values.items()}
        return translate(self.pattern).format(**values)


def _made(pattern: str, values: dict[str, str]) -> Phrase:
    return Phrase(pattern, **values)
