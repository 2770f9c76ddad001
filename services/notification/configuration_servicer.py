"""Answers Escalation, which shows and changes the whole configuration."""

from collections.abc import Collection

from sqlalchemy import Connection

from services.chassis.behalf import act_for
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import Forbidden, NotFound, TocsinError, Unavailable
from services.chassis.rehearsal import rehearse
from services.notification import changing, configuration, targets, wire
from services.notification.configuration import Way
from services.notification.servicer import AskUser
from tocsin.notification.internal.v1 import configuration_service_pb2 as pb
from tocsin.notification.internal.v1 import configuration_service_pb2_grpc as rpc

Problem = pb.ApplyContactsResponse.Problem

#: The place of what is wrong with a person, and with none of their contacts.
NO_CONTACT = -1


class ConfigurationServicer(rpc.ConfigurationServiceServicer):
    """Shows and changes the contacts on behalf of others."""

    def __init__(self, database: Database, clock: Clock, ask_user: AskUser) -> None:
        self._database = database
        self._clock = clock
        self._ask_user = ask_user

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
        wanted = {
            person.user_id: await self._ways(person, index, request.coming_users, problems)
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

    async def _ways(
        self,
        person: pb.PersonContacts,
        index: int,
        coming: Collection[int],
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
                method = wire.method(contact)
                ways.append((method, targets.checked(method, contact.target)))
        except Unavailable:
            raise
        except TocsinError as error:
            field = (error.field or "").removeprefix("contact.")
            problem = Problem(
                person=index,
                contact=place,
                field=field,
                message=error.message,
                forbidden=isinstance(error, Forbidden),
            )
            problems.append(problem)
        return ways
