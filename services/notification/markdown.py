"""Markdown that others wrote, as HTML that does nothing.

Markup in it stays text, a link leads to an absolute address or nowhere, and a picture becomes
a link: opening a page must not tell anybody that it was opened. What is too costly to read as
markdown is shown as it was written.
"""

from collections.abc import Sequence
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from services.chassis.texts import shown

#: Longer texts are cut: reading takes a time that grows faster than they do.
LONGEST_BYTES = 16 * 1024
#: How often a mark may stand in a text of which reading takes as long as it stands there often.
MOST_MARKS = {"[": 1000, "|": 2000}
_BLOCKS = {"blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul"}
_TABLES = {"table", "tbody", "td", "th", "thead", "tr"}
_WORDS = {"a", "br", "code", "del", "em", "s", "strong"}


def rendered(text: str) -> str:
    """Returns the HTML of a text in markdown, to be put between tags as it is."""
    told = cut(shown(text), LONGEST_BYTES)
    if any(told.count(mark) > most for mark, most in MOST_MARKS.items()):
        return f"<pre>{escapeHtml(told)}</pre>"
    return _CLEANER.clean(_MARKDOWN.render(told))


def cut(text: str, size: int) -> str:
    """Returns a text, or its beginning and a mark if it is larger than so many bytes."""
    encoded = text.encode()
    if len(encoded) <= size:
        return text
    return encoded[: size - len("…".encode())].decode(errors="ignore") + "…"


def _picture(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, _env: Any
) -> str:
    token = tokens[index]
    source = str(token.attrs.get("src", ""))
    text = renderer.renderInlineAsText(token.children or [], options, {})
    return f'<a href="{escapeHtml(source)}">{escapeHtml(text or source)}</a>'


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("js-default", {"breaks": True})  # tools end lines and mean it
    markdown.add_render_rule("image", _picture)
    return markdown


_MARKDOWN = _markdown()
_CLEANER = nh3.Cleaner(
    tags=_BLOCKS | _TABLES | _WORDS,
    attributes={"a": {"href"}, "ol": {"start"}, "*": set()},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
)
