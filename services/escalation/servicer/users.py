"""Answers UserService."""

from sqlalchemy import Connection

from services.chassis import audit, counters
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import AlreadyExists, NotFound
from services.chassis.paging import page
from services.chassis.principal import caller
from services.escalation import announcing
from services.escalation.domain.users import User, checked
from services.escalation.store import users
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
        return wire.user(await self._database.write(_create, self._clock, request.user))

    async def GetUser(self, request: pb.GetUserRequest, context: Context) -> user_pb2.User:
        """See the proto."""
        return wire.user(await self._database.read(users.get, request.id))

    async def GetCurrentUser(
        self, request: pb.GetCurrentUserRequest, context: Context
    ) -> user_pb2.User:
        """See the proto."""
        user_id = caller().user_id
        if not user_id:
            raise NotFound("the token belongs to nobody")
        return wire.user(await self._database.read(users.get, user_id))

    async def ListUsers(
        self, request: pb.ListUsersRequest, context: Context
    ) -> pb.ListUsersResponse:
        """See the proto."""
        wanted = page(request, default=DEFAULT_PAGE, most=LARGEST_PAGE)
        found = await self._database.read(users.oldest, wanted)
        return pb.ListUsersResponse(users=map(wire.user, found))


def _create(connection: Connection, clock: Clock, told: user_pb2.User) -> User:
    now = clock.now(connection)
    # The number comes first: whoever wants one too waits, and then sees this address.
    user = checked(wire.new_user(told, counters.allocate(connection, "user"), now))
    if users.has_email(connection, user.email):
        raise AlreadyExists(f"{user.email} belongs to somebody already", field="email")
    users.add(connection, user)
    announcing.user_changed(connection, now, user)
    audit.record(connection, now, caller().actor(), "user.create", f"user:{user.id}")
    return user
