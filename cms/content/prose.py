"""Markdown as lessons use it, turned into rich text as Wagtail keeps it. Pure.

Paragraphs, two levels of headings, lists, emphasis, strong, links. Everything else is a fault, because the editor could not show it.
"""

import re
from collections.abc import Callable, Iterator
from html import escape

from markdown_it import MarkdownIt
from markdown_it.token import Token

from cms.content.shape import Reader

TAGS = {
    "paragraph": "p",
    "bullet_list": "ul",
    "ordered_list": "ol",
    "list_item": "li",
    "em": "i",
    "strong": "b",
}
HEADINGS = ("h2", "h3")
LESSON = re.compile(r"^lesson:(?P<code>[\w.]+)$")
WEB = re.compile(r"^(https://|/)[^\s]*$")
NAMES = {
    "fence": "A code block",
    "code_block": "A code block",
    "code_inline": "Code",
    "blockquote_open": "A quotation block",
    "hr": "A ruler",
    "image": "A picture (use the figure block)",
    "html_block": "HTML",
    "html_inline": "HTML",
    "table_open": "A table (use the table block)",
}

Link = Callable[[str], str]
_markdown = MarkdownIt("commonmark", {"html": True}).enable("table")


def _all(tokens: list[Token], line: int = 0) -> Iterator[tuple[Token, int]]:
    """Every token with its line (from 1), those inside a line too."""
    for token in tokens:
        here = token.map[0] + 1 if token.map else line
        yield token, here
        if token.children:
            yield from _all(token.children, here)
        line = here


def check(source: str, reader: Reader, *, offset: int = 0) -> list[tuple[str, int]]:
    """Report what the editor could not show; returns the codes of lessons that are linked to, with their lines."""
    links = []
    for token, here in _all(_markdown.parse(source)):
        line = offset + here
        if token.type == "text" and "](" in token.content:
            reader.fault(line, "A link here leads to lesson:…, https://… or /…; this is none.")
        elif token.type in NAMES:
            reader.fault(line, f"{NAMES[token.type]} is not allowed in the text of a lesson.")
        elif token.type == "heading_open" and token.tag not in HEADINGS:
            reader.fault(line, "Headings are ## or ###.")
        elif token.type == "link_open":
            target = str(token.attrs["href"])
            lesson = LESSON.match(target)
            if lesson:
                links.append((lesson["code"], line))
            elif not WEB.match(target):
                reader.fault(line, f"A link leads to lesson:…, https://… or /…, not to “{target}”.")
    return links


def rich_text(source: str, link: Link) -> str:
    """The source as rich text. `link` gives the attributes of a link, from its target."""
    return "".join(_rendered(_markdown.parse(source), link))


def _rendered(tokens: list[Token], link: Link) -> Iterator[str]:
    for token in tokens:
        base = token.type.removesuffix("_open").removesuffix("_close")
        if token.type == "inline":
            yield from _rendered(token.children or [], link)
        elif token.type == "text":
            yield escape(token.content, quote=False)
        elif token.type == "softbreak":
            yield " "
        elif token.type == "hardbreak":
            yield "<br/>"
        elif token.type == "link_open":
            yield f"<a {link(str(token.attrs['href']))}>"
        elif token.type == "link_close":
            yield "</a>"
        elif token.hidden:  # the paragraph inside an item of a tight list
            continue
        elif base == "heading":
            yield f"<{'/' if token.nesting < 0 else ''}{token.tag}>"
        elif base in TAGS:
            yield f"<{'/' if token.nesting < 0 else ''}{TAGS[base]}>"


def words(source: str) -> int:
    """How many words a reader reads."""
    return len(re.findall(r"[^\W_]+(?:[’'-][^\W_]+)*", re.sub(r"\]\([^)]*\)", "]", source)))
