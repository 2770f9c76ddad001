"""Answers Escalation, which shows and changes the whole configuration."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection

from services.chassis.behalf import act_for
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import Forbidden, NotFound, TocsinError, Unavailable
from services.chassis.rehearsal import rehearse
from services.notification import changing, configuration
from services.notification.changing import Means, Wanted
from services.notification.contact_book import AskUser
from services.notification.wishes import NO_CONTACT, Faults, Wish, wish
from tocsin.notification.internal.v1 import configuration_service_pb2 as pb
from tocsin.notification.internal.v1 import configuration_service_pb2_grpc as rpc

Problem = pb.ApplyContactsResponse.Problem


class ConfigurationServicer(rpc.ConfigurationServiceServicer):
    """Shows and changes the contacts on behalf of others."""

    def __init__(self, database: Database, ask_user: AskUser, means: Means) -> None:
        self._database = database
        self._ask_user = ask_user
        self._means = means

    async def ExportContacts(
        self, request: pb.ExportContactsRequest, context: Context
    ) -> pb.ExportContactsResponse:
        """See the proto."""
        act_for(request.caller)
        return await self._database.read(configuration.export, self._means)

    async def ApplyContacts(
        self, request: pb.ApplyContactsRequest, context: Context
    ) -> pb.ApplyContactsResponse:
        """See the proto."""
        act_for(request.caller)
        problems: list[pb.ApplyContactsResponse.Problem] = []
        known = await self._database.read(configuration.known)
        wishes = {}
        for index, person in enumerate(request.people):
            there = known.get(person.user_id, configuration.Known()).wanted(self._means)
            faults = Faults()
            wishes[person.user_id] = await self._wish(person, there, request.coming_users, faults)
            problems += [_problem(index, *fault) for fault in faults.found]
        if problems:
            return pb.ApplyContactsResponse(problems=problems)

        def apply(connection: Connection) -> list[pb.PersonContacts]:
            return configuration.apply(connection, self._means, request.digest, wishes)

        if request.dry_run:
            people = await rehearse(self._database, apply)
        else:
            people = await self._database.write(apply)
        return pb.ApplyContactsResponse(people=people)

    async def RevertContacts(
        self, request: pb.RevertContactsRequest, context: Context
    ) -> pb.RevertContactsResponse:
        """See the proto."""
        act_for(request.caller)
        for person in request.asked:
            changing.refuse_others(person.user_id)
        were = {each.user_id: each for each in request.people}
        await self._database.write(configuration.revert, self._means, were, request.asked)
        return pb.RevertContactsResponse()

    async def _wish(
        self,
        person: pb.PersonContacts,
        known: Sequence[Wanted],
        coming: Collection[int],
        faults: Faults,
    ) -> Wish:
        """Returns how somebody shall be reached; adds what is wrong with it."""
        try:
            changing.refuse_others(person.user_id)
            if person.user_id not in coming and await self._ask_user(person.user_id) is None:
                raise NotFound(f"there is no user {person.user_id}")
        except Unavailable:
            raise
        except TocsinError as error:
            faults.add(NO_CONTACT, "", error)
            return Wish(())
        return wish(person, known, self._means.offer, faults)


def _problem(person: int, contact: int, field: str, error: TocsinError) -> Problem:
    last = field.rpartition(".")[2]  # which messages begin with
    return Problem(
        person=person,
        contact=contact,
        field=field,
        message=error.message.removeprefix(f"{last} "),
        forbidden=isinstance(error, Forbidden),
    )
