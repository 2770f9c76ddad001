"""Which tokens who may make and keep, and how one is rotated."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from services.chassis.errors import Forbidden, InvalidRequest, TocsinError
from services.chassis.principal import SCOPES, Principal
from services.escalation.domain.tokens import ApiToken, checked_scopes, rotated
from services.escalation.domain.users import Role, User
from services.escalation.token_rules import SCOPES_OF, checked, keeps, refuse_rotating
from tests.parts.people import person

NOW = datetime(2030, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
TOKEN = ApiToken(
    id="abcd1234",
    name="ci",
    scopes=("alerts:read",),
    user_id=0,
    secret_sha256=b"1",
    create_time=NOW,
    expire_time=None,
    creator="Ada",
)
OWN = replace(TOKEN, user_id=7)
ADMIN = Principal(kind="USER", id="adm", name="Ada", user_id=1, scopes=frozenset({"admin"}))
BOB = Principal(
    kind="USER", id="bob", name="Bob", user_id=7, scopes=frozenset({"alerts:read", "config:write"})
)
USER = person(7, NOW, name="Bob")


def test_scopes_are_kept_once_and_must_be_known() -> None:
    assert checked_scopes(["a", "b", "a"], ("a", "b")) == ("a", "b")
    for told in ([], ["c"]):
        with pytest.raises(InvalidRequest):
            checked_scopes(told, ("a", "b"))


def test_each_role_may_all_that_the_one_below_may() -> None:
    order = [SCOPES_OF[role] for role in Role]
    assert all(lower <= higher for lower, higher in pairwise(order))
    assert SCOPES_OF[Role.VIEWER] == SCOPES_OF[Role.STAKEHOLDER]
    assert len(set(order)) == len(order) - 1
    assert order[-1] == set(SCOPES)


@pytest.mark.parametrize(
    ("token", "user", "creator", "field"),
    [
        (replace(TOKEN, expire_time=NOW), None, ADMIN, "expiresAt"),
        (replace(OWN, scopes=("admin",)), USER, ADMIN, "scopes"),
        (
            replace(OWN, scopes=("config:write",)),
            replace(USER, role=Role.RESPONDER),
            ADMIN,
            "scopes",
        ),
        (replace(OWN, scopes=("alerts:write",)), USER, BOB, "scopes"),
        (replace(TOKEN, scopes=("admin",)), None, BOB, "scopes"),
        (TOKEN, None, BOB, "user"),
        (replace(OWN, user_id=8), replace(USER, id=8), BOB, "user"),
        (TOKEN, None, replace(BOB, user_id=0), "user"),
        (OWN, USER, replace(BOB, expires=NOW + HOUR), "expiresAt"),
        (
            replace(OWN, expire_time=NOW + 2 * HOUR),
            USER,
            replace(BOB, expires=NOW + HOUR),
            "expiresAt",
        ),
        (TOKEN, None, replace(ADMIN, team=4), "team"),
        (replace(TOKEN, team_id=5), None, replace(ADMIN, team=4), "team"),
    ],
)
def test_which_tokens_are_not_made(
    token: ApiToken, user: User | None, creator: Principal, field: str
) -> None:
    with pytest.raises((InvalidRequest, Forbidden)) as refused:
        checked(token, user, creator, NOW)
    assert isinstance(refused.value, TocsinError)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("token", "user", "creator"),
    [
        (replace(TOKEN, scopes=("admin",)), None, ADMIN),
        (OWN, USER, ADMIN),
        (OWN, USER, BOB),
        (replace(OWN, expire_time=NOW + HOUR), USER, replace(BOB, expires=NOW + HOUR)),
        (replace(TOKEN, team_id=4), None, replace(ADMIN, team=4)),
    ],
)
def test_which_tokens_are_made(token: ApiToken, user: User | None, creator: Principal) -> None:
    assert checked(token, user, creator, NOW) == token


def test_who_keeps_a_token() -> None:
    assert keeps(ADMIN, TOKEN)
    assert keeps(BOB, OWN)
    assert not keeps(BOB, TOKEN)
    assert keeps(replace(BOB, id=TOKEN.id), TOKEN)  # its own
    assert not keeps(replace(BOB, user_id=0), TOKEN)  # two that act for nobody are not one
    assert not keeps(replace(ADMIN, team=4), TOKEN)
    assert keeps(replace(ADMIN, team=4), replace(TOKEN, team_id=4))


@pytest.mark.parametrize(
    ("keeper", "token"),
    [
        (BOB, replace(OWN, scopes=("admin",))),
        (BOB, replace(OWN, scopes=("alerts:read", "ingest"))),
        (replace(BOB, expires=NOW + HOUR), OWN),
    ],
)
def test_nobody_comes_to_more_by_rotating(keeper: Principal, token: ApiToken) -> None:
    assert keeps(keeper, token)
    with pytest.raises(Forbidden):
        refuse_rotating(keeper, token)


@pytest.mark.parametrize(
    ("keeper", "token"),
    [
        (BOB, OWN),
        (ADMIN, TOKEN),
        (replace(BOB, id=TOKEN.id, scopes=frozenset()), TOKEN),  # its own
        (replace(BOB, expires=NOW + HOUR), replace(OWN, expire_time=NOW + HOUR)),
    ],
)
def test_what_is_held_may_be_rotated(keeper: Principal, token: ApiToken) -> None:
    refuse_rotating(keeper, token)


def test_a_rotated_token_keeps_its_secret_for_the_overlap() -> None:
    usual = rotated(TOKEN, b"2", None, NOW)
    assert (usual.secret_sha256, usual.previous_sha256, usual.previous_until) == (
        b"2",
        b"1",
        NOW + HOUR,
    )
    at_once = rotated(usual, b"3", 0, NOW)
    assert (at_once.secret_sha256, at_once.previous_sha256, at_once.previous_until) == (
        b"3",
        None,
        None,
    )
    for seconds in (-1, 7 * 24 * 3600 + 1):
        with pytest.raises(InvalidRequest):
            rotated(TOKEN, b"2", seconds, NOW)
