"""Ids whose first part is enough."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis import short_ids
from services.chassis.short_ids import ALERT, MEMBER, SERVICE

KINDS = st.sampled_from([ALERT, MEMBER, SERVICE])


def test_an_id() -> None:
    assert short_ids.short_id(ALERT, 42) == "0000002a-alert"


@given(KINDS, st.integers(0, 2**31 - 1))
def test_an_id_and_its_first_part_lead_back(kind: str, number: int) -> None:
    id_ = short_ids.short_id(kind, number)

    assert short_ids.number(kind, id_) == number
    assert short_ids.number(kind, id_.upper()) == number
    assert short_ids.number(kind, id_.partition("-")[0]) == number


@given(st.integers(0, 2**31 - 1))
def test_one_of_another_kind_is_none(number: int) -> None:
    assert short_ids.number(ALERT, short_ids.short_id(MEMBER, number)) is None


@pytest.mark.parametrize(
    "text",
    ["", "2a", "0000002a-", "0000002a-alerts", "0000002A alert", "80000000-alert", "\u0660" * 8],
)
def test_what_is_no_id(text: str) -> None:
    assert short_ids.number(ALERT, text) is None


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert short_ids.number(ALERT, text) is None or len(text) >= 8
