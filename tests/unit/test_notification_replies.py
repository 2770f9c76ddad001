"""What people write back is understood, or nothing happens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notification.domain.answers import Verb
from services.notification.domain.replies import (
    LARGEST_ID,
    MOST_CODES,
    UNCLEAR,
    Reply,
    Wish,
    code,
    id_of,
    parse,
)


def answer(verb: Verb, *ids: int) -> Reply:
    return Reply(Wish.ANSWER, verb, ids)


@pytest.mark.parametrize(
    "text",
    [
        *("1", " 1 ", "1.", "1!", "①", "1️⃣", "(1)"),
        *("ok", "OK", "Ok!", "o k".replace(" ", ""), "k", "K.", "okay", "Okay, thanks"),
        *("accept", "ACCEPT", "Accepted.", "ack", "acknowledge", "yes", "Yes, I take it"),
        *("I'm on it, ok", "I\u2019ll take it", "got it", "mine"),
        *("ja", "Ja!", "JA, ICH ÜBERNEHME", "annehmen", "Angenommen", "nehme ich an bitte"),
        *("übernehme", "u\u0308bernehme", "uebernehme ich", "bestätigt"),
        *("👍", "👍🏽", "👍👍", "✅", "✔️", "ok 👍", "🙋‍♀️".replace("\u200d♀️", "")),
        *("\n1\n", "\t1\r\n", "\u00a01\u00a0", "\u200b1\u200b"),
    ],
)
def test_a_page_is_accepted(text: str) -> None:
    assert parse(text) == answer(Verb.ACCEPT)


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("4", Verb.RESOLVE),
        ("Resolved", Verb.RESOLVE),
        ("done, thanks", Verb.RESOLVE),
        ("fixed!", Verb.RESOLVE),
        ("erledigt", Verb.RESOLVE),
        ("ist gelöst", Verb.RESOLVE),
        ("behoben", Verb.RESOLVE),
        ("6", Verb.ESCALATE),
        ("escalate please", Verb.ESCALATE),
        ("next", Verb.ESCALATE),
        ("bitte weiterleiten", Verb.ESCALATE),
        ("Eskalieren", Verb.ESCALATE),
    ],
)
def test_a_page_is_resolved_or_escalated(text: str, verb: Verb) -> None:
    assert parse(text) == answer(verb)


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("1 2b", answer(Verb.ACCEPT, 36)),
        ("1 2B", answer(Verb.ACCEPT, 36)),
        ("12b", answer(Verb.ACCEPT, 36)),
        ("1  2b .", answer(Verb.ACCEPT, 36)),
        ("2b", answer(Verb.ACCEPT, 36)),
        ("2b ok", answer(Verb.ACCEPT, 36)),
        ("ok 2b 2c", answer(Verb.ACCEPT, 36, 42)),
        ("1 2b, 1 2c", answer(Verb.ACCEPT, 36, 42)),
        ("12b 12c", answer(Verb.ACCEPT, 36, 42)),
        ("4 2b", answer(Verb.RESOLVE, 36)),
        ("42b", answer(Verb.RESOLVE, 36)),
        ("62b", answer(Verb.ESCALATE, 36)),
        ("erledigt 2b", answer(Verb.RESOLVE, 36)),
    ],
)
def test_a_code_names_the_page(text: str, reply: Reply) -> None:
    assert parse(text) == reply


@pytest.mark.parametrize("text", ["STOP", "stop", " Stop. ", "unsubscribe", "Abmelden", "quit"])
def test_a_number_leaves(text: str) -> None:
    assert parse(text) == Reply(Wish.STOP)


@pytest.mark.parametrize("text", ["START", "unstop", "Anmelden"])
def test_a_number_comes_back(text: str) -> None:
    assert parse(text) == Reply(Wish.START)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "?", "...", "🤔", "👎", "👎 1", "ok?", "1?"),
        *("no", "nein", "not ok", "nicht ok", "I can't accept", "ok, who is on it?"),
        *("1 4", "accept resolve", "ok 4", "11", "14", "2", "10", "1 2", "12", "1 7"),
        *("please stop", "stop 2b", "do not stop", "start now"),
        *("ok\n-- \nSent from my phone", "I am out of office until Monday", "2 b", "1_2b"),
        "ok " + " ".join(code(number) for number in range(MOST_CODES + 1)),
    ],
)
def test_what_is_not_clear_is_no_answer(text: str) -> None:
    assert parse(text) == UNCLEAR


@given(st.integers(min_value=0, max_value=LARGEST_ID))
def test_a_code_means_one_page_in_any_case(number: int) -> None:
    assert id_of(code(number)) == number
    assert parse(f"1 {code(number).upper()}") == answer(Verb.ACCEPT, number)
    assert parse(f"4{code(number)}") == answer(Verb.RESOLVE, number)


def test_codes_are_short_and_no_words() -> None:
    assert [len(code(number)) for number in (1, 155, 156, 4055, 4056, 105_455)] == [
        2,
        2,
        3,
        3,
        4,
        4,
    ]
    assert all(parse(code(number)).ids == (number,) for number in range(5000))


@given(st.text(max_size=60))
def test_whatever_somebody_writes_is_read(text: str) -> None:
    assert parse(text).wish in Wish
