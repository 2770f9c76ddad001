"""One world, from its seed to its rest."""

import asyncio
import json
import random
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from services.escalation.store import policies
from tests.simulation import messages, replicas, scene
from tests.simulation.bus import Durable, Streams
from tests.simulation.faults import HEALED, Chances, Faults
from tests.simulation.history import History
from tests.simulation.loop import LIFE, Life, SeededLoop
from tests.simulation.owner import Owner
from tests.simulation.providers import Provider
from tests.simulation.stores import EPOCH, Store, VirtualClock, rows

#: A world that is not at rest after so many calls never will be.
MOST_CALLS = 60_000
ENGINES, NOTIFIERS = 3, 2
#: How long a due timer may wait until somebody looks.
LOOK_AGAIN = 1.0
#: How often somebody looks too early, and by how much at most.
IN_VAIN, VAIN_SECONDS = 0.15, 12.0


class World:
    """Three engines, two notifiers, their databases, the streams between, and the people."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.history = History()
        self._dice = random.Random(seed)
        self._loop = SeededLoop(self._dice)  # type: ignore[abstract] # it has what we use
        chances = Chances.drawn(self._dice)
        self.faults = Faults(self._loop, self._dice, self.history, chances, self._restart)
        self._note("world", seed=seed, chances=chances)
        ahead = self._dice.choice((0.0, 1.5, -1.5))
        self.escalation = self._store("escalation", 0.0)
        self.notification = self._store("notification", ahead)
        self._durables = (
            Durable("alertstate", "escalation", self._loop, self._dice, self.faults),
            Durable("escalation", "notification", self._loop, self._dice, self.faults),
        )
        self._streams = Streams(self._durables)
        clock = VirtualClock(self._loop, -ahead)
        self.owner = Owner(self._loop, clock, self._streams, self.history)
        self._provider = Provider(self._loop, self._dice, self.faults, self.history)
        self._bells: dict[str, list[tuple[Life, asyncio.Event]]] = {
            "escalation": [],
            "notification": [],
        }
        self._told = {"escalation": 0, "notification": 0}  # the last outbox row that has left
        self._claimed = 0  # the last attempt that was noted
        self._rings: dict[str, float] = {}
        self._later = scene.later(self._dice)

    def run(self) -> History:
        """Runs to the end, and notes what is in the databases then."""
        state = random.getstate()
        random.seed(self.seed)
        try:
            with self._loop, scene.preferring(self._later):
                self._begin()
                rests = self._loop.run(MOST_CALLS)
                self._end(rests=rests)
        finally:
            random.setstate(state)
        return self.history

    def _store(self, service: str, ahead: float) -> Store:
        return Store(service, VirtualClock(self._loop, ahead), self.faults, self._committed)

    def _begin(self) -> None:
        drawn = [scene.policy(id_, self._dice) for id_ in scene.POLICIES]
        with self.escalation.connection.begin():
            scene.people(self.escalation.connection)
            scene.add_policies(self.escalation.connection, drawn)
        with self.notification.connection.begin():
            scene.ways(self.notification.connection, self._dice)
        for policy in drawn:
            self._note("policy", **messages.policy(policy))
        for row in rows(self.notification, "contact"):
            target = row["target"]
            wait = self._later.get(target, 0.0)
            self._note(
                "contact", user=row["user_id"], method=row["method"], target=target, later=wait
            )
        for number in range(ENGINES):
            self._start("escalation", number)
        for number in range(NOTIFIERS):
            self._start("notification", number)
        script = scene.Script(
            self._dice, self.owner, self._loop.later, self._lie_in_wait, self._due_of, self._edit
        )
        script.write()
        self._plan_incidents()
        self._loop.later(HEALED, self.faults.heal)

    def _plan_incidents(self) -> None:
        """Draws what happens once: an outage, a spoilt row, a lost place, a turned clock."""
        for act, chance in (
            (self._outage, 0.25),
            (self._spoil, 0.3),
            (self._lose_place, 0.15),
            (self._turn_clock, 0.15),
        ):
            if self._dice.random() < chance:
                self._loop.later(HEALED * 0.5 * self._dice.random(), act)

    def _start(self, service: str, number: int) -> None:
        life = Life(f"{service}-{number}", skew=self._dice.uniform(-5, 5))
        bell = asyncio.Event()
        bell.set()
        kept = [(other, rung) for other, rung in self._bells[service] if not other.dead]
        self._bells[service] = [*kept, (life, bell)]
        if service == "escalation":
            replicas.start_engine(self._process(life, bell, self.escalation))
        else:
            process = self._process(life, bell, self.notification)
            replicas.start_notifier(process, self.owner, self._provider)

    def _process(self, life: Life, bell: asyncio.Event, store: Store) -> replicas.Process:
        (place,) = (durable for durable in self._durables if durable.reader == store.service)
        return replicas.Process(self._loop, self.faults, life, store, place, bell)

    def _restart(self, life: Life, seconds: float) -> None:
        service, _, number = life.name.partition("-")
        self._loop.later(seconds, self._start, service, int(number))

    # What happens once.

    def _outage(self) -> None:
        """Kills all engines, for long."""
        seconds = self._dice.choice((60.0, 300.0, 600.0))
        self._note("outage", seconds=seconds)
        for life, _ in self._bells["escalation"]:
            if not life.dead:
                self._loop.end(life)
                self._restart(life, seconds)

    def _edit(self, policy_id: int) -> None:
        """Changes a policy, which runs that have begun don't heed."""
        edited = scene.policy(policy_id, self._dice)
        self.escalation.commit(partial(policies.save, policy=edited))
        self._note("policy", **messages.policy(edited))

    def _spoil(self) -> None:
        """Makes the runs unreadable for a while, so that whatever is done to them fails."""
        self._note("spoilt")
        self.escalation.raw.execute("UPDATE escalation SET plan = json_set(plan, '$.x', plan)")
        self.escalation.raw.execute("UPDATE escalation SET plan = json_remove(plan, '$.levels')")
        self._loop.later(40.0 * self._dice.random(), self._mend)

    def _mend(self) -> None:
        self._note("mended")
        self.escalation.raw.execute(
            "UPDATE escalation SET plan = json_extract(plan, '$.x') WHERE json_type(plan, '$.x')"
            " IS NOT NULL"
        )

    def _lose_place(self) -> None:
        """Lets a reader begin anew with an inbox that forgot: only what is natural protects."""
        store = self._dice.choice((self.escalation, self.notification))
        self._note("place lost", reader=store.service)
        store.raw.execute("DELETE FROM inbox")
        for durable in self._durables:
            if durable.reader == store.service:
                durable.repeat_everything()

    def _turn_clock(self) -> None:
        """Turns the clock of escalation's database."""
        by = self._dice.choice((-20.0, -2.0, 2.0, 20.0))
        self._note("clock turned", by=by)
        self.escalation.clock.ahead += by
        self._ring_when_due(self.escalation)

    # What follows from a commit.

    def _committed(self, store: Store) -> None:
        """Notes and sends what a transaction said, each message after what it answers."""
        for type_, payload, newest in store.connection.info["heard"]:
            self._note("heard", by=store.service, **messages.told(type_, payload))
            self._send(store, newest)
        self._send(store, store.newest_said())
        if store is self.notification:
            self._note_claims()
        self._ring_when_due(store)

    def _send(self, store: Store, newest: int) -> None:
        clock = (store.clock.told() - EPOCH).total_seconds()
        found = store.raw.execute(
            "SELECT msg_id, type, payload FROM outbox WHERE id > ? AND id <= ? ORDER BY id",
            (self._told[store.service], newest),
        ).fetchall()
        for msg_id, type_, payload in found:
            told = messages.told(type_, payload)
            self._note("said", by=store.service, clock=clock, **told)
            self._streams.publish(store.service, msg_id, type_, payload)
        self._told[store.service] = newest

    def _note_claims(self) -> None:
        found = self.notification.raw.execute(
            "SELECT attempt.rowid, id, number, kind, escalation_key FROM attempt"
            " JOIN notification ON id = notification_id WHERE attempt.rowid > ? ORDER BY 1",
            (self._claimed,),
        ).fetchall()
        for rowid, id_, number, kind, run in found:
            self._claimed = rowid
            self._note("claimed", id=id_, attempt=number, kind=kind, run=run)

    def _ring_when_due(self, store: Store) -> None:
        """Lets some replicas look at the timers when the next is due, or soon after."""
        due = store.next_due()
        if due is None:
            return
        left = (due - store.clock.told()).total_seconds()
        if self._dice.random() < IN_VAIN:
            left -= VAIN_SECONDS * self._dice.random()
        at = self._loop.time() + max(0.0, left) + LOOK_AGAIN * self._dice.random()
        if self._loop.time() < self._rings.get(store.service, -1.0) <= at:
            return  # somebody looks before
        self._rings[store.service] = at
        self._loop.later(at - self._loop.time(), self._ring, store, at)

    def _ring(self, store: Store, at: float) -> None:
        if self._rings.get(store.service) != at:
            return
        del self._rings[store.service]
        living = [bell for life, bell in self._bells[store.service] if not life.dead]
        for bell in self._dice.sample(living, min(len(living), self._dice.choice((1, 1, 1, 3)))):
            bell.set()
        self._ring_when_due(store)

    # What the script asks.

    def _lie_in_wait(self, after: float, place: str, act: Any) -> None:
        self.faults.ambushes.append((after, place, act))

    def _due_of(self, alert_id: int) -> float | None:
        """Returns in how many seconds the next step of an alert is due."""
        found = self.escalation.raw.execute(
            "SELECT min(due) FROM escalation WHERE subject_id = ?", (str(alert_id),)
        ).fetchone()
        if found[0] is None:
            return None
        due = datetime.fromisoformat(found[0]).replace(tzinfo=UTC)
        return (due - self.escalation.clock.told()).total_seconds()

    def _end(self, *, rests: bool) -> None:
        failure = self._loop.failure
        if failure is not None:
            self._note("fell over", why="".join(traceback.format_exception(failure)))
        elif not rests:
            self._note("restless")
        for store, tables in _LEFT.items():
            for table in tables:
                for row in rows(getattr(self, store), table):
                    self._note(f"left {table}", **_readable(row))

    def _note(self, what: str, /, **told: Any) -> None:
        life = LIFE.get()
        self.history.add(self._loop.time(), life.name if life else "-", what, told)


#: What of the databases the checker sees in the end.
_LEFT: Mapping[str, tuple[str, ...]] = {
    "escalation": ("escalation", "timer", "dead_letter"),
    "notification": ("notification", "bundle", "timer", "dead_letter", "tombstone"),
}


def _readable(row: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a row without what differs from run to run, JSON read."""
    return {
        name: json.loads(value) if name in ("plan", "subject", "paged") else value
        for name, value in row.items()
        if name not in ("payload", "traceparent")
    }
