"""Half sentences that keep what they are made of."""

from __future__ import annotations

import copy
import pickle

from BrainTumorVAESegLib.core.phrases import Phrase

WORDS = {"its {part} says {word}, but {other}": "{part} : {word} ; {other}", "name": "nom", "nothing is told": "rien"}
NESTED = Phrase(
    "its {part} says {word}, but {other}", part=Phrase("name"), word="{T1}", other=Phrase("nothing is told")
)


def test_a_phrase_is_its_english_text() -> None:
    assert NESTED == "its name says {T1}, but nothing is told"
    assert f"{NESTED}!" == "its name says {T1}, but nothing is told!"


def test_a_phrase_is_said_in_another_language_with_all_that_stands_in_it() -> None:
    assert NESTED.said(WORDS.__getitem__) == "nom : {T1} ; rien"
    assert NESTED.said(lambda pattern: pattern) == NESTED


def test_a_copy_says_the_same() -> None:
    for same in (copy.deepcopy(NESTED), pickle.loads(pickle.dumps(NESTED))):
        assert same == NESTED and same.said(WORDS.__getitem__) == NESTED.said(WORDS.__getitem__)
