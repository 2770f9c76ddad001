"""Who sees a team itself, and whose names are left out of what is shown."""

from dataclasses import replace

import pytest

from services.chassis.principal import ADMIN, INTERNAL, Principal
from services.chassis.teams import hide_unseen, in_every_team, sees_team
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy, EscalationRule
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.user_pb2 import User

OUTSIDER = Principal(kind="USER", id="evetoken", name="Eve", user_id=2, hidden=frozenset({3}))
MEMBER = replace(OUTSIDER, teams=frozenset({3}), hidden=frozenset())
PERSON = replace(OUTSIDER, is_admin=True)
TOKEN = replace(OUTSIDER, scopes=frozenset({ADMIN}))
SERVICE = replace(OUTSIDER, scopes=frozenset({INTERNAL}))


@pytest.mark.parametrize(
    ("who", "private", "seen"),
    [
        (OUTSIDER, False, True),
        (OUTSIDER, True, False),
        (MEMBER, True, True),
        (PERSON, True, True),
        (TOKEN, True, True),
        (SERVICE, True, True),
        (replace(TOKEN, team=3), True, True),
        (replace(TOKEN, team=4), False, False),  # whatever it may do, it does so for its team
        (replace(PERSON, team=4), True, False),
    ],
)
def test_who_sees_a_team(who: Principal, private: bool, seen: bool) -> None:
    assert sees_team(who, 3, private=private) is seen


@pytest.mark.parametrize(
    ("who", "everywhere"),
    [
        (OUTSIDER, False),
        (MEMBER, False),
        (PERSON, True),
        (TOKEN, True),
        (SERVICE, True),
        (replace(PERSON, team=3), False),
        (replace(TOKEN, team=3), False),
    ],
)
def test_who_is_in_every_team(who: Principal, everywhere: bool) -> None:
    assert in_every_team(who) is everywhere


def test_names_of_private_teams_are_left_out_however_deep() -> None:
    secret = Team(id=3, name="Secret", visibility=Team.PRIVATE)
    public = Team(id=4, name="Ops", visibility=Team.PUBLIC)
    whole = EscalationPolicy(
        id=1,
        teams=[secret, public],
        escalation_rules=[EscalationRule(users=[User(id=1)], teams=[secret])],
    )

    def names(who: Principal) -> list[str]:
        shown = EscalationPolicy()
        shown.CopyFrom(whole)
        hide_unseen(who, [shown])
        return [team.name for team in (*shown.teams, *shown.escalation_rules[0].teams)]

    assert names(OUTSIDER) == ["", "Ops", ""]
    assert names(replace(TOKEN, team=4)) == ["", "Ops", ""]
    for who in (MEMBER, PERSON, TOKEN):
        assert names(who) == ["Secret", "Ops", "Secret"]
