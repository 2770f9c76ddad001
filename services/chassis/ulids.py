"""Our numbers as clients of other vendors' APIs want them: as ULIDs, that is 26 letters and digits.

A ULID is made of its number and the sort of thing alone, so it needs no place to be kept, never
changes and leads back. Of its 128 bits the last 32 are the number, the 48 before a sum of both,
which tells mistyped ones and those of other things; the rest is the same in all.
"""

import hashlib

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's, without I, L, O and U
_LENGTH = 26
_BITS = 5
_NUMBER_BITS = 32
_SUM_BYTES = 6
#: Where a ULID has its time: that of 2025-01-01, so that it looks like any other.
_TIME = 1_735_689_600_000

SOURCE = "source"
ALERT = "alert"


def ulid(kind: str, number: int) -> str:
    """Returns the ULID of a thing of this kind; its number is 0 to 2**32 - 1."""
    sum_ = hashlib.sha256(f"{kind}:{number}".encode()).digest()[:_SUM_BYTES]
    value = _TIME << _SUM_BYTES * 8 | int.from_bytes(sum_)
    value = value << _NUMBER_BITS | number
    return "".join(_DIGITS[value >> _BITS * place & 31] for place in reversed(range(_LENGTH)))


def number(kind: str, text: str) -> int | None:
    """Returns the number of a ULID; None if the text is none of a thing of this kind."""
    if len(text) != _LENGTH:
        return None
    value = 0
    for letter in text.upper():
        digit = _DIGITS.find(letter)
        if digit < 0:
            return None
        value = value << _BITS | digit
    found = value & (1 << _NUMBER_BITS) - 1
    return found if ulid(kind, found) == text.upper() else None
