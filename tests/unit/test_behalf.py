"""Somebody on whose behalf a service calls another is there who they are here."""

from contextvars import copy_context
from dataclasses import fields, replace
from datetime import UTC, datetime

from services.chassis.behalf import act_for, told
from services.chassis.principal import Principal, caller

WHOLE = Principal(
    kind="USER",
    id="abcd1234",
    name="Ada",
    user_id=7,
    scopes=frozenset({"config:write", "admin"}),
    teams=frozenset({1, 2}),
    changes=frozenset({2}),
    watches=frozenset({1}),
    hidden=frozenset({3}),
    team=2,
    is_admin=True,
    expires=datetime(2030, 1, 1, tzinfo=UTC),
)


def test_everything_arrives_that_rules_ask_for() -> None:
    empty = Principal(kind="", id="", name="")
    said = [each.name for each in fields(WHOLE)]
    assert all(getattr(WHOLE, name) != getattr(empty, name) for name in said), "say it above, too"

    def call() -> tuple[Principal, Principal]:
        return act_for(told(WHOLE)), caller()

    # When their token ends is asked where they call.
    there = replace(WHOLE, expires=None)
    assert copy_context().run(call) == (there, there)
