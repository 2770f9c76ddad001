"""People as protobuf messages."""

from datetime import datetime

from services.chassis.errors import InvalidRequest
from services.chassis.moments import moment
from services.escalation.domain.users import LANGUAGES, Role, User
from tocsin.escalation.v1 import user_pb2

ROLES = {
    user_pb2.User.ROLE_UNSPECIFIED: Role.USER,
    user_pb2.User.GUEST: Role.GUEST,
    user_pb2.User.STAKEHOLDER: Role.STAKEHOLDER,
    user_pb2.User.VIEWER: Role.VIEWER,
    user_pb2.User.RESPONDER: Role.RESPONDER,
    user_pb2.User.USER: Role.USER,
    user_pb2.User.ADMIN: Role.ADMIN,
}


def user(user: User) -> user_pb2.User:
    """Renders a person."""
    return user_pb2.User(
        id=user.id,
        first_name=user.first_name,
        last_name=user.last_name,
        email=user.email,
        timezone=user.timezone,
        role=user.role.name,
        created_at=user.created_at,
        updated_at=user.updated_at,
        position=user.position,
        department=user.department,
        avatar_url=user.avatar_url,
        language=user.language,
        shift_color=user.shift_color,
        region=user.region,
        muted_until=user.muted_until,
    )


def reference(user: User) -> user_pb2.User:
    """Renders who is meant, and no more."""
    return user_pb2.User(id=user.id, first_name=user.first_name, last_name=user.last_name)


def new_user(told: user_pb2.User, user_id: int, now: datetime) -> User:
    """Reads a person as told. Raises InvalidRequest if their role is none that is known."""
    if told.role not in ROLES:
        raise InvalidRequest(f"role must be {', '.join(Role)}", field="role")
    return User(
        id=user_id,
        first_name=told.first_name,
        last_name=told.last_name,
        email=told.email,
        timezone=told.timezone or "UTC",
        role=ROLES[told.role],
        created_at=now,
        updated_at=now,
        position=told.position,
        department=told.department,
        avatar_url=told.avatar_url,
        language=told.language or LANGUAGES[0],
        shift_color=told.shift_color,
        region=told.region,
        muted_until=(
            moment(told.muted_until, "mutedUntil") if told.HasField("muted_until") else None
        ),
    )
