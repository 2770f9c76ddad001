"""The tables of escalation's own database, beside the chassis's."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Index, LargeBinary, MetaData, Table, text
from sqlmodel import Field, SQLModel

from services.chassis.tables import BigId


class EscalationTable(SQLModel):
    """A table that escalation owns."""

    metadata: ClassVar[MetaData] = MetaData()
    __table__: ClassVar[Table]


class UserRow(EscalationTable, table=True):
    """A `User`, column by column."""

    __tablename__ = "user"

    id: int = Field(sa_type=BigId, primary_key=True)
    first_name: str
    last_name: str
    email: str
    email_folded: str = Field(unique=True)  # an address is one whatever its case
    timezone: str
    role: str = Field(index=True)
    created_at: datetime
    updated_at: datetime
    position: str | None = None
    department: str | None = None
    avatar_url: str | None = None
    language: str = Field(default="en", sa_column_kwargs={"server_default": "en"})
    shift_color: str | None = None
    region: str | None = None
    muted_until: datetime | None = None


class TeamRow(EscalationTable, table=True):
    """A `Team`, column by column; its members have rows of their own."""

    __tablename__ = "team"

    id: int = Field(sa_type=BigId, primary_key=True)
    name: str
    name_folded: str = Field(unique=True)  # a name is one whatever its case
    visibility: str
    created_at: datetime
    updated_at: datetime


class TeamMemberRow(EscalationTable, table=True):
    """Somebody's place in a team."""

    __tablename__ = "team_member"

    team_id: int = Field(sa_type=BigId, primary_key=True)
    user_id: int = Field(sa_type=BigId, primary_key=True, index=True)
    role: str
    place: int  # in the order in which the members were told


class PolicyTeamRow(EscalationTable, table=True):
    """A team that a policy belongs to, or belonged to when it was deleted: its runs still do."""

    __tablename__ = "policy_team"

    policy_id: int = Field(sa_type=BigId, primary_key=True)
    team_id: int = Field(sa_type=BigId, primary_key=True, index=True)


class PolicyTargetRow(EscalationTable, table=True):
    """Whom or what some level of a policy pages: what `levels` says, to be searched."""

    __tablename__ = "policy_target"
    __table_args__ = (Index("policy_target_named", "kind", "target_id"),)

    policy_id: int = Field(sa_type=BigId, primary_key=True)
    kind: str = Field(primary_key=True)  # user, schedule, team or webhook
    target_id: int = Field(sa_type=BigId, primary_key=True)


class SupportHoursRow(EscalationTable, table=True):
    """`SupportHours`, column by column."""

    __tablename__ = "support_hours"

    id: int = Field(sa_type=BigId, primary_key=True)
    name: str
    timezone: str
    days: Any = Field(sa_type=JSON)  # {"MONDAY": {"start": "09:00", "end": "17:00"}}
    exceptions: Any = Field(sa_type=JSON)


class SupportHoursTeamRow(EscalationTable, table=True):
    """A team that support hours belong to."""

    __tablename__ = "support_hours_team"

    support_hours_id: int = Field(sa_type=BigId, primary_key=True)
    team_id: int = Field(sa_type=BigId, primary_key=True, index=True)


class TokenRow(EscalationTable, table=True):
    """An `ApiToken`, column by column. Revoked ones stay, so that none comes back."""

    __tablename__ = "api_token"

    id: str = Field(primary_key=True)
    name: str
    scopes: Any = Field(sa_type=JSON)  # ["alerts:read"]
    user_id: int = Field(sa_type=BigId, index=True)
    secret_sha256: bytes = Field(sa_type=LargeBinary)
    create_time: datetime
    expire_time: datetime | None = None
    creator: str
    revoked: bool
    team_id: int = Field(default=0, sa_type=BigId, sa_column_kwargs={"server_default": "0"})
    last_used: datetime | None = None
    previous_sha256: bytes | None = Field(default=None, sa_type=LargeBinary)
    previous_until: datetime | None = None


class PolicyRow(EscalationTable, table=True):
    """A `Policy`, column by column."""

    __tablename__ = "policy"

    id: int = Field(sa_type=BigId, primary_key=True)
    name: str
    levels: Any = Field(sa_type=JSON)  # [{"users": [1], …, "seconds": 300}]
    repeating: bool
    frequency: int
    delay_min: int
    routing_key: str | None = Field(default=None, unique=True)
    fallback: int | None = Field(default=None, sa_type=BigId, index=True)  # what follows it
    accept_expiry_min: int | None = None
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})


class RunRow(EscalationTable, table=True):
    """A `Run`, column by column."""

    __tablename__ = "escalation"
    __table_args__ = (
        Index("escalation_subject", "kind", "subject_id"),
        Index("escalation_kind", "kind", "id"),
        Index("escalation_state", "state", "id"),
        Index("escalation_policy", "policy_id", "id"),
        Index(
            "escalation_under_way",
            "id",
            sqlite_where=text("end_time IS NULL"),  # not by `due`, which every step changes
            postgresql_where=text("end_time IS NULL"),
        ),
    )

    id: int = Field(sa_type=BigId, primary_key=True)
    key: str = Field(unique=True)
    kind: str
    subject_id: str
    episode: int
    subject: Any = Field(sa_type=JSON)  # what to tell, and how loudly
    subject_version: int
    policy_id: int = Field(default=0, sa_type=BigId, sa_column_kwargs={"server_default": "0"})
    plan: Any = Field(sa_type=JSON)
    state: str
    cycle: int
    level: int
    reached: int
    due: datetime | None = None
    paged: Any = Field(sa_type=JSON)
    start_time: datetime = Field(index=True)
    accept_time: datetime
    end_time: datetime | None = None
    ended_by: Any = Field(sa_type=JSON(none_as_null=True), nullable=True)
    version: int
    calls: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    pushes: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    continued_id: int = Field(default=0, sa_type=BigId, sa_column_kwargs={"server_default": "0"})


class RequestNameRow(EscalationTable, table=True):
    """A caller's own name for a request that began a run."""

    __tablename__ = "request_name"

    caller: str = Field(primary_key=True)  # "TOKEN:abcd1234"
    name: str = Field(primary_key=True)
    run_id: int = Field(sa_type=BigId)
    request_sha256: bytes = Field(sa_type=LargeBinary)
    named_at: datetime = Field(index=True)
