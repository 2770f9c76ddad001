"""ULIDs that are made of our own numbers."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis import ulids

NUMBERS = st.integers(0, 2**32 - 1)
KINDS = st.sampled_from([ulids.SOURCE, ulids.ALERT])


@given(KINDS, NUMBERS)
def test_a_ulid_looks_like_one_and_leads_back(kind: str, number: int) -> None:
    text = ulids.ulid(kind, number)

    assert re.fullmatch("[0-7][0-9A-HJKMNP-TV-Z]{25}", text)
    assert ulids.number(kind, text) == number
    assert ulids.number(kind, text.lower()) == number


@given(KINDS, NUMBERS, NUMBERS)
def test_different_things_have_different_ulids(kind: str, one: int, other: int) -> None:
    assert (ulids.ulid(kind, one) == ulids.ulid(kind, other)) == (one == other)
    assert ulids.number(ulids.ALERT, ulids.ulid(ulids.SOURCE, one)) is None


def test_a_ulid_never_changes() -> None:
    assert ulids.ulid(ulids.SOURCE, 7) == "01JGFJJZ00YEW8A8JR1C000007"


@given(NUMBERS, st.integers(0, 25), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_a_mistyped_ulid_is_none(number: int, place: int, letter: str) -> None:
    text = ulids.ulid(ulids.SOURCE, number)
    mistyped = text[:place] + letter + text[place + 1 :]

    assert (ulids.number(ulids.SOURCE, mistyped) is None) == (mistyped != text)


@given(st.text())
def test_any_other_text_is_no_ulid(text: str) -> None:
    assert ulids.number(ulids.SOURCE, text) is None


@pytest.mark.parametrize("text", ["", "7", "01GW2G3V0S59R238FAHPDS1R66", "Z" * 26, "\u017f" * 26])
def test_a_ulid_of_somebody_else_is_none(text: str) -> None:
    assert ulids.number(ulids.SOURCE, text) is None
