"""A model card for a narrow view: from Markdown to the few tags of HTML that it takes, none of which loads anything.

A card comes with a package from anywhere. So nothing in it is handed on but text: HTML in it is shown as it is written,
an image by its description, a link only where it goes to the web. Tables, which would be wider than the panel, become
a paragraph a row that names each value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape
from urllib.parse import urlsplit

_FENCE = ("```", "~~~")
_LONGEST = 200_000
"""Characters of a card that are shown; more would hold Slicer up."""
_HEADING = re.compile(r"(#{1,6})\s")
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s+(.*)")
_RULE = re.compile(r"\s*([-*_])(?:\s*\1){2,}\s*$")
_UNDER_COLUMN = re.compile(r":?-+:?$")
_CELL_END = re.compile(r"(?<!\\)\|")
_INLINE = re.compile(
    r"`(?P<code>[^`]+)`"
    r"|(?P<image>!)?\[(?P<text>[^\[\]]*)\]\((?P<url>[^()\s]*)(?:\s[^()]*)?\)"
    r"|<?(?P<bare>https?://[^\s<>()|]*[^\s<>()|.,;:])>?"
    r"|\*\*(?P<bold>[^*]+)\*\*"
    r"|\*(?P<italic>[^*\s](?:[^*]*[^*\s])?)\*"
)


def is_web_address(url: str) -> bool:
    """Say whether a link leads to the web and nowhere else: not to a file, a share, a device or a program."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def card_html(markdown: str) -> str:
    """Return a card as HTML of headings, paragraphs, lists, code and links to the web; all else in it is text."""
    return "\n".join(_blocks(markdown[:_LONGEST].splitlines()))


def _blocks(lines: list[str]) -> Iterator[str]:
    place = 0
    while place < len(lines):
        line = lines[place]
        end = place + 1
        heading = _HEADING.match(line)
        if line.lstrip().startswith(_FENCE):
            end = _until(lines, end, lambda text: text.lstrip().startswith(_FENCE))
            yield f"<p>{'<br>'.join(f'<code>{escape(text)}</code>' for text in lines[place + 1 : end])}</p>"
            end += 1
        elif heading:
            size = min(len(heading[1]) + 2, 6)
            yield f"<h{size}>{_inline(line.strip('#').strip())}</h{size}>"
        elif _is_table(lines, place):
            end = _until(lines, end, lambda text: "|" not in text)
            yield from _rows(lines[place:end])
        elif _ITEM.match(line) and not _RULE.match(line):
            end = _until(lines, end, _ends_list)
            yield _list(lines[place:end])
        elif line.strip() and not _RULE.match(line):
            end = _until(lines, end, lambda text: not text.strip() or _begins_block(text))
            yield f"<p>{_inline(' '.join(text.strip() for text in lines[place:end]))}</p>"
        place = end


def _until(lines: list[str], start: int, ends: Callable[[str], bool]) -> int:
    """Return the place of the first line from a start on that ends a block, or that behind the last."""
    return next((place for place in range(start, len(lines)) if ends(lines[place])), len(lines))


def _begins_block(line: str) -> bool:
    return line.lstrip().startswith((*_FENCE, "|")) or bool(_HEADING.match(line) or _ITEM.match(line))


def _ends_list(line: str) -> bool:
    return not line.strip() or not (_ITEM.match(line) or line[:1].isspace())


def _list(lines: list[str]) -> str:
    items: list[str] = []
    for line in lines:
        item = _ITEM.match(line)
        if item:
            items.append(item[1])
        else:
            items[-1] += " " + line.strip()
    return f"<ul>{''.join(f'<li>{_inline(item)}</li>' for item in items)}</ul>"


def _is_table(lines: list[str], place: int) -> bool:
    below = lines[place + 1] if place + 1 < len(lines) else ""
    return "|" in lines[place] and "|" in below and all(_UNDER_COLUMN.match(cell) for cell in _cells(below))


def _rows(lines: list[str]) -> Iterator[str]:
    """Turn each row of a table into a paragraph: its first cell, and below it the others by their columns' names."""
    names = _cells(lines[0])
    for line in lines[2:]:
        cells = _cells(line)
        pairs = [
            " ".join(filter(None, (f"<i>{_inline(name)}</i>" if name else "", _inline(cell))))
            for name, cell in zip(names[1:], cells[1:], strict=False)
            if cell
        ]
        yield f"<p>{'<br>'.join(filter(None, (f'<b>{_inline(cells[0])}</b>', '; '.join(pairs))))}</p>"


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|").removesuffix("|")
    return [cell.strip().replace("\\|", "|") for cell in _CELL_END.split(inner)]


def _inline(text: str) -> str:
    """Return a line with code, emphasis and links as HTML, all else escaped."""
    parts, place = [], 0
    for found in _INLINE.finditer(text):
        parts.append(escape(text[place : found.start()]))
        parts.append(_tagged(found))
        place = found.end()
    return "".join((*parts, escape(text[place:])))


def _tagged(found: re.Match[str]) -> str:
    if found["code"]:
        return f"<code>{escape(found['code'])}</code>"
    if found["bold"]:
        return f"<b>{_inline(found['bold'])}</b>"
    if found["italic"]:
        return f"<i>{_inline(found['italic'])}</i>"
    bare = found["bare"]
    url, text = (bare, bare) if bare else (found["url"], found["text"])
    if found["image"] or not is_web_address(url):
        return escape(text)
    return f'<a href="{escape(url)}">{escape(text or url)}</a>'
