"""In which language a page speaks: English is how it is written, Chinese comes from two tables."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache

from .chinese import PHRASES
from .sentences import SENTENCES


class Language(StrEnum):
    """A language of reports."""

    EN = "en"
    ZH = "zh"


class Translator:
    """Gives texts in a language."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, phrase: str, *values: object) -> str:
        """Return one of the page's own phrases, named by its English, with its `{}` filled."""
        text = phrase if self.language is Language.EN else PHRASES[phrase]
        return text.format(*values) if values else text

    @property
    def space(self) -> str:
        """What stands between two sentences."""
        return " " if self.language is Language.EN else ""

    def sentence(self, text: str) -> str:
        """Return a sentence that the library says of a case; one that is not in the table stays English."""
        return text if self.language is Language.EN else _translate(text)


def _translate(text: str) -> str:
    for pattern, chinese in _patterns():
        if match := pattern.fullmatch(text):
            return chinese.format(*(_translate(part) for part in match.groups()))
    return text


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the sentences as patterns: each `{}` stands for any words."""
    return tuple(
        (re.compile("(.+?)".join(map(re.escape, english.split("{}"))), re.DOTALL), chinese)
        for english, chinese in SENTENCES.items()
    )
