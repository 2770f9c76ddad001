"""Which hand-overs a change of the clocks makes odd."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.calendar.changes import OddHandover, Reason, odd_handovers
from services.calendar.restrictions import TIMES_OF_DAY, Restriction, WeekTime
from services.calendar.schedules import Kind, Layer, Schedule

ADA, BOB, EVE = 1, 2, 3
DAILY = Layer(name="", starts_on="2026-01-05T02:30", users=(ADA, BOB), rotation="P1D")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def odd(*layers: Layer, zone: str = "Europe/Berlin", year: int = 2026) -> list[OddHandover]:
    schedule = Schedule(id=1, name="", timezone=zone, kind=Kind.RECURRING, layers=layers)
    return odd_handovers(schedule, at(f"{year}-01-01"), at(f"{year + 1}-01-01"))


def test_a_year_has_one_that_is_skipped_and_one_that_is_repeated() -> None:
    skipped, repeated = odd(DAILY)

    assert skipped == OddHandover(
        at=at("2026-03-29T01:00"),
        until=at("2026-03-29T01:00"),
        wall=wall("2026-03-29T02:30"),
        zone="Europe/Berlin",
        reason=Reason.SKIPPED,
        layer=0,
        leaving=(ADA,),
        coming=(BOB,),
    )
    assert repeated == OddHandover(
        at=at("2026-10-25T00:30"),
        until=at("2026-10-25T01:30"),
        wall=wall("2026-10-25T02:30"),
        zone="Europe/Berlin",
        reason=Reason.REPEATED,
        layer=0,
        leaving=(ADA,),
        coming=(BOB,),
    )


def test_other_times_and_zones_without_changes_have_none() -> None:
    assert odd(replace(DAILY, starts_on="2026-01-05T09:00")) == []
    assert odd(DAILY, zone="Asia/Kathmandu") == []
    assert odd(replace(DAILY, users=(ADA,))) == []


def test_what_a_higher_layer_covers_is_not_told() -> None:
    over = replace(DAILY, starts_on="2026-09-01T09:00", users=(EVE,))

    assert [(each.reason, each.layer) for each in odd(DAILY, over)] == [(Reason.SKIPPED, 0)]
    assert [each.layer for each in odd(over, DAILY)] == [1, 1]


def test_times_of_the_day_that_end_in_an_odd_hour_are_told() -> None:
    night = Restriction(WeekTime("", "20:00"), WeekTime("", "02:15"))
    layer = replace(
        DAILY,
        starts_on="2026-01-05T12:00",
        restriction_type=TIMES_OF_DAY,
        restrictions=(night,),
    )

    assert [(each.wall, each.leaving, each.coming) for each in odd(layer)] == [
        (wall("2026-03-29T02:15"), (ADA,), ()),
        (wall("2026-10-25T02:15"), (ADA,), ()),
    ]


def test_turns_of_an_hour_change_oddly_more_than_once() -> None:
    hourly = replace(DAILY, starts_on="2026-01-05T00:00", rotation="PT1H")

    found = odd(hourly, zone="Antarctica/Troll")

    assert [(each.reason, f"{each.wall:%m-%dT%H}") for each in found] == [
        (Reason.SKIPPED, "03-29T01"),
        (Reason.SKIPPED, "03-29T02"),
        (Reason.REPEATED, "10-25T01"),
        (Reason.REPEATED, "10-25T02"),
    ]
    assert {each.until - each.at for each in found[2:]} == {timedelta(hours=2)}


def test_a_day_that_is_left_out() -> None:
    layer = replace(DAILY, starts_on="2011-12-01T09:00")

    (found,) = odd(layer, zone="Pacific/Apia", year=2011)

    assert (found.wall, found.at) == (wall("2011-12-30T09:00"), at("2011-12-30T10:00"))
