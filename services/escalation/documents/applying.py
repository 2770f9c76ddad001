"""Makes a document true: checked everywhere first, then made, or taken back.

Escalation goes first, in one transaction, because the others ask it whether there is what they
refer to. What it deletes goes last, when nothing refers to it any more.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import Conflict, TocsinError, Unavailable
from services.escalation.documents import writing
from services.escalation.documents.drafting import Draft, Drafting
from services.escalation.documents.looking import look
from services.escalation.documents.others import Asked
from services.escalation.documents.parts import Contacts, Parts, Sources
from services.escalation.documents.problems import MOST_TOLD, Unresolved
from services.escalation.documents.writing import Step
from tocsin.configuration.v1 import configuration_service_pb2 as pb
from tocsin.configuration.v1.configuration_pb2 import Configuration
from tocsin.ingest.internal.v1.configuration_service_pb2 import ApplySourcesResponse
from tocsin.ingest.v1.ingest_events_pb2 import AlertSourceChanged
from tocsin.notification.internal.v1.configuration_service_pb2 import ApplyContactsResponse

log = logging.getLogger(__name__)

#: For how long a change is tried to be taken back from a service that is away.
REVERT_SECONDS = 20.0
AGAIN_SECONDS = 0.5

Undo = Callable[[], Awaitable[None]]
Reply = TypeVar("Reply", ApplyContactsResponse, ApplySourcesResponse)


class Applying:
    """Changes the configuration of all services."""

    def __init__(self, database: Database, clock: Clock, parts: Parts) -> None:
        self._database = database
        self._clock = clock
        self._parts = parts
        self._alone = asyncio.Lock()

    async def export(self) -> Configuration:
        """Returns what is configured. Raises WrongState, Unavailable."""
        seen = await look(self._database, self._clock, self._parts)
        return await asyncio.to_thread(seen.document)  # large ones take a while

    async def apply(self, request: pb.ApplyConfigurationRequest) -> pb.ApplyConfigurationResponse:
        """Makes a document true, or tells what that would change.

        Raises InvalidRequest, Conflict, Forbidden, Unavailable.
        """
        seen = await look(self._database, self._clock, self._parts)
        if request.digest and request.digest != seen.digest:
            raise Conflict("the configuration is not what it was: look at the difference again")
        drafting = Drafting(self._database, self._clock, self._parts, seen)
        reply = pb.ApplyConfigurationResponse(digest=seen.digest)
        try:
            draft = await drafting.draft(request.configuration, prune=request.prune)
            reply.changes.extend(draft.changes)
            if not request.dry_run:
                # Whoever asked may go away; what was begun is ended, or taken back.
                await asyncio.shield(asyncio.create_task(self._make(draft)))
                reply.applied = True
        except Unresolved as refused:
            if not request.dry_run:
                raise refused.refusal() from None
            told = refused.problems[:MOST_TOLD]
            reply.problems.extend(pb.Problem(place=one.place, message=one.why) for one in told)
        return reply

    async def _make(self, draft: Draft) -> None:
        async with self._alone:
            making = _Making(self._database, self._clock, self._parts, draft)
            made = False
            try:
                await making.all()
                made = True
            finally:
                if not made:
                    await making.take_back()


@dataclass(slots=True)
class _Making:
    """A change on its way through the services."""

    database: Database
    clock: Clock
    parts: Parts
    draft: Draft
    undo: list[tuple[str, Undo]] = field(default_factory=list)

    async def all(self) -> None:
        """Makes the change; raises at the first thing that fails."""
        plan = self.draft.plan
        written = await self.database.write(writing.write, self.clock, plan)
        self.undo.append(("Escalation", partial(self._revert_own, written.steps)))
        asked = self.draft.changed(written.names)
        if self.parts.contacts and asked.people:
            await self._apply_contacts(self.parts.contacts, asked)
        changes: Sequence[AlertSourceChanged] = ()
        if self.parts.sources and (asked.sources or asked.deleted):
            changes = await self._apply_sources(self.parts.sources, asked)
        if any(plan.deleted.values()):
            await self.database.write(writing.delete, self.clock, plan, changes)

    async def take_back(self) -> None:
        """Takes back what was made. Raises Unavailable if some of it remains."""
        left = [service for service, undo in reversed(self.undo) if not await _patiently(undo)]
        if left:
            raise Unavailable(
                f"what changed in {' and '.join(left)} could not be taken back: apply the same"
                " document again when all services are back"
            )

    async def _apply_contacts(self, contacts: Contacts, asked: Asked) -> None:
        seen = self.draft.seen.contacts
        people = [person for _, person in asked.people]
        undo = partial(contacts.revert, seen, people)
        reply = await self._asked("Notification", undo, contacts.apply(seen, people))
        if problems := asked.contact_problems(reply):
            raise Unresolved(problems)

    async def _apply_sources(self, sources: Sources, asked: Asked) -> list[AlertSourceChanged]:
        seen = self.draft.seen.sources
        wanted = [source for _, source in asked.sources]
        undo = partial(sources.revert, seen, wanted, asked.deleted)
        reply = await self._asked("Ingest", undo, sources.apply(seen, wanted, asked.deleted))
        if problems := asked.source_problems(reply):
            raise Unresolved(problems)
        return list(reply.changes)

    async def _asked(self, service: str, undo: Undo, reply: Awaitable[Reply]) -> Reply:
        """Returns what a service replies; what it may have done can be taken back."""
        self.undo.append((service, undo))
        try:
            told = await reply
        except Conflict:
            self.undo.pop()  # it did nothing
            raise
        if told.problems:
            self.undo.pop()  # as above
        return told

    async def _revert_own(self, steps: Sequence[Step]) -> None:
        await self.database.write(writing.revert, self.clock, steps)


async def _patiently(undo: Undo) -> bool:
    """Takes a change back as soon as that can be; tells whether it could."""
    until = time.monotonic() + REVERT_SECONDS
    while True:
        try:
            await undo()
        except Unavailable as error:
            if time.monotonic() > until:
                log.error("a change of the configuration remains: %s", error.message)
                return False
            await asyncio.sleep(AGAIN_SECONDS)
        except TocsinError as error:
            log.error("a change of the configuration remains: %s", error.message)
            return False
        else:
            return True
