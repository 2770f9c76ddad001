"""Spoken messages: sentences that a voice can read, and that somebody half asleep understands."""

import re

from services.notification.messages.catalogue import Catalogue
from services.notification.messages.fitting import fitted
from services.notification.messages.said import Said

#: About half a minute.
MOST_CHARACTERS = 450
HEADLINE = (150, 30)
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_MIXED = r"(?=[a-z]*\d)(?=\d*[a-z])[0-9a-z]{8,}"  # of letters and digits
_HEARD = re.compile(
    r"(?P<address>\w+://\S+|www\.\S+)"
    rf"|(?P<id>\b(?:{_UUID}|{_MIXED})\b)"
    r"|(?P<number>\d{5,})"
    r"|(?<=\d)\s?(?P<unit>[a-z]{1,3})\b"
    r"|(?P<sign>[%&@=]|[<>](?=\s?\d))"
    r"|(?P<pause>[(\n])",
    re.IGNORECASE,
)
_SILENT = re.compile(r"_|(?<=\w)-(?=\w)|[^\w.,;:!?'\u2019+°€$£-]")
_BEFORE_STOP = re.compile(r"[\s,]+(?=[.,;:!?](?:\s|$))|^[\s,]+|[\s,]+$")
_STOPS = (".", "!", "?")


def voice(said: Said) -> str:
    """Returns what a call says."""
    parts = fitted(
        lambda most: _sentence(spoken(said.headline(most), said.words)),
        HEADLINE,
        optional=[spoken(sentence, said.words) for sentence in said.sentences(zone=False)],
        fixed=keys(said.words, can_escalate=said.can_escalate) if said.page.is_page else [],
        fits=lambda parts: len(" ".join(parts)) <= MOST_CHARACTERS,
    )
    return " ".join(parts)


def spoken(text: str, words: Catalogue) -> str:
    """Returns a text as it is read aloud: no addresses, signs as words, numbers by their digits."""
    heard = _HEARD.sub(lambda found: _heard(found, words), text)
    return _BEFORE_STOP.sub("", " ".join(_SILENT.sub(" ", heard).split()))


def keys(words: Catalogue, *, can_escalate: bool) -> list[str]:
    """Returns what the keys do that answer a call, a sentence each."""
    told = [words.press_accept, words.press_resolve]
    return [*told, words.press_escalate] if can_escalate else told


def _heard(found: re.Match[str], words: Catalogue) -> str:
    what = found[0]
    match found.lastgroup:
        case "id":  # nobody remembers more of an id than how it ends
            return words.ending.format(characters=" ".join(what[-4:]))
        case "number":
            return " ".join(what)
        case "unit":
            unit = what.strip()
            return f" {words.units.get(unit, unit)}"
        case "sign":
            return f" {words.signs[what]} "
        case "pause":
            return ", "
        case _:  # an address
            return " "


def _sentence(text: str) -> str:
    return text if text.endswith(_STOPS) else f"{text}."
