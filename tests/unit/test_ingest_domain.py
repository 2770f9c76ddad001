"""What an event and its source alone decide."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import InvalidRequest
from services.ingest.domain import (
    GROUP_BYTES,
    GROUP_EVENTS,
    EventType,
    Priority,
    check_source,
    groups,
    match_key,
    priority,
    routing_keys,
)
from tocsin.ingest.v1.alert_source_pb2 import AlertSource
from tocsin.ingest.v1.event_pb2 import Event


def test_every_word_has_its_name_on_the_wire() -> None:
    assert {"TYPE_UNSPECIFIED", *EventType.__members__} == set(Event.Type.keys())
    assert {"PRIORITY_UNSPECIFIED", *Priority.__members__} == set(Event.Priority.keys())
    assert {"PRIORITY_RULE_UNSPECIFIED", *Priority.__members__} == set(
        AlertSource.PriorityRule.keys()
    )


@pytest.mark.parametrize(
    ("alert_key", "compared"),
    [("abc", "abc"), ("  Abc ", "abc"), ("STRASSE", "straße".casefold()), ("", ""), (" ", "")],
)
def test_alert_keys_are_compared_trimmed_and_without_case(alert_key: str, compared: str) -> None:
    assert match_key(alert_key) == compared


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", ()),
        ("night", ("night",)),
        (" night , day,,", ("night", "day")),
        (",", ()),
        ("b,a,b", ("b", "a", "b")),
    ],
)
def test_routing_keys_keep_their_order(text: str, keys: tuple[str, ...]) -> None:
    assert routing_keys(text) == keys


@pytest.mark.parametrize(
    ("rule", "said", "found"),
    [
        (Priority.HIGH, None, Priority.HIGH),
        (Priority.HIGH, Priority.HIGH, Priority.HIGH),
        (Priority.HIGH, Priority.LOW, Priority.LOW),
        (Priority.LOW, None, Priority.LOW),
        (Priority.LOW, Priority.HIGH, Priority.LOW),
        (Priority.LOW, Priority.LOW, Priority.LOW),
    ],
)
def test_priority(rule: Priority, said: Priority | None, found: Priority) -> None:
    assert priority(rule, said) is found


@given(st.lists(st.integers(min_value=0, max_value=2 * GROUP_BYTES), max_size=50))
def test_groups_keep_everything_in_order_and_within_bounds(sizes: list[int]) -> None:
    found = list(groups(sizes))

    assert [index for group in found for index in group] == list(range(len(sizes)))
    for group in found:
        assert len(group) == 1 or sum(sizes[index] for index in group) <= GROUP_BYTES


def test_groups_have_500_at_most() -> None:
    assert [len(group) for group in groups([1] * 1001)] == [GROUP_EVENTS, GROUP_EVENTS, 1]


@pytest.mark.parametrize("word", ["API", "CHECK_MK2", "EMAIL2", "X"])
def test_a_source_may_be_of_any_type_that_is_a_word(word: str) -> None:
    check_source("Prometheus", word, 1)


@pytest.mark.parametrize(
    ("name", "type_", "policy_id", "field"),
    [
        ("", "API", 1, "name"),
        ("x" * 256, "API", 1, "name"),
        ("a\x00b", "API", 1, "name"),
        ("a\nb", "API", 1, "name"),
        ("x", "", 1, "integrationType"),
        ("x", "api", 1, "integrationType"),
        ("x", "A B", 1, "integrationType"),
        ("x", "1", 1, "integrationType"),
        ("x", "_", 1, "integrationType"),
        ("x", "É", 1, "integrationType"),
        ("x", "A" * 256, 1, "integrationType"),
        ("x", "API", 0, "escalationPolicy"),
        ("x", "API", -1, "escalationPolicy"),
    ],
)
def test_a_source_must_not_look_like_this(
    name: str, type_: str, policy_id: int, field: str
) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        check_source(name, type_, policy_id)

    assert refusal.value.field == field
