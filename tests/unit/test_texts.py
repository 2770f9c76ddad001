"""Texts and addresses from outside."""

import pytest

from services.chassis import texts


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [("a\0b", "ab"), ("a\tb\r\nc", "a\tb\r\nc"), ("\x1b[1m", "[1m"), ("\x85\x9f", ""), ("é", "é")],
)
def test_what_shows_nothing_is_taken_out_of_a_text(text: str, cleaned: str) -> None:
    assert texts.clean(text) == cleaned


def test_what_is_shown_hides_and_turns_nothing() -> None:
    assert texts.shown("a\u202eb\u2066c\ufeff\ud800d\x1b") == "abcd"
    assert texts.shown("a\r\nb\rc\u2028d") == "a\nb\nc\nd"


@pytest.mark.parametrize("text", ["a\nb", "a\0", "\x7f", "\x85", "\t"])
def test_what_is_no_line(text: str) -> None:
    assert not texts.is_line(text)


def test_a_line() -> None:
    assert texts.is_line("Ünïcode, blanks and all")
    assert texts.one_line(" a\r\n\tb ") == "a b"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://a", "https://a"),
        (" HTTP://a/b?c=d e ", "HTTP://a/b?c=d%20e"),
        ("http://[::1]/", "http://[::1]/"),
        ("http://[", None),
        ("http:///b", None),
        ("javascript:x", None),
        ("http://a\0b", None),
        ("http://a/\x1b", None),
        ("a", None),
    ],
)
def test_what_is_a_web_address(text: str, address: str | None) -> None:
    assert texts.address(text) == address
