"""A follow-the-sun schedule over three zones, on the last Sunday of October, as it is drawn."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from services.cli.client.timeline import Timeline
from tests.contract.simulation_house import Known, Theatre, theatre
from tocsin.escalation.v1.policy_pb2 import EscalationRule, WebhookReference
from tocsin.escalation.v1.schedule_pb2 import Restriction, Schedule, ScheduleLayer
from tocsin.escalation.v1.simulation_pb2 import Simulation
from tocsin.escalation.v1.user_pb2 import User
from tocsin.notification.v1.contact_pb2 import Contact

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
#: Three sites that hand over to one another: each has its own zone and office hours.
SITES = (
    ("Tokyo", "Asia/Tokyo", "09:00", "17:00", ("Aiko", "Ren")),
    ("Berlin", "Europe/Berlin", "09:00", "17:00", ("Ada", "Bob")),
    ("New York", "America/New_York", "09:00", "20:00", ("Eve", "Joe")),
)
MAIL = Contact(method="EMAIL", target="mail@example.com")
HOOK = Contact(method="WEBHOOK", target="https://example.com/page")
#: Half past two in Berlin, where half past two comes again an hour later.
NIGHT = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
DRAWN = """\
Follow the sun, HIGH, from Sun 2026-10-25 02:30 CEST

          Sun 2026-10-25
       +0 02:30 CEST    ┬ begins
       +0 02:30 CEST    ● level 1, waits 45m
                        │   Aiko L  on call in Tokyo until Sun 2026-10-25 09:00 CET (Sun 17:00 JST)\
  → EMAIL mail@example.com, WEBHOOK https://example.com/page
     +45m 02:15 CET     ○ level 2 is passed over
                        │   nobody is on call in Berlin until Sun 2026-10-25 09:00 CET
     +45m 02:15 CET     ● level 3, waits 5h
                        │   Lead L  named  → nothing: no contact
   +5h45m 07:15 CET     ● level 1, round 2, waits 45m
                        │   Aiko L  on call in Tokyo until Sun 2026-10-25 09:00 CET (Sun 17:00 JST)\
  → EMAIL mail@example.com, WEBHOOK https://example.com/page
   +6h30m 08:00 CET     ○ level 2, round 2 is passed over
                        │   nobody is on call in Berlin until Sun 2026-10-25 09:00 CET
   +6h30m 08:00 CET     ● level 3, round 2, waits 5h
                        │   Lead L  named  → nothing: no contact
  +11h30m 13:00 CET     ● level 1, round 3, waits 45m
                        │   Ada L  on call in Berlin until Sun 2026-10-25 17:00 CET\
  → EMAIL mail@example.com
  +12h15m 13:45 CET     ● level 2, round 3, waits 15m
                        │   Ada L  on call in Berlin until Sun 2026-10-25 17:00 CET\
  → EMAIL mail@example.com
  +12h30m 14:00 CET     ● level 3, round 3, waits 5h
                        │   Lead L  named  → nothing: no contact
  +17h30m 19:00 CET     ✕ is exhausted: nobody is left to page
"""


def hours(start: str, end: str) -> list[Restriction]:
    found = []
    for day in DAYS:
        told = Restriction(to=Restriction.Moment(day_of_week=day, time=end))
        begins = getattr(told, "from")
        begins.day_of_week, begins.time = day, start
        found.append(told)
    return found


async def site(
    stage: Theatre, name: str, zone: str, start: str, end: str, *people: int
) -> Schedule:
    layer = ScheduleLayer(
        name=name,
        starts_on="2026-10-05T09:00",
        users=[User(id=id_) for id_ in people],
        rotation="P1W",
        restriction_type="TIMES_OF_WEEK",
        restrictions=hours(start, end),
    )
    told = Schedule(name=name, timezone=zone, type="RECURRING", schedule_layers=[layer])
    return Schedule(id=await stage.schedule(told))


async def follow_the_sun(stage: Theatre) -> int:
    """Makes the three schedules, and a policy whose first level is whoever is at work."""
    sites = []
    for name, zone, start, end, people in SITES:
        ids = [await stage.house.person(person) for person in people]
        sites.append(await site(stage, name, zone, start, end, *ids))
    lead = User(id=await stage.house.person("Lead"))
    return await stage.policy(
        EscalationRule(escalation_timeout=45, schedules=sites),
        EscalationRule(escalation_timeout=15, schedules=sites[1:2]),
        EscalationRule(escalation_timeout=300, users=[lead]),
        name="Follow the sun",
        repeating=True,
        frequency=2,
    )


def drawn(simulation: Simulation, *, utf8: bool = True) -> Sequence[str]:
    return [line.plain.rstrip() for line in Timeline(simulation, BERLIN, utf8=utf8).lines()]


async def test_follow_the_sun_over_the_last_sunday_of_october(tmp_path: Path) -> None:
    async with theatre(tmp_path) as stage:
        policy_id = await follow_the_sun(stage)
        stage.ways = Known("https://tocsin.example.com", u1=[MAIL, HOOK], u3=[MAIL], u7=[])
        simulation = await stage.simulated(escalation_policy_id=policy_id, at=NIGHT)

    assert drawn(simulation) == DRAWN.splitlines()
    plain = drawn(simulation, utf8=False)
    assert all(line.isascii() for line in plain)
    assert len(plain) == len(drawn(simulation))


async def test_who_accepts_is_drawn(tmp_path: Path) -> None:
    async with theatre(tmp_path) as stage:
        policy_id = await follow_the_sun(stage)
        simulation = await stage.simulated(
            escalation_policy_id=policy_id, at=NIGHT, accept_after_seconds=90, accepted_by=1
        )

    assert drawn(simulation)[-5:] == [
        "                        │   Aiko L  on call in Tokyo"
        " until Sun 2026-10-25 09:00 CET (Sun 17:00 JST)",
        "   +1m30s 02:31:30 CEST ✓ is accepted",
        "                        │   Aiko L",
        "",
        "Notification did not say through what people are told.",
    ]


def test_what_goes_on_is_drawn_as_going_on() -> None:
    simulation = Simulation(start_time=NIGHT, state="RUNNING", priority="LOW")
    assert drawn(simulation) == [
        "policy 0, LOW, from Sun 2026-10-25 02:30 CEST",
        "",
        "                        ··· and so on",
    ]


def test_webhooks_are_drawn_by_name() -> None:
    simulation = Simulation(start_time=NIGHT, state="EXHAUSTED", priority="HIGH")
    named, hidden = WebhookReference(id=7, name="bot"), WebhookReference(id=8)
    simulation.steps.add(time=NIGHT, kind="PAGED", level=1, webhooks=[named, hidden])
    assert drawn(simulation)[-2:] == [
        "                        │   webhook bot",
        "                        │   webhook 8",
    ]
