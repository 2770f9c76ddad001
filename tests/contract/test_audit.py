"""What is written down of changes: who, from where, what before and after, and no secret."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from sqlalchemy import select

from services.chassis import addresses
from services.chassis.audit import AUDIT
from tests.contract.authorisation_house import House, all_services
from tests.contract.authorisation_things import ENTRIES, Thing, furnish, method
from tocsin.escalation.v1 import audit_service_pb2 as audit_pb
from tocsin.escalation.v1 import team_service_pb2 as teams
from tocsin.escalation.v1 import token_service_pb2 as tokens
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.token_pb2 import ApiToken

ESCALATION = "tocsin.escalation.v1."


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with all_services(tmp_path) as opened:
        yield opened


async def entries(house: House, service: str = "escalation", **asked: Any) -> list[dict[str, Any]]:
    name = f"tocsin.{service}.v1.AuditService.ListAuditEntries"
    request = type(ENTRIES[name].request(Thing("nobodys")))(**asked)
    reply = await house.call(method(name), request)
    return [MessageToDict(entry) for entry in reply.entries]


async def make_team(house: House, name: str) -> int:
    create = method(ESCALATION + "TeamService.CreateTeam")
    made = await house.call(create, teams.CreateTeamRequest(team=Team(name=name)))
    team_id: int = made.id
    return team_id


async def test_a_change_is_told_with_what_was_before_and_after(house: House) -> None:
    team_id = await make_team(house, "Ops")
    update = teams.UpdateTeamRequest(id=team_id, team=Team(name="SRE"))
    await house.call(method(ESCALATION + "TeamService.UpdateTeam"), update)
    await house.call(
        method(ESCALATION + "TeamService.DeleteTeam"), teams.DeleteTeamRequest(id=team_id)
    )

    told = await entries(house, target=f"team:{team_id}")

    assert [entry["action"] for entry in told] == ["team.delete", "team.update", "team.create"]
    names = [
        (entry.get("before", {}).get("name"), entry.get("after", {}).get("name")) for entry in told
    ]
    assert names == [("SRE", None), ("Ops", "SRE"), (None, "Ops")]
    for entry in told:
        assert entry["peer"] in ("127.0.0.1", "::1")
        assert entry["requestId"]
        assert (entry["actor"]["kind"], entry["actor"]["name"]) == ("TOKEN", "bootstrap")


async def test_entries_are_narrowed_and_paged(house: House) -> None:
    for name in ("A", "B", "C"):
        await make_team(house, name)
    everything = await entries(house, action="team.")
    assert [entry["after"]["name"] for entry in everything] == ["C", "B", "A"]
    first = await entries(house, action="team.create", max_results=2)
    rest = await entries(house, action="team.create", before_id=first[-1]["id"])
    assert first + rest == everything
    assert await entries(house, action="team") == []
    assert await entries(house, actor="nobody") == []
    assert await entries(house, user_id=7) == []
    assert len(await entries(house, actor=everything[0]["actor"]["id"], action="team.")) == 3
    later = audit_pb.ListAuditEntriesRequest()
    getattr(later, "from").GetCurrentTime()
    later.until.CopyFrom(getattr(later, "from"))
    later.until.FromDatetime(later.until.ToDatetime() + timedelta(hours=1))
    getattr(later, "from").FromDatetime(later.until.ToDatetime() - timedelta(minutes=1))
    reply = await house.call(method(ESCALATION + "AuditService.ListAuditEntries"), later)
    assert not reply.entries


async def test_no_secret_is_in_any_entry(house: House) -> None:
    await furnish(house)
    made = await house.call(
        method(ESCALATION + "TokenService.CreateToken"),
        tokens.CreateTokenRequest(token=ApiToken(name="canary", scopes=["ingest"])),
    )
    rotated = await house.call(
        method(ESCALATION + "TokenService.RotateToken"), tokens.RotateTokenRequest(id=made.id)
    )
    contact = "tocsin.notification.v1.ContactService.CreateContact"
    await house.call(method(contact), ENTRIES[contact].request(house.things["own"]))
    source = "tocsin.ingest.v1.AlertSourceService.GetAlertSource"
    shown = await house.call(method(source), ENTRIES[source].request(house.things["own"]))
    secrets = {made.token, rotated.token, house.admin, shown.integration_key, "@example.com"}
    secrets |= {token.split("_")[2] for token in (made.token, rotated.token, house.admin)}
    assert all(secrets)

    for name, db in house.dbs.items():
        rows = await db.read(lambda c: [repr(tuple(row)) for row in c.execute(select(AUDIT))])
        assert rows, name
        people = {"@example.com"} if name == "escalation" else set()  # addresses are the record
        for row in rows:
            assert not [secret for secret in secrets - people if secret in row], name
            assert "sha256" not in row.lower()


async def test_an_answer_tells_how_the_alert_stood_and_stands(house: House) -> None:
    await furnish(house)
    accept = "tocsin.alertstate.v1.AlertService.AcceptAlert"
    thing = house.things["own"]
    await house.call(method(accept), ENTRIES[accept].request(thing), house.callers["USER"])

    (told,) = await entries(house, "alertstate", action="alert.accept")

    assert told["target"] == f"alert:{thing.alert}"
    assert (told["before"]["status"], told["after"]["status"]) == ("PENDING", "ACCEPTED")
    assert told["after"]["responders"] == [told["actor"]["userId"]]
    (made,) = await entries(
        house, "ingest", target=f"alert_source:{thing.source}", action="alert_source.create"
    )
    assert made["after"]["name"] == thing.word


@pytest.mark.parametrize(
    ("peer", "forwarded", "told"),
    [
        ("ipv4:127.0.0.1:4711", "203.0.113.9", "203.0.113.9"),
        ("ipv4:127.0.0.1:4711", "nonsense", "127.0.0.1"),
        ("ipv4:127.0.0.1:4711", "", "127.0.0.1"),
        ("ipv6:%5B::1%5D:4711", "2001:db8::7", "2001:db8::7"),
        ("ipv6:[::1]:4711", "", "::1"),
        ("ipv4:192.0.2.4:99", "203.0.113.9", "192.0.2.4"),  # no edge: anybody can write it
        ("unix:", "203.0.113.9", ""),
        ("", "", ""),
    ],
)
def test_where_a_call_came_from(peer: str, forwarded: str, told: str) -> None:
    edges = addresses.networks("127.0.0.0/8, ::1/128")
    assert addresses.caller(peer, {addresses.HEADER: forwarded}, edges) == told
