"""What is written and said to phones beside the pages themselves, in English and German."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.notification.channels.channel import one_line
from services.notification.domain.answers import Answer, Part, Stand, Standing, Verb

#: Of a title in an answer.
LONGEST_TITLE = 60
#: So many are told one by one.
MOST_TOLD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is said in one language; braces stand for what is filled in."""

    reference: str
    done: dict[Verb, str]
    taken: str
    over: str
    newer: str
    last_level: str
    more: str
    which: str
    unclear: str
    nothing: str
    unknown_code: str
    stopped: str
    started: str
    somebody: str


ENGLISH = Words(
    reference="Ref {code}",
    done={
        Verb.ACCEPT: "Accepted: {title}.",
        Verb.RESOLVE: "Resolved: {title}.",
        Verb.ESCALATE: "Escalated: {title}.",
    },
    taken="{by} has accepted it already: {title}.",
    over="Stood down: {title} needs nobody any more.",
    newer="There are newer messages about it: {title}.",
    last_level="There is nobody to escalate to: {title}.",
    more="And {count} more.",
    which="{count} pages are open. Say which one: {choices}.",
    unclear="That was not understood. Reply 1 to accept, 4 to resolve, 6 to escalate.",
    nothing="No page is open for this number.",
    unknown_code="No page with this code was sent to this number.",
    stopped="You get no more text messages from here. Reply START to get them again.",
    started="You get text messages from here again.",
    somebody="Somebody",
)
GERMAN = Words(
    reference="Nr. {code}",
    done={
        Verb.ACCEPT: "Angenommen: {title}.",
        Verb.RESOLVE: "Gelöst: {title}.",
        Verb.ESCALATE: "Eskaliert: {title}.",
    },
    taken="{by} hat das schon angenommen: {title}.",
    over="Entwarnung: {title} braucht niemanden mehr.",
    newer="Dazu gibt es neuere Nachrichten: {title}.",
    last_level="Es gibt niemanden, an den eskaliert werden kann: {title}.",
    more="Und {count} weitere.",
    which="{count} Alarme sind offen. Bitte sagen, welcher: {choices}.",
    unclear="Das war nicht zu verstehen. Mit 1 annehmen, mit 4 lösen, mit 6 eskalieren.",
    nothing="Für diese Nummer ist kein Alarm offen.",
    unknown_code="An diese Nummer ging kein Alarm mit diesem Code.",
    stopped="Von hier kommen keine SMS mehr. Mit START antworten, um wieder welche zu bekommen.",
    started="Von hier kommen wieder SMS.",
    somebody="Jemand",
)
LANGUAGES = {"en": ENGLISH, "de": GERMAN}


def known(language: str) -> str:
    """Returns a language in which there are words."""
    return language if language in LANGUAGES else "en"


def of(language: str) -> Words:
    """Returns the words of a language."""
    return LANGUAGES[known(language)]


def reference(language: str, code: str) -> str:
    """Returns what a text message is called that nobody can answer."""
    return of(language).reference.format(code=code)


def again(title: str) -> str:
    """Returns what a call is about, said once more."""
    return f"Tocsin: {one_line(title, LONGEST_TITLE)}."


def answered(language: str, answer: Answer) -> str:
    """Returns what became of an answer."""
    words = of(language)
    told = [_part(words, answer.verb, part) for part in answer.parts[:MOST_TOLD]]
    if more := len(answer.parts) - len(told):
        told.append(words.more.format(count=more))
    return " ".join(told)


def standing(language: str, title: str, stand: Stand) -> str:
    """Returns how something stands that nobody is asked about any more."""
    words, title = of(language), one_line(title, LONGEST_TITLE)
    match stand.standing:
        case Standing.ACCEPTED:
            return words.taken.format(by=one_line(stand.by) or words.somebody, title=title)
        case Standing.SUPERSEDED:
            return words.newer.format(title=title)
        case Standing.OVER:
            return words.over.format(title=title)
        case Standing.WANTED:
            return words.last_level.format(title=title)


def which(language: str, verb: Verb, pages: Sequence[tuple[str, str]]) -> str:
    """Returns how to say which page is meant; `pages` are codes and titles."""
    words = of(language)
    key = {Verb.ACCEPT: "1", Verb.RESOLVE: "4", Verb.ESCALATE: "6"}[verb]
    choices = ", ".join(
        f"{key} {code_} ({one_line(title, LONGEST_TITLE)})" for code_, title in pages[:MOST_TOLD]
    )
    return words.which.format(count=len(pages), choices=choices)


def _part(words: Words, verb: Verb, part: Part) -> str:
    title = one_line(part.title, LONGEST_TITLE)
    if part.done:
        return words.done[verb].format(title=title)
    return standing("de" if words is GERMAN else "en", title, part.stand)
