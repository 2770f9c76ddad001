"""Text from elsewhere, made fit for a terminal."""

import unicodedata

#: Categories whose characters move the cursor, switch colours or turn the direction of writing.
ACTING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
#: Some of them that words and emoji are spelt with: they join and part letters.
SPELLING = {"\u200c", "\u200d"}


def visible(line: str) -> str:
    """Returns one line in which every character that acts on a terminal is spelt out."""
    return "".join(map(_visible, line.replace("\t", "    ")))


def _visible(character: str) -> str:
    if unicodedata.category(character) not in ACTING or character in SPELLING:
        return character
    return character.encode("unicode_escape").decode()
