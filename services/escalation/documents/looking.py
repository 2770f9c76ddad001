"""What is configured now, in all services, as far as the caller sees it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import WrongState
from services.escalation.documents import storing
from services.escalation.documents.names import SOURCE, Names, names, title
from services.escalation.documents.others import contact_documents, source_documents
from services.escalation.documents.parts import Parts
from services.escalation.documents.records import Records
from services.escalation.documents.rendering import render
from services.escalation.domain.policies import BUILT_IN
from tocsin.configuration.v1.configuration_pb2 import Configuration
from tocsin.ingest.internal.v1.configuration_service_pb2 import ExportSourcesResponse
from tocsin.notification.internal.v1.configuration_service_pb2 import ExportContactsResponse


@dataclass(frozen=True, slots=True)
class Seen:
    """The configuration at a moment; nothing of services that are not there."""

    now: datetime
    stored: Records
    sources: ExportSourcesResponse
    contacts: ExportContactsResponse

    @property
    def digest(self) -> str:
        """Names the configuration."""
        parts = (storing.digest(self.stored), self.sources.digest, self.contacts.digest)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def document(self) -> Configuration:
        """Returns the configuration as a document. Raises WrongState if that cannot be told."""
        known = names(self.stored)
        _refuse_several(known, self.sources)
        told = render(self.stored, known, self.now)
        told.alert_sources.extend(source_documents(self.sources.alert_sources, known))
        told.contacts.extend(contact_documents(self.contacts.people, known))
        return told


async def look(database: Database, clock: Clock, parts: Parts) -> Seen:
    """Returns what is configured. Raises Unavailable while an owner of some of it is away."""

    def own(connection: Connection) -> tuple[datetime, Records]:
        return clock.now(connection), storing.load(connection)

    sources = await parts.sources.export() if parts.sources else ExportSourcesResponse()
    contacts = await parts.contacts.export() if parts.contacts else ExportContactsResponse()
    return Seen(*await database.read(own), sources, contacts)


def _refuse_several(known: Names, sources: ExportSourcesResponse) -> None:
    """Raises WrongState if several records of a kind have one name, which names neither."""
    all_names = Names()
    for source in sources.alert_sources:
        all_names.add(SOURCE, title(source), source.id)
    twice = [
        f"{kind} {name} ({', '.join(map(str, ids))})"
        for kind, name, ids in (*known.several(), *all_names.several())
        if ids != [BUILT_IN]
    ]
    if twice:
        raise WrongState(
            f"names must be unique to be told in a document: {'; '.join(twice)}",
            reason="NAMES_NOT_UNIQUE",
        )
