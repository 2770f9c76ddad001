"""What people write back to a text message, and what they press in a call.

A reply counts only if all of it is understood: "ok" takes the page, "not ok" and "ok, who is
on it?" do not. A code names a page; it begins with a digit, so that it is never a word, and
has none of the keys 1, 4 and 6, so that "12b" can be nothing but "1 2b".
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from services.notification.domain.answers import Verb

FIRST = "235789"
REST = "23456789bcdfghjkmnpqrstvwxyz".replace("4", "").replace("6", "")
#: What the keys of a phone mean, in calls and in replies.
KEYS = {"1": Verb.ACCEPT, "4": Verb.RESOLVE, "6": Verb.ESCALATE}
#: More codes than fit into a text message are nobody's answer.
MOST_CODES = 20
#: The most digits that an id has: it is an int32.
LARGEST_ID = 2**31 - 1

_CODE = re.compile(rf"[{FIRST}][{REST}]{{1,8}}")
#: Words, and every other sign that may mean something.
_TOKENS = re.compile(r"\w+|\S")


def _all(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


def _words(verb: Verb, *lines: str) -> dict[str, Verb]:
    return dict.fromkeys(_all(*lines), verb)


_VERBS = {
    **KEYS,
    **_words(
        Verb.ACCEPT,
        "accept accepted accepting ack acknowledge acknowledged ok okay okey k yes y yep yeah",
        "mine take taking got ja jo jep annehmen angenommen nehme akzeptieren akzeptiert",
        "akzeptiere übernehme übernehmen übernommen uebernehme uebernehmen uebernommen",
        "bestätigt bestätigen bestaetigt bestaetigen 👍 👌 ✅ ✔ ☑ 🙋",
    ),
    **_words(
        Verb.RESOLVE,
        "resolve resolved resolving close closed done fixed solved erledigt gelöst lösen geloest",
        "loesen behoben beheben fertig geschlossen schließen schliessen",
    ),
    **_words(
        Verb.ESCALATE,
        "escalate escalated escalating next pass eskalieren eskaliere eskaliert weiter",
        "weiterleiten",
    ),
}
#: What changes nothing beside a verb.
_FILLERS = _all(
    "i am im ill will on it this that the please pls thanks thx thank you code alert page",
    "ich es das den die der bitte danke alarm an auf mach mache hab habe ist is",
)
#: Words that mean this only where they stand alone, as carriers know them.
_STOP = _all("stop stopall unsubscribe cancel end quit optout revoke stopp abmelden abbestellen")
_START = _all("start unstop subscribe anmelden")
#: Apostrophes, as people and as telephones write them.
_APOSTROPHES = str.maketrans("", "", "'\u2019")


class Wish(StrEnum):
    """What somebody wants who wrote back."""

    ANSWER = "ANSWER"  # to answer pages
    STOP = "STOP"  # no more messages
    START = "START"  # messages again
    UNCLEAR = "UNCLEAR"  # nobody can tell


@dataclass(frozen=True, slots=True)
class Reply:
    """What somebody wrote, as it is understood."""

    wish: Wish
    verb: Verb | None = None  # of an ANSWER
    ids: tuple[int, ...] = ()  # the notifications that they named; none: there is but one


UNCLEAR = Reply(Wish.UNCLEAR)


def code(notification_id: int) -> str:
    """Returns the code of a page: two characters of the first 156, six of all."""
    rest, first = divmod(notification_id, len(FIRST))
    told = ""
    while rest or not told:
        rest, digit = divmod(rest, len(REST))
        told = REST[digit] + told
    return FIRST[first] + told


def id_of(text: str) -> int | None:
    """Returns the notification that a code names; None if it is no code."""
    if not _CODE.fullmatch(text):
        return None
    rest = 0
    for letter in text[1:]:
        rest = rest * len(REST) + REST.index(letter)
    id_ = rest * len(FIRST) + FIRST.index(text[0])
    return id_ if id_ <= LARGEST_ID and code(id_) == text else None


def parse(text: str) -> Reply:
    """Reads a reply, in English or German, whatever its case, blanks and signs."""
    tokens = _tokens(text)
    if len(tokens) == 1 and tokens[0] in _STOP:
        return Reply(Wish.STOP)
    if len(tokens) == 1 and tokens[0] in _START:
        return Reply(Wish.START)
    verbs: set[Verb] = set()
    ids: dict[int, None] = {}
    for token in tokens:
        if token in _VERBS:
            verbs.add(_VERBS[token])
        elif (id_ := id_of(token)) is not None:
            ids[id_] = None
        elif token[0] in KEYS and (id_ := id_of(token[1:])) is not None:
            verbs.add(KEYS[token[0]])
            ids[id_] = None
        elif token not in _FILLERS:
            return UNCLEAR
    if len(verbs) > 1 or not (verbs or ids) or len(ids) > MOST_CODES:
        return UNCLEAR
    return Reply(Wish.ANSWER, next(iter(verbs), Verb.ACCEPT), tuple(ids))


def _tokens(text: str) -> list[str]:
    """Returns words, and signs that mean something by themselves: pictures and question marks."""
    usual = unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES)
    found = _TOKENS.findall(usual)
    return [each for each in found if each.isalnum() or each == "?" or _is_picture(each)]


def _is_picture(sign: str) -> bool:
    return unicodedata.category(sign[0]) == "So"
