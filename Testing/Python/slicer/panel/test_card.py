"""Model cards in the panel: narrow, and nothing in them is loaded or leads anywhere but to the web."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TABLE = """| case | Dice WT | HD95 WT, mm |
|---|:-:|---|
| Case_1 | 0.789 | 6.6 |
| mean | 0.848 |  |
"""


@pytest.fixture
def card_html(host: Any) -> Callable[[str], str]:
    from BrainTumorVAESegLib.slicer.panel.card import card_html

    return card_html


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("# Title", "<h3>Title</h3>"),
        ("#### Deep ##", "<h6>Deep</h6>"),
        ("two\nlines", "<p>two lines</p>"),
        ("one\n\ntwo", "<p>one</p>\n<p>two</p>"),
        ("- a\n- b\n  more\n", "<ul><li>a</li><li>b more</li></ul>"),
        ("1. a\n2. b", "<ul><li>a</li><li>b</li></ul>"),
        ("`a < b`", "<p><code>a &lt; b</code></p>"),
        ("**bold** and *slanted*", "<p><b>bold</b> and <i>slanted</i></p>"),
        ("2 * 3 * 4", "<p>2 * 3 * 4</p>"),
        ("```\na  b\n# c\n```\nafter", "<p><code>a  b</code><br><code># c</code></p>\n<p>after</p>"),
        ("---", ""),
        ("[us](https://example.org/a)", '<p><a href="https://example.org/a">us</a></p>'),
        ("see https://example.org/a.", '<p>see <a href="https://example.org/a">https://example.org/a</a>.</p>'),
        ("| no table", "<p>| no table</p>"),
        ("", ""),
    ],
)
def test_what_cards_hold_is_shown(card_html: Any, markdown: str, html: str) -> None:
    assert card_html(markdown) == html


def test_a_row_of_a_table_is_a_paragraph_that_names_its_values(card_html: Any) -> None:
    assert card_html(TABLE).splitlines() == [
        "<p><b>Case_1</b><br><i>Dice WT</i> 0.789; <i>HD95 WT, mm</i> 6.6</p>",
        "<p><b>mean</b><br><i>Dice WT</i> 0.848</p>",
    ]


@pytest.mark.parametrize(
    "markdown",
    [
        "<img src='file:///etc/passwd'>",
        '<body background="//server/share/x.png">',
        "<style>p { background-image: url(/dev/zero) }</style>",
        "![seen](pipe.png)",
        "![seen](file:///etc/hostname)",
        r"![seen](\\server\share\x.png)",
        "[![seen](x.png)](file:///x)",
        "[click](file:///etc/passwd)",
        "[click](other.md)",
        "[click](//server/share)",
        "[click](javascript:alert)",
        "[click](http:///etc/passwd)",
        "[click](https://[broken)",
        '[click](https://example.org/"><img/src="x.png">)',
        "| a |\n|---|\n| <img src=x.png> |",
        "```\n<img src=x.png>\n```",
        "# <img src=x.png>",
        "- <img src=x.png>",
        "[ref]\n\n[ref]: file:///etc/passwd",
    ],
)
def test_nothing_in_a_card_loads_anything_or_leads_off_the_web(card_html: Any, host: Any, markdown: str) -> None:
    import qt

    document = Watched.of(qt)
    document.setHtml(card_html(markdown))
    document.adjustSize()
    written = document.toHtml()
    assert document.asked == [] and "<img" not in written
    assert all(link.startswith("https://example.org/") for link in links(written))
    assert document.toPlainText().strip()


class Watched:
    """A document that notes what it is asked to load."""

    @staticmethod
    def of(qt: Any) -> Any:
        class Document(qt.QTextDocument):
            def __init__(self) -> None:
                super().__init__()
                self.asked: list[str] = []

            def loadResource(self, kind: int, url: Any) -> Any:  # noqa: N802
                self.asked.append(url.toString())
                return None

        return Document()


def links(html: str) -> list[str]:
    return [part.partition('"')[0] for part in html.split('href="')[1:]]


def test_the_watch_sees_what_a_card_would_load(host: Any) -> None:
    import qt

    document = Watched.of(qt)
    document.setHtml("<img src='x.png'>")
    document.adjustSize()
    assert "x.png" in document.asked


@pytest.mark.parametrize("start", ["[" * 100_000, "* " * 50_000, "|" * 100_000, "#" + " " * 100_000, "`" * 99_999])
def test_a_card_of_nothing_but_marks_is_shown_at_once(card_html: Any, start: str) -> None:
    assert len(card_html(f"{start}x\n{start}-")) < 4_000_000


@pytest.mark.parametrize("package", ["standard", "fast"])
def test_the_cards_that_ship_fit_into_the_narrowest_panel(opened: Any, host: Any, package: str) -> None:
    from BrainTumorVAESegLib.models.library import find_package

    opened.panel.models.refresh(package)
    opened.ui.modelCollapsibleButton.collapsed = False
    browser = opened.ui.modelCardBrowser
    browser.setFixedWidth(240)
    host.app.processEvents()
    assert find_package(package, verify=False).card.splitlines()[0].strip("# ") in browser.toPlainText()
    assert len(browser.toPlainText()) > 1000
    assert browser.horizontalScrollBar().maximum == 0


def test_a_click_opens_addresses_of_the_web_alone(opened: Any, host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import qt

    opened_links: list[str] = []
    monkeypatch.setattr(qt.QDesktopServices, "openUrl", lambda url: opened_links.append(url.toString()))
    browser = opened.ui.modelCardBrowser
    before = browser.toPlainText()
    for link in ("file:///etc/passwd", "other.md", "//server/share", "mailto:a@example.org", "https://example.org/a"):
        browser.anchorClicked.emit(qt.QUrl(link))
    assert opened_links == ["https://example.org/a"] and browser.toPlainText() == before
    assert not browser.openLinks and not browser.openExternalLinks


def test_a_pipe_beside_a_card_holds_nothing_up(opened: Any, host: Any, tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe.png")
    from BrainTumorVAESegLib.slicer.panel.card import card_html

    opened.ui.modelCardBrowser.setHtml(card_html(f"![seen]({tmp_path / 'pipe.png'}) <img src='{tmp_path}/pipe.png'>"))
    opened.ui.modelCardBrowser.grab()
    assert "seen" in opened.ui.modelCardBrowser.toPlainText()
