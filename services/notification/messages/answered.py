"""What those are told who press a button of a message."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.notification.domain.answers import Part, Standing
from services.notification.messages.fitting import line, shortened

LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of a language."""

    accepted_by: str
    accepted: str
    over_by: str
    over: str
    escalated_by: str
    superseded: str
    no_further_level: str
    unknown: str
    expired: str
    stranger: str


ENGLISH = Words(
    accepted_by="Accepted by {name}.",
    accepted="Accepted.",
    over_by="Ended by {name}.",
    over="It needs nobody any more.",
    escalated_by="{name} had the next level paged.",
    superseded="People were wanted anew since: answer the newest message.",
    no_further_level="There is no further level.",
    unknown="This message cannot be answered any more.",
    expired="The time to answer this message is over.",
    stranger="Only who was paged answers. Your id here, for a contact of yours in Tocsin: {id}",
)
GERMAN = Words(
    accepted_by="Von {name} angenommen.",
    accepted="Angenommen.",
    over_by="Von {name} beendet.",
    over="Es wird niemand mehr gebraucht.",
    escalated_by="{name} hat die nächste Stufe rufen lassen.",
    superseded="Inzwischen wurde neu gerufen: Bitte die neueste Nachricht beantworten.",
    no_further_level="Es gibt keine weitere Stufe.",
    unknown="Diese Nachricht kann nicht mehr beantwortet werden.",
    expired="Die Zeit, diese Nachricht zu beantworten, ist vorbei.",
    stranger="Nur wer gerufen wurde, antwortet. Ihre Kennung hier, für einen Kontakt"
    " in Tocsin: {id}",
)
LANGUAGES: Mapping[str, Words] = {"en": ENGLISH, "de": GERMAN}


def words(language: str) -> Words:
    """Returns the sentences of a language; English ones if there are no others."""
    return LANGUAGES.get(language, ENGLISH)


def outcome(parts: Iterable[Part], language: str) -> str:
    """Returns how what was answered stands: a line for each way in which it does."""
    return "\n".join(dict.fromkeys(_sentence(part, words(language)) for part in parts))


def _sentence(part: Part, said: Words) -> str:
    name = shortened(line(part.stand.by), LONGEST_NAME)
    match part.stand.standing:
        case Standing.ACCEPTED:
            return said.accepted_by.format(name=name) if name else said.accepted
        case Standing.OVER:
            return said.over_by.format(name=name) if name else said.over
        case Standing.SUPERSEDED:
            return said.superseded
        case Standing.WANTED if part.done:
            return said.escalated_by.format(name=name)
        case Standing.WANTED:
            return said.no_further_level
