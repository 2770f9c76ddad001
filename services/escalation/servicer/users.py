"""Answers UserService."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from services.chassis import audit, counters
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import AlreadyExists, NotFound, WrongState
from services.chassis.paging import page
from services.chassis.principal import caller
from services.chassis.team_context import wanted_teams
from services.chassis.teams import sees
from services.escalation import announcing
from services.escalation.domain.checks import line
from services.escalation.domain.users import Role, User, checked
from services.escalation.store import feeds, tokens, users, uses
from services.escalation.store.alone import CONFIGURATION, alone
from services.escalation.wire import people as wire
from tocsin.escalation.v1 import user_pb2
from tocsin.escalation.v1 import user_service_pb2 as pb
from tocsin.escalation.v1 import user_service_pb2_grpc as rpc

DEFAULT_PAGE = 50
LARGEST_PAGE = 100


class UserServicer(rpc.UserServiceServicer):
    """The gRPC face of the people."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def CreateUser(self, request: pb.CreateUserRequest, context: Context) -> user_pb2.User:
        """See the proto."""
        return wire.user(await self._database.write(create, self._clock, request.user))

    async def GetUser(self, request: pb.GetUserRequest, context: Context) -> user_pb2.User:
        """See the proto."""
        return wire.user(await self._database.read(_meant, request))

    async def GetCurrentUser(
        self, request: pb.GetCurrentUserRequest, context: Context
    ) -> user_pb2.User:
        """See the proto."""
        return wire.user(await self._database.read(users.get, _own_id()))

    async def UpdateCurrentUser(
        self, request: pb.UpdateCurrentUserRequest, context: Context
    ) -> user_pb2.User:
        """See the proto."""
        changed = await self._database.write(_update_self, self._clock, request.user)
        return wire.user(changed)

    async def UpdateUser(self, request: pb.UpdateUserRequest, context: Context) -> user_pb2.User:
        """See the proto."""
        changed = await self._database.write(update, self._clock, request)
        return wire.user(changed)

    async def DeleteUser(
        self, request: pb.DeleteUserRequest, context: Context
    ) -> pb.DeleteUserResponse:
        """See the proto. The person's tokens are revoked: there is nobody they could act for."""
        await self._database.write(delete, self._clock, request)
        return pb.DeleteUserResponse()

    async def SearchUserByEmail(
        self, request: pb.SearchUserByEmailRequest, context: Context
    ) -> user_pb2.User:
        """See the proto."""
        email = line(request.email, "email").strip()
        found = await self._database.read(users.by_email, email)
        if found is None:
            raise NotFound(f"nobody has the address {email}")
        return wire.user(found)

    async def ListUsers(
        self, request: pb.ListUsersRequest, context: Context
    ) -> pb.ListUsersResponse:
        """See the proto."""
        wanted = page(request, default=DEFAULT_PAGE, most=LARGEST_PAGE)
        asked = wanted_teams(context)
        if asked is not None:  # who is in a private team, its members alone learn
            asked = frozenset(team_id for team_id in asked if sees(caller(), (team_id,)))
        found = await self._database.read(users.oldest, wanted, asked)
        return pb.ListUsersResponse(users=map(wire.user, found))


def create(connection: Connection, clock: Clock, told: user_pb2.User) -> User:
    """Makes a person as the caller told. Raises what the caller may not or cannot have."""
    alone(connection, CONFIGURATION)
    now = clock.now(connection)
    user = checked(wire.new_user(told, counters.allocate(connection, "user"), now))
    _refuse_taken_address(connection, user)
    users.add(connection, user)
    announcing.user_changed(connection, now, user)
    _audit(connection, now, user.id, "user.create")
    return user


def _update_self(connection: Connection, clock: Clock, told: user_pb2.User) -> User:
    alone(connection, CONFIGURATION)
    now = clock.now(connection)
    known = users.get(connection, _own_id())
    return _change(connection, now, known, replace(_told(known, told, now), role=known.role))


def update(connection: Connection, clock: Clock, request: pb.UpdateUserRequest) -> User:
    """Replaces a person by what the caller told. Raises as `create` does, and NotFound."""
    alone(connection, CONFIGURATION)
    now = clock.now(connection)
    known = _meant(connection, request)
    return _change(connection, now, known, _told(known, request.user, now))


def _told(known: User, told: user_pb2.User, now: datetime) -> User:
    return checked(replace(wire.new_user(told, known.id, now), created_at=known.created_at))


def _change(connection: Connection, now: datetime, known: User, wanted: User) -> User:
    if replace(wanted, updated_at=known.updated_at) == known:
        return known
    _refuse_taken_address(connection, wanted)
    if wanted.role is not Role.ADMIN:
        _refuse_last_admin(connection, known)
    users.save(connection, wanted)
    announcing.user_changed(connection, now, wanted)
    announcing.naming_user(connection, now, wanted.id)
    if (wanted.name, wanted.role) != (known.name, known.role):
        announcing.tokens_of(connection, now, [wanted.id])
    _audit(connection, now, wanted.id, "user.update")
    return wanted


def delete(connection: Connection, clock: Clock, request: pb.DeleteUserRequest) -> None:
    """Deletes a person that nothing uses. Raises NotFound, Forbidden, WrongState."""
    alone(connection, CONFIGURATION)
    now = clock.now(connection)
    user = _meant(connection, request)
    user_id = user.id
    _refuse_last_admin(connection, user)
    uses.refuse_if_used(f"user {user_id}", uses.of_user(connection, user_id, now))
    for token in tokens.of_user(connection, user_id):
        announcing.token_changed(connection, now, tokens.revoked(connection, token))
        audit.record(connection, now, caller().actor(), "token.revoke", f"token:{token.id}")
    for feed in feeds.remove_of_user(connection, user_id):
        target = f"schedule:{feed.schedule_id}"
        audit.record(connection, now, caller().actor(), "schedule.feed.delete", target)
    users.remove(connection, user_id)
    announcing.user_changed(connection, now, user, deleted=True)
    _audit(connection, now, user_id, "user.delete")


def _meant(
    connection: Connection,
    request: pb.GetUserRequest | pb.UpdateUserRequest | pb.DeleteUserRequest,
) -> User:
    if request.HasField("who"):
        return users.said(connection, request.who)
    return users.get(connection, request.id)


def _refuse_taken_address(connection: Connection, user: User) -> None:
    owner = users.by_email(connection, user.email)
    if owner is not None and owner.id != user.id:
        raise AlreadyExists(f"{user.email} belongs to somebody already", field="email")


def _refuse_last_admin(connection: Connection, user: User) -> None:
    """Raises WrongState if nobody could change everything without this person."""
    if users.admins(connection) == {user.id}:
        raise WrongState(
            f"user {user.id} is the last ADMIN: make somebody else one first",
            reason="LAST_ADMIN",
        )


def _own_id() -> int:
    user_id = caller().user_id
    if not user_id:
        raise NotFound("the token belongs to nobody")
    return user_id


def _audit(connection: Connection, now: datetime, user_id: int, action: str) -> None:
    audit.record(connection, now, caller().actor(), action, f"user:{user_id}")
