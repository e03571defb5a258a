# -*- i18n: disabled -*-
"""The translations of the panel: complete, current, and such that Slicer takes them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import translations
from translations import TS_FILE, context_of, read_ts, texts_of_python, texts_of_ui, translatable_texts, write_ts

PLACEHOLDER = re.compile(r"(?<!\{)\{([^{}]+)\}(?!\})")
LRELEASE = Path(sys.executable).with_name("pyside6-lrelease")


def pairs(texts: translations.Texts) -> set[tuple[str, str]]:
    return {(context, source) for context, sources in texts.items() for source in sources}


def test_the_file_holds_each_text_and_no_other() -> None:
    assert pairs(read_ts(TS_FILE)) == pairs(translatable_texts()), "run `python Testing/Tools/translations.py`"


def test_each_text_is_translated() -> None:
    open_ones = [(c, source) for c, sources in read_ts(TS_FILE).items() for source, text in sources.items() if not text]
    assert open_ones == []


def test_a_translation_keeps_the_placeholders() -> None:
    for sources in read_ts(TS_FILE).values():
        for source, text in filter(lambda pair: pair[1], sources.items()):
            assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(source)), source


def test_qt_takes_the_file_and_gives_the_translations(tmp_path: Path) -> None:
    from PySide6.QtCore import QTranslator

    compiled = tmp_path / "BrainTumorVAESeg_zh-CN.qm"
    subprocess.run([LRELEASE, TS_FILE, "-qm", compiled], check=True, capture_output=True)
    translator = QTranslator()
    assert translator.load(str(compiled))
    for context, sources in read_ts(TS_FILE).items():
        for source, text in sources.items():
            assert translator.translate(context, source) == text


def test_texts_are_found_in_python_with_slicers_contexts(tmp_path: Path) -> None:
    source = 'title = _("One {n}").format(n=1)\ntranslate("Other", "Two")\nsuper().__init__("no")\n'
    assert list(texts_of_python(source, "mine")) == [("mine", "One {n}"), ("Other", "Two")]
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "__init__.py").touch()
    assert context_of(tmp_path / "room" / "file.py") == "room.file"
    assert context_of(tmp_path / "Module.py") == "Module"


@pytest.mark.parametrize("call", ['_(f"a {n}")', '_("a" + n)', "_(text)", 'translate(context, "a")', '_("a", "b")'])
def test_a_text_that_nobody_could_translate_is_an_error_that_says_where(call: str) -> None:
    with pytest.raises(ValueError, match=r"panel\.py:2"):
        list(texts_of_python(f"x = 1\n{call}\n", "mine", "panel.py"))


def test_texts_are_found_in_a_panel_but_not_those_for_the_machine() -> None:
    text = """<ui><class>Panel</class><widget>
    <property name="text"><string>Apply</string></property>
    <property name="SlicerParameterName"><string notr="true">input</string></property>
    <property name="nodeTypes"><stringlist notr="true"><string>vtkMRMLNode</string></stringlist></property>
    </widget></ui>"""
    assert list(texts_of_ui(text)) == [("Panel", "Apply")]


def test_a_file_comes_back_as_it_was_written(tmp_path: Path) -> None:
    texts = {"a.b": {'<b>One</b> & "two"': "一", "Three\n\nfour": ""}, "c": {"Five": "五"}}
    write_ts(tmp_path / "Module_zh-CN.ts", texts)
    assert read_ts(tmp_path / "Module_zh-CN.ts") == texts
    assert 'language="zh-CN"' in (tmp_path / "Module_zh-CN.ts").read_text("utf-8")
