"""Texts that fit: into a line, so many bytes, a few segments, half a minute."""

from collections.abc import Callable, Sequence

from services.chassis.texts import one_line, shown

#: A text is cut before a word if that leaves as much of what fits.
WORTH = 0.6


def line(text: str) -> str:
    """Returns what others wrote as one line."""
    return " ".join(one_line(shown(text)).split())


def shortened(text: str, most: int, size: Callable[[str], int] = len, mark: str = "…") -> str:
    """Returns a text, or its beginning up to a word and a mark, so that its size is at most that.

    No beginning of a text may be larger than the text. Nothing is left if not even the mark
    fits.
    """
    if size(text) <= most:
        return text
    fits, over = -1, len(text)
    while over - fits > 1:
        middle = (fits + over) // 2
        if size(f"{text[:middle]}{mark}") <= most:
            fits = middle
        else:
            over = middle
    if fits < 0:
        return ""
    return f"{_to_a_word(text, fits)}{mark}"


def fitted(
    lead: Callable[[int], str],
    lengths: tuple[int, int],
    *,
    optional: Sequence[str],
    fixed: Sequence[str],
    fits: Callable[[Sequence[str]], bool],
) -> Sequence[str]:
    """Returns as many of the parts of a message as fit, a lead before them.

    First the optional parts go, the last of them first; then the lead, which is a function of
    its length, becomes as short as it may be; then the fixed parts go, the first of them first.
    """
    longest, shortest = lengths
    for count in range(len(optional), -1, -1):
        parts = [lead(longest), *optional[:count], *fixed]
        if fits(parts):
            return parts
    for left in range(len(fixed) + 1):
        if fits([lead(shortest), *fixed[left:]]):
            return [lead(_longest(lead, lengths, fixed[left:], fits)), *fixed[left:]]
    return [lead(shortest)]


def _longest(
    lead: Callable[[int], str],
    lengths: tuple[int, int],
    fixed: Sequence[str],
    fits: Callable[[Sequence[str]], bool],
) -> int:
    over, found = lengths
    while over - found > 1:
        middle = (found + over) // 2
        if fits([lead(middle), *fixed]):
            found = middle
        else:
            over = middle
    return found


def _to_a_word(text: str, length: int) -> str:
    if text[length : length + 1].isspace():
        return text[:length].rstrip()
    word = max(text.rfind(blank, 0, length) for blank in " \n\t")
    return text[: word if word >= length * WORTH else length].rstrip()
