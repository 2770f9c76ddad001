"""Markdown that others wrote: readable, and inert whatever it tries."""

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notification.markdown import LONGEST_BYTES, MOST_MARKS, rendered

ALLOWED = {"href", "rel", "start"}


class _Elements(HTMLParser):
    """Collects what a browser would make of a text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def is_inert(text: str) -> bool:
    found = _Elements(text)
    addresses = [value for name, value in found.attributes if name == "href"]
    return (
        not found.tags & {"script", "img", "iframe", "svg", "style", "form", "input", "object"}
        and {name for name, _ in found.attributes} <= ALLOWED
        and all(each.startswith(("http://", "https://", "mailto:")) for each in addresses)
    )


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**full**", "<p><strong>full</strong></p>\n"),
        ("a\nb", "<p>a<br>\nb</p>\n"),
        ("a < b & c", "<p>a &lt; b &amp; c</p>\n"),
        ("`df -h`", "<p><code>df -h</code></p>\n"),
        (
            "[runbook](https://example.com/r?a=1&b=2)",
            '<p><a href="https://example.com/r?a=1&amp;b=2" '
            'rel="noopener noreferrer nofollow">runbook</a></p>\n',
        ),
        (
            "![graph](https://example.com/g.png)",
            '<p><a href="https://example.com/g.png" '
            'rel="noopener noreferrer nofollow">graph</a></p>\n',
        ),
        ("[here](/api/alerts)", '<p><a rel="noopener noreferrer nofollow">here</a></p>\n'),
        ("a\x00b\x1b[2Jc\u202ed", "<p>ab[2Jcd</p>\n"),
    ],
)
def test_it_is_rendered(text: str, html: str) -> None:
    assert rendered(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](data:image/svg+xml;base64,PHN2Zz4=)",
        "![x](https://evil.example/pixel.gif)",
        "[x](vbscript:msgbox)",
        "[x](//evil.example)",
        '[x](https://a.example "onmouseover=alert(1)")',
        '![x" onerror="alert(1)](https://a.example/"onerror="alert(1))',
        "<javascript:alert(1)>",
        "[x]: javascript:alert(1)\n\n[x]",
        "<svg/onload=alert(1)>",
        '<a href="https://a.example" onclick="alert(1)">x</a>',
        '```"><script>alert(1)</script>\nx\n```',
        "<style>*{display:none}</style>",
        "<!-- <script> -->",
        "</p></div><form action=https://evil.example><input>",
    ],
)
def test_hostile_markdown_is_inert(text: str) -> None:
    assert is_inert(rendered(text))


@pytest.mark.parametrize("mark", sorted(MOST_MARKS))
def test_what_costs_too_much_is_shown_as_written(mark: str) -> None:
    begun = time.process_time()
    html = rendered(mark * (LONGEST_BYTES * 2))

    assert time.process_time() - begun < 1
    assert html.startswith(f"<pre>{mark}{mark}")
    assert html.endswith("…</pre>")


@given(st.text(st.characters(codec=None), max_size=300))
def test_any_text_is_inert(text: str) -> None:
    assert is_inert(rendered(text))


@given(st.lists(st.sampled_from([*"[]()<>!`*_~|\\\"'&;:/-#\n ax", "javascript:", "https://a"])))
def test_any_marks_are_inert(parts: list[str]) -> None:
    assert is_inert(rendered("".join(parts)))
