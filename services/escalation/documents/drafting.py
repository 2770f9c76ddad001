"""What a document would change, tried in all services without changing anything."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import Forbidden
from services.chassis.rehearsal import rehearse
from services.escalation.documents import planning, writing
from services.escalation.documents.bounds import refuse_too_many
from services.escalation.documents.differences import differences
from services.escalation.documents.looking import Seen
from services.escalation.documents.names import (
    HOURS,
    KINDS,
    POLICY,
    TEAM,
    USER,
    Named,
    Names,
    called,
    names,
    title,
)
from services.escalation.documents.others import (
    Asked,
    asked,
    contact_documents,
    source_documents,
)
from services.escalation.documents.parts import Coming, Parts
from services.escalation.documents.planning import Plan
from services.escalation.documents.problems import Problem, Unresolved
from services.escalation.documents.rights import refuse_unless_allowed
from services.escalation.documents.writing import Written
from services.escalation.domain.checks import folded
from tocsin.configuration.v1.configuration_pb2 import Configuration
from tocsin.configuration.v1.configuration_service_pb2 import Change
from tocsin.ingest.v1.ingest_events_pb2 import AlertSourceChanged
from tocsin.notification.internal.v1.configuration_service_pb2 import PersonContacts

#: Stands for the id of what the document makes, where any will do.
YET_TO_COME = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be changed."""

    seen: Seen
    document: Configuration
    prune: bool
    plan: Plan
    changes: Sequence[Change]

    def changed(self, known: Names) -> Asked:
        """Returns what changes of sources and contacts, with ids for what they refer to."""
        named = {(change.section, folded(change.name)) for change in self.changes}
        return _asked(self.document, known, self.seen, [], prune=self.prune).only(
            lambda source: ("alertSources", folded(title(source))) in named,
            lambda one: ("contacts", folded(known.title(USER, one.user_id))) in named,
        )


class Drafting:
    """Finds out what a document would change, and what is in its way."""

    def __init__(self, database: Database, clock: Clock, parts: Parts, seen: Seen) -> None:
        self._database = database
        self._clock = clock
        self._parts = parts
        self._seen = seen

    async def draft(self, document: Configuration, *, prune: bool) -> Draft:
        """Returns what is to be changed.

        Raises Unresolved with all that is wrong, Forbidden, Conflict, Unavailable.
        """
        # A large document takes seconds: in a thread, as pages and other callers go on meanwhile.
        plan = await asyncio.to_thread(self._planned, document, prune=prune)
        seen = self._seen
        written = await rehearse(self._database, writing.try_write, self._clock, plan)
        _refuse(written.problems)
        wanted = _asked(document, written.names, seen, [], prune=prune)
        coming = _coming(written)
        before, after = Configuration(), Configuration()
        before.CopyFrom(plan.before)
        after.CopyFrom(plan.after)
        problems: list[Problem] = []
        sources = await self._try_sources(wanted, coming, problems)
        people = await self._try_contacts(wanted, coming, problems)
        _refuse(problems)
        self._add_sources(sources, written.names, before, after)
        self._add_contacts(people, plan, written.names, before, after)
        changes = await asyncio.to_thread(differences, before, after)
        for change in changes:
            _refuse_unless_allowed(change)
        if any(plan.deleted.values()):
            _refuse(await rehearse(self._database, writing.try_all, self._clock, plan, sources))
        return Draft(seen, document, prune, plan, changes)

    def _planned(self, document: Configuration, *, prune: bool) -> Plan:
        """Returns what becomes of Escalation's own part. Raises Unresolved."""
        refuse_too_many(document, "configuration")
        problems: list[Problem] = []
        try:
            plan = planning.plan(document, self._seen.stored, self._seen.now, prune=prune)
        except Unresolved as unresolved:
            problems += unresolved.problems
        known = _all_names(document, self._seen)
        _asked(document, known, self._seen, problems, prune=prune)
        if document.alert_sources and self._parts.sources is None:
            problems.append(Problem("alertSources", "there is no Ingest here that keeps any"))
        if document.contacts and self._parts.contacts is None:
            problems.append(Problem("contacts", "there is no Notification here that keeps any"))
        _refuse(problems)
        return plan

    async def _try_sources(
        self, wanted: Asked, coming: Coming, problems: list[Problem]
    ) -> Sequence[AlertSourceChanged]:
        """Returns how sources would change; adds what is wrong."""
        if not self._parts.sources or not (wanted.sources or wanted.deleted):
            return ()
        told = [source for _, source in wanted.sources]
        reply = await self._parts.sources.apply(self._seen.sources, told, wanted.deleted, coming)
        problems += wanted.source_problems(reply)
        return reply.changes

    async def _try_contacts(
        self, wanted: Asked, coming: Coming, problems: list[Problem]
    ) -> Sequence[PersonContacts]:
        """Returns the contacts that people would have; adds what is wrong."""
        if not self._parts.contacts or not wanted.people:
            return ()
        told = [person for _, person in wanted.people]
        reply = await self._parts.contacts.apply(self._seen.contacts, told, coming)
        problems += wanted.contact_problems(reply)
        return reply.people

    def _add_sources(
        self,
        changes: Sequence[AlertSourceChanged],
        known: Names,
        before: Configuration,
        after: Configuration,
    ) -> None:
        """Adds the sources to what was and will be."""
        there = {source.id: source for source in self._seen.sources.alert_sources}
        before.alert_sources.extend(source_documents(there.values(), known))
        for change in changes:
            there[change.alert_source.id] = change.alert_source
            if change.deleted:
                del there[change.alert_source.id]
        after.alert_sources.extend(source_documents(there.values(), known))

    def _add_contacts(
        self,
        people: Sequence[PersonContacts],
        plan: Plan,
        known: Names,
        before: Configuration,
        after: Configuration,
    ) -> None:
        """Adds the contacts to what was and will be; who goes has none."""
        there = {person.user_id: person for person in self._seen.contacts.people}
        before.contacts.extend(contact_documents(there.values(), known))
        there |= {person.user_id: person for person in people}
        for user_id in plan.deleted.get("users", ()):
            there.pop(user_id, None)
        after.contacts.extend(contact_documents(there.values(), known))


def _asked(
    document: Configuration, known: Names, seen: Seen, problems: list[Problem], *, prune: bool
) -> Asked:
    reached = [person.user_id for person in seen.contacts.people]
    there = seen.sources.alert_sources
    return asked(document, known, there, reached, problems, prune=prune)


def _all_names(document: Configuration, seen: Seen) -> Names:
    """Returns what is called by name now, or will be."""
    known = names(seen.stored)
    records: list[Named] = [
        *document.users,
        *document.teams,
        *(each.schedule for each in document.schedules),
        *document.support_hours,
        *document.escalation_policies,
    ]
    for record in records:
        kind = KINDS[type(record)]
        if called(record) and not known.find(kind, called(record)):
            known.add(kind, called(record), YET_TO_COME)
    return known


def _coming(written: Written) -> Coming:
    made = written.made
    return Coming(
        users=made.get(USER, ()),
        policies=made.get(POLICY, ()),
        teams=made.get(TEAM, ()),
        support_hours=made.get(HOURS, ()),
    )


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise Unresolved(problems)


def _refuse_unless_allowed(change: Change) -> None:
    try:
        refuse_unless_allowed(change)
    except Forbidden as forbidden:
        told = f"{change.section} {change.name}: {forbidden.message}"
        raise Forbidden(told, reason=forbidden.code) from forbidden
