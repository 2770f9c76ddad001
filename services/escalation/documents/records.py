"""The records of escalation that a document tells of, in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.calendar.schedules import Schedule, Shift
from services.escalation.domain.policies import Policy
from services.escalation.domain.support_hours import SupportHours
from services.escalation.domain.teams import Team
from services.escalation.domain.users import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """People, and everything that says how they are paged; each kind by its ids."""

    users: Mapping[int, User] = field(default_factory=dict)
    teams: Mapping[int, Team] = field(default_factory=dict)
    schedules: Mapping[int, Schedule] = field(default_factory=dict)
    overrides: Mapping[int, tuple[Shift, ...]] = field(default_factory=dict)  # by schedule
    support_hours: Mapping[int, SupportHours] = field(default_factory=dict)
    policies: Mapping[int, Policy] = field(default_factory=dict)
    webhooks: Mapping[int, str] = field(default_factory=dict)  # what Notification's are called
