"""Lists and counts of alerts, for readers.

The alerts that have a source, a policy and a state in common are in order already, in an index:
a list takes from the ranges that it wants as a merge does, no further than its page goes. So it
costs what it shows, however many alerts there are and however few of them are wanted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ColumnElement, Connection, Table, exists, select

from services.alertstate import reach
from services.alertstate.domain.alerts import Alert, Status
from services.alertstate.store import alerts, counts, ranges
from services.alertstate.store.counts import Among, Group
from services.alertstate.store.ranges import Ranges
from services.alertstate.store.tables import ALERT, ALERT_TEAM, RESPONDER
from services.chassis.paging import Page
from services.chassis.principal import Principal
from services.chassis.teams import hides_nothing

Keys = list[dict[str, object]]

#: Ranges that are merged; each costs about a fifth of a millisecond to ask for.
MOST_RANGES = 200
#: Ranges that are merged for a page further down than SHALLOW, where every row skipped costs.
MOST_RANGES_DEEP = 50
SHALLOW = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which alerts a reader asks for; what is empty says nothing."""

    states: tuple[Status, ...] = ()
    sources: tuple[int, ...] = ()
    policies: tuple[int, ...] = ()
    responders: tuple[int, ...] | None = None  # an empty one wants nobody's
    teams: frozenset[int] | None = None  # as above
    start: datetime | None = None  # reported at or after
    until: datetime | None = None  # reported before

    @property
    def among(self) -> Among:
        """The groups in which they are."""
        return Among(states=self.states, sources=self.sources, policies=self.policies)

    @property
    def is_counted(self) -> bool:
        """Whether all in these groups are wanted, so that kept counts tell how many."""
        return (self.responders, self.teams, self.start, self.until) == (None,) * 4


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an alert still wants somebody."""

    status: Status
    episode: int
    called_episode: int  # in which people are paged though the alert was taken

    def pages(self, episode: int) -> bool:
        """Tells whether pages of an episode still have to go out."""
        called = self.status is Status.ACCEPTED and self.called_episode == episode
        return self.episode == episode and (self.status is Status.PENDING or called)


def newest(connection: Connection, wanted: Wanted, page: Page, reader: Principal) -> list[Alert]:
    """Returns one page of the wanted alerts that somebody sees, newest first."""
    last = page.offset + page.limit
    known = wanted.is_counted and hides_nothing(reader) and last > SHALLOW
    total = counts.total(connection, wanted.among) if known else None
    found = ranges.newest(connection, _ranges(connection, wanted, reader, last), page, total)
    by_id = alerts.many(connection, found)
    return [by_id[id_] for id_ in found]


def count(connection: Connection, wanted: Wanted, reader: Principal) -> int:
    """Returns how many of the wanted alerts somebody sees."""
    if wanted.is_counted and hides_nothing(reader):
        return counts.total(connection, wanted.among)
    return ranges.count(connection, _ranges(connection, wanted, reader))


def standings(
    connection: Connection, alert_ids: Sequence[int], reader: Principal
) -> dict[int, Standing]:
    """Returns where the alerts stand that are there and that somebody sees, by id."""
    query = select(ALERT.c.id, ALERT.c.status, ALERT.c.episode, ALERT.c.called_episode)
    rows = connection.execute(query.where(ALERT.c.id.in_(alert_ids), reach.seen(reader)))
    return {row.id: Standing(Status(row.status), row.episode, row.called_episode) for row in rows}


def _ranges(connection: Connection, wanted: Wanted, reader: Principal, last: int = 0) -> Ranges:
    """Returns where the wanted alerts are that somebody sees, given the last that is asked for.

    In too many places to merge, they are looked for along the whole of their states.
    """
    groups = counts.groups(connection, wanted.among)
    states = _keys(groups, ["status"])
    of_alerts = _sight(ALERT.c.id, wanted, reader)
    of_people = _sight(RESPONDER.c.alert_id, wanted, reader)
    if wanted.responders is None:
        merged = _of_alerts(wanted, _keys(groups, _columns(wanted)), of_alerts)
        walked = _of_alerts(wanted, states, [*_rest(ALERT, wanted), *of_alerts])
    else:
        merged = _of_people(wanted, _keys(groups, _columns(wanted)), of_people)
        walked = _of_people(wanted, states, [*_rest(RESPONDER, wanted), *of_people])
        if len(walked.each) > MOST_RANGES:
            rest = [*_rest(ALERT, wanted), _theirs(wanted), *of_alerts]
            walked = _of_alerts(wanted, states, rest)
    most = MOST_RANGES if last <= SHALLOW else MOST_RANGES_DEEP
    return merged if len(merged.each) <= most else walked


def _columns(wanted: Wanted) -> list[str]:
    """Returns what ranges begin with, after the person if they are a person's."""
    if wanted.sources or (wanted.policies and wanted.responders is not None):
        return ["source_id", "policy_id", "status"]
    return ["policy_id", "status"] if wanted.policies else ["status"]


def _keys(groups: Iterable[Group], columns: Sequence[str]) -> Keys:
    keys = {tuple(getattr(group, name) for name in columns) for group in groups}
    return [dict(zip(columns, key, strict=True)) for key in sorted(keys)]


def _of_alerts(wanted: Wanted, keys: Keys, rest: Sequence[ColumnElement[bool]] = ()) -> Ranges:
    times = _times(ALERT, wanted)
    return Ranges(
        alert_id=ALERT.c.id,
        report_time=ALERT.c.report_time,
        each=keys,
        conditions=[*times, *rest],
    )


def _of_people(wanted: Wanted, keys: Keys, rest: Sequence[ColumnElement[bool]] = ()) -> Ranges:
    people = dict.fromkeys(wanted.responders or ())
    return Ranges(
        alert_id=RESPONDER.c.alert_id,
        report_time=RESPONDER.c.report_time,
        each=[{"user_id": person, **key} for person in people for key in keys],
        conditions=[~RESPONDER.c.removed, *_times(RESPONDER, wanted), *rest],
        overlap=len(people) > 1,
    )


def _sight(alert_id: Column[int], wanted: Wanted, reader: Principal) -> list[ColumnElement[bool]]:
    """Returns what is true of alerts of the wanted teams that somebody sees."""
    seen = [] if hides_nothing(reader) else [reach.seen(reader, alert_id)]
    if wanted.teams is None:
        return seen
    theirs = ALERT_TEAM.c.team_id.in_(sorted(wanted.teams))
    return [*seen, exists().where(ALERT_TEAM.c.alert_id == alert_id, theirs)]


def _times(table: Table, wanted: Wanted) -> list[ColumnElement[bool]]:
    time = table.c.report_time
    after = [] if wanted.start is None else [time >= wanted.start]
    return after if wanted.until is None else [*after, time < wanted.until]


def _rest(table: Table, wanted: Wanted) -> list[ColumnElement[bool]]:
    """Returns what to look at along a walk; sums, so that no index but the walk's is taken."""
    asked = {table.c.source_id: wanted.sources, table.c.policy_id: wanted.policies}
    return [(column + 0).in_(values) for column, values in asked.items() if values]


def _theirs(wanted: Wanted) -> ColumnElement[bool]:
    row = select(RESPONDER.c.alert_id).where(
        RESPONDER.c.alert_id == ALERT.c.id,
        RESPONDER.c.user_id.in_(wanted.responders or ()),
        ~RESPONDER.c.removed,
    )
    return row.exists()
