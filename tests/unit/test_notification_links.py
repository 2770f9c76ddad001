"""Links that let their bearer answer one message, for a while."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import NotFound
from services.chassis.sealing import Sealer
from services.chassis.tokens import ALPHABET
from services.notification.domain.values import Kind, Notification, State
from services.notification.links import LENGTH, LIFETIME, Links, answer_url

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
OLD, NEW = b"o" * 32, b"n" * 32
PAGE = Notification(
    id=12,
    key="alert:7:1:0:1:1:3",
    kind=Kind.PAGE,
    escalation_key="alert:7:1",
    cycle=0,
    level=1,
    user_id=1,
    method="SMS",
    target="+49 30 1234567",
    headline="disk full",
    subject_kind="alert",
    subject_id="7",
    state=State.SENDING,
    at=NOW,
    expires_at=NOW + timedelta(hours=4),
)
LINKS = Links(Sealer({"k1": OLD}), "https://tocsin.example.com/")


def refused(token: str, links: Links = LINKS, at: datetime = NOW) -> str:
    with pytest.raises(NotFound) as refusal:
        links.opened(token, at)
    return refusal.value.code


@given(st.integers(1, 2**32 - 1))
def test_a_token_is_of_its_message_and_short(id_: int) -> None:
    page = replace(PAGE, id=id_)

    token = LINKS.token(page)

    assert LINKS.opened(token, NOW) == id_
    assert LINKS.fits(token, page, NOW)
    assert len(token) == LENGTH <= 32
    assert token.isascii()
    assert token.isalnum()


def test_every_attempt_has_the_same_link() -> None:
    again = replace(PAGE, attempt=2, at=NOW + timedelta(hours=1), possible_repeat=True)

    assert LINKS.url(again) == LINKS.url(PAGE)
    assert LINKS.url(PAGE) == f"https://tocsin.example.com/m/{LINKS.token(PAGE)}"
    expected = f"https://tocsin.example.com/api/answers/{LINKS.token(PAGE)}"
    assert answer_url(LINKS.url(PAGE)) == expected
    assert answer_url("") == ""


def test_nobody_answers_a_stand_down_or_for_a_webhook() -> None:
    assert LINKS.url(replace(PAGE, kind=Kind.STAND_DOWN)) == ""
    assert LINKS.url(replace(PAGE, user_id=0, webhook_id=3)) == ""


def test_a_changed_letter_is_noticed_wherever_it_is() -> None:
    token = LINKS.token(PAGE)

    for place in range(LENGTH):
        for letter in ALPHABET[::7]:
            if letter != token[place]:
                assert refused(token[:place] + letter + token[place + 1 :]) == "LINK_UNKNOWN"


@pytest.mark.parametrize(
    "token", ["", "x", "0" * LENGTH, "Z" * LENGTH, "é" * LENGTH, "-" * LENGTH, "0" * 10_000]
)
def test_what_is_no_token_is_refused(token: str) -> None:
    assert refused(token) == "LINK_UNKNOWN"


@given(st.text(alphabet=ALPHABET, min_size=LENGTH, max_size=LENGTH))
def test_what_somebody_thinks_up_is_refused(token: str) -> None:
    assert refused(token) == "LINK_UNKNOWN"


def test_a_token_expires_and_says_so_only_then() -> None:
    token, end = LINKS.token(PAGE), PAGE.expires_at + LIFETIME

    assert LINKS.opened(token, end - timedelta(seconds=1)) == 12
    assert refused(token, at=end + timedelta(hours=1)) == "LINK_EXPIRED"
    forged = token[:-1] + ("0" if token[-1] != "0" else "1")
    assert refused(forged, at=end + timedelta(hours=1)) == "LINK_UNKNOWN"


def test_how_long_a_token_lasts_can_be_said() -> None:
    short = Links(Sealer({"k1": OLD}), "https://t", timedelta(days=1))
    token = short.token(PAGE)

    assert refused(token, short, NOW + timedelta(days=1, hours=6)) == "LINK_EXPIRED"
    assert short.opened(token, NOW + timedelta(days=1)) == 12


def test_a_key_that_is_kept_opens_what_it_signed() -> None:
    rotated = Links(Sealer({"new": NEW, "old": OLD}), "https://t")

    assert rotated.opened(LINKS.token(PAGE), NOW) == 12
    assert rotated.token(PAGE) != LINKS.token(PAGE)
    assert refused(rotated.token(PAGE)) == "LINK_UNKNOWN"


def test_a_token_is_of_its_message_rather_than_of_its_number() -> None:
    restored = replace(PAGE, key="alert:9:1:0:1:2:4", user_id=2)

    assert not LINKS.fits(LINKS.token(PAGE), restored, NOW)


def test_keys_are_good_for_one_purpose() -> None:
    sealer = Sealer({"a": OLD, "b": NEW})

    keys = sealer.derived("one")

    assert len({*keys, *sealer.derived("two"), OLD, NEW}) == 6
    assert keys == sealer.derived("one")
