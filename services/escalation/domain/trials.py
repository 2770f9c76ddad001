"""Test pages: what somebody is paged about who wants to know whether pages arrive."""

from datetime import datetime, timedelta

from services.chassis.errors import RateLimited
from services.escalation.domain.policies import Level, Plan
from services.escalation.domain.runs import NO_POLICY, Priority, Run, Subject

#: The kind of such subjects; messages about them say that nothing is wrong.
TEST = "test"
TITLE = "Test page"
#: Whoever has not answered by then will not.
LONGEST = timedelta(hours=1)
HOUR = timedelta(hours=1)
MOST = 5  # for one person, within an hour


def subject(user_id: int, number: int, priority: Priority) -> Subject:
    """Returns what a person is paged about, by the number of their test."""
    return Subject(kind=TEST, id=f"{user_id}-{number}", title=TITLE, priority=priority)


def plan(user_id: int) -> Plan:
    """Returns what such a run follows: one level of one person, and nothing after it."""
    return Plan(policy_id=NO_POLICY, levels=(Level((user_id,), LONGEST),))


def refuse_many(user_id: int, before: Run | None, now: datetime) -> None:
    """Raises RateLimited if the test before the last few was within this hour."""
    left = before.start_time + HOUR - now if before else timedelta()
    if left > timedelta():
        seconds = left.total_seconds()
        raise RateLimited(
            f"user {user_id} gets {MOST} test pages an hour at most; try again in {seconds:.0f} s",
            name=f"test pages of user {user_id}",
            limit=MOST,
            retry_after=seconds,
        )
