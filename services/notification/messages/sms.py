"""Short messages: how many segments a text takes, and a text that takes few.

A text of the GSM alphabet (3GPP TS 23.038) has 160 characters in one segment, 153 in each of
several; those of its second table count twice, and are never torn in two. One other character
makes it UCS-2: 70 or 67 units, of which some characters take two.
"""

from collections.abc import Iterable

from services.notification.messages.fitting import fitted
from services.notification.messages.said import Said

MOST_SEGMENTS = 3
#: How long and how short the headline may be.
HEADLINE = (100, 20)
#: What cuts a text; the usual mark is not of the GSM alphabet.
MARK = "..."
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'),
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2039\u203a\u2032`\u00b4", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2022", "-"),
        **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u202f\t", " "),
        "…": "...",
        "→": "->",
        "\u00d7": "x",
    }
)


def segments(text: str) -> int:
    """Returns how many segments a text takes; an empty one is sent as one."""
    characters = set(text)
    if characters <= _BASIC | _EXTENDED:
        return _packed((2 if each in _EXTENDED else 1 for each in text), 160, 153)
    return _packed((2 if ord(each) > 0xFFFF else 1 for each in text), 70, 67)


def plain(text: str) -> str:
    """Returns a text with signs of print, which would cost it the GSM alphabet, made plain."""
    return text.translate(_PLAIN)


def sms(said: Said, reply_code: str) -> str:
    """Returns the text of a short message; `reply_code` is what answers to it begin with."""
    form = said.words.reply_escalate if said.can_escalate else said.words.reply
    reply = form.format(code=reply_code) if reply_code and said.page.is_page else ""
    parts = fitted(
        lambda most: plain(said.headline(most, MARK)),
        HEADLINE,
        optional=[plain(sentence) for sentence in said.sentences()],
        fixed=[part for part in (reply, said.link) if part],
        fits=lambda parts: segments("\n".join(parts)) <= MOST_SEGMENTS,
    )
    return "\n".join(parts)


def _packed(sizes: Iterable[int], alone: int, each: int) -> int:
    known = tuple(sizes)
    if sum(known) <= alone:
        return 1
    count, filled = 1, 0
    for size in known:
        if filled + size > each:
            count, filled = count + 1, 0
        filled += size
    return count
