"""Answers Escalation, which shows and changes the whole configuration."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection

from services.chassis.addresses import Network
from services.chassis.behalf import act_for
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import Forbidden, NotFound, TocsinError, Unavailable
from services.chassis.rehearsal import rehearse
from services.notification import changing, configuration, wire
from services.notification.changing import Way
from services.notification.servicer import AskUser
from tocsin.notification.internal.v1 import configuration_service_pb2 as pb
from tocsin.notification.internal.v1 import configuration_service_pb2_grpc as rpc
from tocsin.notification.v1.contact_pb2 import Contact

Problem = pb.ApplyContactsResponse.Problem

#: The place of what is wrong with a person, and with none of their contacts.
NO_CONTACT = -1


class ConfigurationServicer(rpc.ConfigurationServiceServicer):
    """Shows and changes the contacts on behalf of others."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        ask_user: AskUser,
        allowed: Sequence[Network] = (),
    ) -> None:
        """Takes which addresses that are not public URLs may lead to."""
        self._database = database
        self._clock = clock
        self._ask_user = ask_user
        self._allowed = allowed

    async def ExportContacts(  # noqa: N802 # the contract's name
        self, request: pb.ExportContactsRequest, context: Context
    ) -> pb.ExportContactsResponse:
        """See the proto."""
        return await self._database.read(configuration.export)

    async def ApplyContacts(  # noqa: N802 # as above
        self, request: pb.ApplyContactsRequest, context: Context
    ) -> pb.ApplyContactsResponse:
        """See the proto."""
        act_for(request.caller)
        problems: list[pb.ApplyContactsResponse.Problem] = []
        known = await self._database.read(configuration.ways)
        wanted = {
            person.user_id: await self._ways(
                person, index, request.coming_users, known.get(person.user_id, ()), problems
            )
            for index, person in enumerate(request.people)
        }
        if problems:
            return pb.ApplyContactsResponse(problems=problems)

        def apply(connection: Connection) -> list[pb.PersonContacts]:
            return configuration.apply(connection, self._clock, request.digest, wanted)

        if request.dry_run:
            people = await rehearse(self._database, apply)
        else:
            people = await self._database.write(apply)
        return pb.ApplyContactsResponse(people=people)

    async def RevertContacts(  # noqa: N802 # as above
        self, request: pb.RevertContactsRequest, context: Context
    ) -> pb.RevertContactsResponse:
        """See the proto."""
        act_for(request.caller)
        for person in request.asked:
            changing.refuse_others(person.user_id)
        were = {each.user_id: list(map(_as_it_was, each.contacts)) for each in request.people}
        left = {each.user_id: list(map(changing.way, each.contacts)) for each in request.asked}
        await self._database.write(configuration.revert, self._clock, were, left)
        return pb.RevertContactsResponse()

    async def _ways(
        self,
        person: pb.PersonContacts,
        index: int,
        coming: Collection[int],
        kept: Collection[Way],
        problems: list[pb.ApplyContactsResponse.Problem],
    ) -> list[Way]:
        """Returns how somebody shall be reached; adds what is wrong with it."""
        ways = []
        place = NO_CONTACT
        try:
            changing.refuse_others(person.user_id)
            if person.user_id not in coming and await self._ask_user(person.user_id) is None:
                raise NotFound(f"there is no user {person.user_id}")
            for contact in person.contacts:
                place += 1
                ways.append(changing.wanted(contact, self._allowed, kept))
        except Unavailable:
            raise
        except TocsinError as error:
            problem = Problem(
                person=index,
                contact=place,
                field=(error.field or "").removeprefix("contact."),
                message=error.message.removeprefix("contact."),
                forbidden=isinstance(error, Forbidden),
            )
            problems.append(problem)
        return ways


def _as_it_was(told: Contact) -> Way:
    """Returns a way that was told here: it was good once, whatever is refused by now."""
    return wire.method(told), told.target
