"""The tables of the schedules and their overrides."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field

from services.chassis.tables import BigId
from services.escalation.store.tables import EscalationTable


class ScheduleRow(EscalationTable, table=True):
    """A `Schedule`, column by column."""

    __tablename__ = "schedule"

    id: int = Field(sa_type=BigId, primary_key=True)
    name: str
    timezone: str
    kind: str
    layers: Any = Field(sa_type=JSON)  # as they were told: wall times and ISO durations
    shifts: Any = Field(sa_type=JSON)  # [[user, start, end]]
    show_gaps: bool
    default_shift_duration: str | None = None


class ScheduleTeamRow(EscalationTable, table=True):
    """A team that a schedule belongs to."""

    __tablename__ = "schedule_team"

    schedule_id: int = Field(sa_type=BigId, primary_key=True)
    team_id: int = Field(sa_type=BigId, primary_key=True, index=True)


class OverrideRow(EscalationTable, table=True):
    """Somebody is on call instead of whoever else would be; the highest id wins."""

    __tablename__ = "schedule_override"

    id: int = Field(sa_type=BigId, primary_key=True)
    schedule_id: int = Field(sa_type=BigId, index=True)
    user_id: int = Field(sa_type=BigId, index=True)
    starts_at: datetime
    ends_at: datetime


class CalendarFeedRow(EscalationTable, table=True):
    """A URL at which calendars read a schedule; of its secret there is only a sum."""

    __tablename__ = "calendar_feed"

    id: int = Field(sa_type=BigId, primary_key=True)
    schedule_id: int = Field(sa_type=BigId, index=True)
    user_id: int = Field(sa_type=BigId, index=True)  # 0: everybody's shifts
    token_sha256: bytes = Field(unique=True, index=True)
    created_at: datetime
    creator: str
