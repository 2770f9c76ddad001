"""Whatever others write: every form of a message keeps its limits, and none fails."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notification.domain.values import Kind, Link, Page
from services.notification.messages import compose
from services.notification.messages.fitting import fitted, shortened
from services.notification.messages.sms import MOST_SEGMENTS, plain, segments
from services.notification.messages.voice import MOST_CHARACTERS
from tests.parts.pages import LINK, NOW, a_page, bundle

ANYTHING = st.text(st.characters(codec=None), max_size=40)
#: What counts twice somewhere, ends lines, or costs much.
COSTLY = st.sampled_from(["ä", "🔥", "€", "x ", "[", "\n", "—"])
LONG = st.one_of(
    ANYTHING,
    st.builds(lambda text, times: text * times, ANYTHING, st.integers(1, 300)),
    st.builds(lambda text, times: text * times, COSTLY, st.integers(1, 6000)),
)
LINKS = st.lists(st.builds(Link, ANYTHING, ANYTHING), max_size=3)
LONG_LINK = st.builds(
    lambda times, text: Link(f"https://example.com/{'x' * times}", text),
    st.integers(0, 2000),
    LONG,
)
MOMENT = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 # hypothesis adds the zone
STEPS = st.one_of(
    st.none(), st.timedeltas(timedelta(days=-2), timedelta(days=400)).map(lambda step: NOW + step)
)


@st.composite
def any_pages(draw: st.DrawFn) -> Page:
    intent: dict[str, Any] = {
        "title": draw(LONG),
        "details": draw(LONG),
        "subject_kind": draw(st.sampled_from(["alert", "test"]) | ANYTHING),
        "subject_id": draw(ANYTHING),
        "level": draw(st.integers(1, 5)),
        "level_count": draw(st.integers(0, 5)),
        "priority": draw(st.sampled_from(["HIGH", "LOW"])),
        "next_step_time": draw(STEPS),
        "links": (*draw(LINKS), draw(LONG_LINK)),
    }
    page = (
        bundle(draw(st.integers(1, 20)), intent=intent)
        if draw(st.booleans())
        else a_page(intent=intent)
    )
    notification = replace(
        page.notification,
        kind=draw(st.sampled_from(Kind)),
        possible_repeat=draw(st.booleans()),
    )
    return replace(
        page,
        notification=notification,
        attempt_time=draw(MOMENT),
        user_name=draw(LONG),
        ended_by=draw(LONG),
        reason=draw(st.sampled_from(["", "accepted", "stopped"])),
        language=draw(st.sampled_from(["en", "de", ""])),
        timezone=draw(st.sampled_from(["Europe/Berlin", "Asia/Tehran", "UTC", "", "x"])),
        others=tuple(draw(st.lists(LONG, max_size=8))),
        link=draw(st.sampled_from(["", LINK]) | ANYTHING),
    )


@given(any_pages(), st.text("AK7", max_size=6))
def test_every_form_keeps_its_limits(page: Page, code: str) -> None:
    said = compose(page)
    assert 0 < len(said.headline) <= 200
    assert 0 < len(said.push.title) <= 100
    assert len(said.push.body.encode()) <= 1000
    assert len(said.chat.plain.encode("utf-16-le")) <= 6000
    assert 0 < len(said.voice) <= MOST_CHARACTERS
    assert segments(said.sms(code)) <= MOST_SEGMENTS
    assert len(said.text) < 4000 + 30_000
    assert len(said.html.encode()) < 1_000_000
    for line in (said.headline, said.push.title, *said.lines, *said.chat.lines):
        assert "\n" not in line
        assert "\r" not in line
    for text in (said.text, said.html, said.voice, said.sms(code), said.chat.plain, said.push.body):
        assert not set(text) & set("\x00\x07\x1b\x85\u2028\u202e\u2066\ud800")
    assert "://" not in said.voice
    assert "<script" not in said.html.lower()


@given(any_pages())
def test_a_link_is_told_whole_or_not_at_all(page: Page) -> None:
    said = compose(replace(page, link=LINK))
    wanted = bool(page.is_page)
    assert said.sms("K7").endswith(LINK) == wanted
    assert said.chat.plain.endswith(LINK) == wanted


@given(LONG)
def test_a_mark_outlives_any_title(title: str) -> None:
    page = a_page(intent={"title": title}, notification={"possible_repeat": True})
    said = compose(page)
    assert said.headline.endswith(" (possible repeat)")
    assert said.push.title.endswith(" (possible repeat)")
    assert said.sms().splitlines()[0].endswith(" (possible repeat)")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" + "€" * 79 + "aa", 2),  # 161
        ("€" * 152, 2),  # 76 in each: the half of one is never in another
        ("€" * 153, 3),
        ("ä" * 160, 1),
        ("á" * 70, 1),
        ("á" * 71, 2),
        ("á" * 134, 2),
        ("á" * 135, 3),
        ("🔥" * 35, 1),
        ("🔥" * 36, 2),
        ("🔥" * 66, 2),  # 33 in each
        ("🔥" * 67, 3),
        ("a" * 159 + "\n", 1),
        ("a" * 69 + "“", 1),
        ("a" * 70 + "“", 2),
    ],
)
def test_segments(text: str, count: int) -> None:
    assert segments(text) == count


def test_signs_of_print_do_not_cost_the_alphabet() -> None:
    title = "„Größe“ — it’s 97 %… `df` → full"  # noqa: RUF001 # what is printed
    said = compose(a_page(intent={"title": title + " x" * 50})).sms()
    assert said.startswith("\"Größe\" - it's 97 %... 'df' -> full x x")
    assert segments(said) == 2
    assert plain("a\u00a0b") == "a b"


@given(ANYTHING, st.integers(0, 50))
def test_a_shortened_text_fits(text: str, most: int) -> None:
    short = shortened(text, most)
    assert len(short) <= most
    assert short == text or short == "" or short.endswith("…")


def test_a_text_is_shortened_before_a_word() -> None:
    assert shortened("the disk is full", 12) == "the disk is…"
    assert shortened("the disk is full", 13) == "the disk is…"
    assert shortened("thedisk isfull", 12) == "thedisk…"
    assert shortened("thediskisfull", 8) == "thedisk…"
    assert shortened("größer", 6, lambda text: len(text.encode())) == "gr…"


def test_what_matters_least_goes_first() -> None:
    def parts(most: int) -> list[str]:
        return list(
            fitted(
                lambda length: "h" * length,
                (9, 2),
                optional=["one", "two"],
                fixed=["r", "link"],
                fits=lambda parts: len("".join(parts)) <= most,
            )
        )

    assert parts(20) == ["h" * 9, "one", "two", "r", "link"]
    assert parts(19) == ["h" * 9, "one", "r", "link"]
    assert parts(14) == ["h" * 9, "r", "link"]
    assert parts(10) == ["h" * 5, "r", "link"]
    assert parts(6) == ["hh", "link"]
    assert parts(2) == ["hh"]
    assert parts(1) == ["hh"]
