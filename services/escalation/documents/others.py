"""What a document says of what other services own, in their words: pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from services.escalation.documents.linking import linked
from services.escalation.documents.names import SOURCE, USER, Names, title
from services.escalation.documents.problems import Problem, joined, told
from services.escalation.documents.rendering import unlinked
from services.escalation.documents.resolving import placed
from services.escalation.domain.checks import folded
from tocsin.configuration.v1.configuration_pb2 import Configuration, ConfiguredContacts
from tocsin.ingest.internal.v1.configuration_service_pb2 import ApplySourcesResponse
from tocsin.ingest.v1.alert_source_pb2 import AlertSource
from tocsin.notification.internal.v1.configuration_service_pb2 import (
    ApplyContactsResponse,
    PersonContacts,
)
from tocsin.notification.v1.preference_pb2 import Preferences

NOWHERE = ""  # the place of what the document does not have


@dataclass(frozen=True, slots=True)
class Asked:
    """What shall become of sources and contacts, each with its place."""

    sources: Sequence[tuple[str, AlertSource]]
    deleted: Sequence[int]  # sources
    people: Sequence[tuple[str, PersonContacts]]

    def only(
        self, source: Callable[[AlertSource], bool], person: Callable[[PersonContacts], bool]
    ) -> "Asked":
        """Returns what is asked of some sources and people; what is deleted stays."""
        return Asked(
            sources=[pair for pair in self.sources if source(pair[1])],
            deleted=self.deleted,
            people=[pair for pair in self.people if person(pair[1])],
        )

    def source_problems(self, reply: ApplySourcesResponse) -> list[Problem]:
        """Returns what Ingest finds wrong, with its places."""
        places = (*(place for place, _ in self.sources), *(NOWHERE for _ in self.deleted))
        return [
            told(places[one.index], one.field, one.message, forbidden=one.forbidden)
            for one in reply.problems
        ]

    def contact_problems(self, reply: ApplyContactsResponse) -> list[Problem]:
        """Returns what Notification finds wrong, with its places."""
        found = []
        for one in reply.problems:
            place, _ = self.people[one.person]
            if place and one.contact >= 0:
                place = f"{place}.contacts[{one.contact}]"
            found.append(told(place, one.field, one.message, forbidden=one.forbidden))
        return found


def asked(
    document: Configuration,
    known: Names,
    there: Sequence[AlertSource],
    reached: Iterable[int],
    problems: list[Problem],
    *,
    prune: bool,
) -> Asked:
    """Returns what a document says, with ids for what it refers to; adds what is wrong.

    `there` are the sources, and `reached` the people who have contacts now.
    """
    sources = _sources(document, known, there, problems)
    people = _people(document, known, problems)
    kept = {source.id for _, source in sources}
    named = {person.user_id for _, person in people}
    if prune and document.contacts:
        gone = (id_ for id_ in reached if id_ not in named)
        no_rules = Preferences()
        people += [(NOWHERE, PersonContacts(user_id=id_, preferences=no_rules)) for id_ in gone]
    pruned = prune and bool(document.alert_sources)
    return Asked(
        sources=sources,
        deleted=[each.id for each in there if pruned and each.id not in kept],
        people=people,
    )


def source_documents(sources: Iterable[AlertSource], known: Names) -> list[AlertSource]:
    """Returns sources as a document has them."""
    return [unlinked(source, known) for source in sources]


def contact_documents(people: Iterable[PersonContacts], known: Names) -> list[ConfiguredContacts]:
    """Returns how those people are reached who are there, as a document has it."""
    found = []
    for person in people:
        email = known.title(USER, person.user_id)
        rules = person.preferences if person.HasField("preferences") else None
        if email and (person.contacts or rules):
            ways = sorted(person.contacts, key=lambda each: (each.method, each.target))
            shown = [unlinked(each, known) for each in ways]
            found.append(ConfiguredContacts(email=email, contacts=shown, preferences=rules))
    return found


def _sources(
    document: Configuration, known: Names, there: Sequence[AlertSource], problems: list[Problem]
) -> list[tuple[str, AlertSource]]:
    own = Names()
    for source in there:
        own.add(SOURCE, title(source), source.id)
    found = []
    for place, record in placed("alertSources", document.alert_sources, problems):
        source = linked(record, place, known, problems)
        ids = own.find(SOURCE, title(source))
        if len(ids) > 1:
            some = ", ".join(map(str, ids))
            why = f"several are the {SOURCE} {title(source)}: {some}"
            problems.append(Problem(place, why))
        source.id = ids[0] if ids else 0
        found.append((place, source))
    return found


def _people(
    document: Configuration, known: Names, problems: list[Problem]
) -> list[tuple[str, PersonContacts]]:
    found: dict[str, tuple[str, PersonContacts]] = {}
    for index, record in enumerate(document.contacts):
        place, email = f"contacts[{index}]", record.email.strip()
        key = folded(email)
        ids = known.find(USER, email)
        if not email:
            problems.append(Problem(joined(place, "email"), "is required"))
        elif key in found:
            problems.append(Problem(place, f"{email} is at {found[key][0]} already"))
        elif not ids:
            problems.append(Problem(joined(place, "email"), f"there is no user {email}"))
        else:
            rules = record.preferences if record.HasField("preferences") else None
            person = PersonContacts(user_id=ids[0], contacts=record.contacts, preferences=rules)
            found[key] = place, person
    return list(found.values())
