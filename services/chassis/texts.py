"""What texts and addresses from outside are, to be stored, shown and clicked.

Pure, so that domains may ask. What comes with events is repaired, what people configure is
refused; both know the same rules from here. PostgreSQL stores no NUL, and terminals, mails and
phones do as they like with the other characters that show nothing.
"""

import re
from urllib.parse import urlsplit

# Line ends and tabs belong to texts; everything else that shows nothing doesn't.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LINE_ENDS = re.compile(r"[\t\n\r]+")
_BREAKS = re.compile(r"\r\n?|[\x85\u2028\u2029]")
# What turns or hides the text around it (letters bring their own direction), and halves of
# characters, which no encoding has.
_DECEIVING = re.compile(r"[\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]")
_ADDRESS = re.compile(
    r"https?://[^\s\x00-\x1f\x7f-\x9f/?#]++[^\s\x00-\x1f\x7f-\x9f]*+", re.IGNORECASE
)


def clean(text: str) -> str:
    """Returns a text without control characters."""
    return _CONTROL.sub("", text)


def shown(text: str) -> str:
    """Returns a text as people may be shown it, its lines ended by line feeds.

    Nothing in it hides itself, or turns what stands beside it.
    """
    return _DECEIVING.sub("", clean(_BREAKS.sub("\n", text)))


def one_line(text: str) -> str:
    """Returns a text as one line, without blanks around it."""
    return _LINE_ENDS.sub(" ", text).strip()


def is_line(text: str) -> bool:
    """Tells whether a text is one line, without control characters."""
    return not (_CONTROL.search(text) or _LINE_ENDS.search(text))


def folded(name: str) -> str:
    """Returns what two spellings of one name have in common."""
    return name.strip().casefold()


def is_address(text: str) -> bool:
    """Tells whether a text is an absolute http or https address."""
    try:
        urlsplit(text)
    except ValueError:
        return False
    return _ADDRESS.fullmatch(text) is not None


def address(text: str) -> str | None:
    """Returns an absolute http or https address, its blanks escaped; None if it is none."""
    escaped = text.strip().replace(" ", "%20")
    return escaped if is_address(escaped) else None
