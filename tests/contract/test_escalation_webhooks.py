"""Policies that call webhooks of Notification's, which Escalation knows from copies."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import grpc
import pytest

from services.chassis import facts
from services.chassis.errors import Unavailable
from services.chassis.principal import Principal
from services.escalation.servicer.policies import PolicyServicer
from services.escalation.webhooks import Webhooks
from tests.contract.blocking import ADA, Answer, Calls
from tests.contract.escalation_config_house import make_team, teams
from tests.contract.escalation_house import (
    INVALID,
    OK,
    WRONG_STATE,
    House,
    escalation,
    hear,
    new_policy,
)
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.escalation.v1 import escalation_service_pb2 as run_calls
from tocsin.escalation.v1 import policy_service_pb2 as policy_calls
from tocsin.escalation.v1 import team_service_pb2 as team_calls
from tocsin.escalation.v1.escalation_events_pb2 import EscalationPolicyChanged, PageRequested
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject
from tocsin.escalation.v1.policy_pb2 import EscalationRule, WebhookReference
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.user_pb2 import User
from tocsin.notification.v1.webhook_pb2 import Webhook

WRITER = Principal(
    kind="TOKEN", id="writes", name="w", scopes=frozenset({"config:read", "config:write"})
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(tmp_path) as opened:
        await opened.person()
        yield opened


def calling(*ids: int, users: tuple[int, ...] = (), seconds: int = 60) -> EscalationRule:
    return EscalationRule(
        webhooks=[WebhookReference(id=id_) for id_ in ids],
        users=[User(id=id_) for id_ in users],
        escalation_timeout_seconds=seconds,
    )


@dataclass
class Notification:
    """Notification, as far as it is asked for webhooks."""

    house: House
    known: dict[int, Webhook] = field(default_factory=dict)
    away: bool = False
    asked: list[object] = field(default_factory=list)

    async def ask(self, kind: str, id_: Any, message: Any) -> Any:
        found = await self.house.db.read(facts.get, kind, id_, message)
        if found is not None:
            return found
        self.asked.append(id_)
        if self.away:
            raise Unavailable("away")
        if webhook := self.known.get(id_):
            await self.house.db.write(facts.publish, kind, id_, webhook)
        return webhook

    async def policies(self, method: str, request: Any, who: Principal = ADA) -> Answer:
        service = policy_calls.DESCRIPTOR.services_by_name["PolicyService"]
        servicer = PolicyServicer(self.house.db, self.house.clock, Webhooks(self))
        return await Calls(service, servicer, who)(method, request)


async def test_a_policy_calls_a_webhook(house: House) -> None:
    await hear(house)

    made = await house.policies("CreateEscalationPolicy", new_policy(calling(7)))

    assert made.code is OK, made.details
    (rule,) = made.reply.escalation_rules
    assert list(rule.webhooks) == [WebhookReference(id=7, name="bot")]
    told = (await house.told(EscalationPolicyChanged))[-1].escalation_policy
    assert told.escalation_rules[0].webhooks[0].name == "bot"


async def test_a_webhook_that_is_not_there_is_refused(house: House) -> None:
    await hear(house)
    await hear(house, id_=8, version=2, deleted=True)

    for wrong in (8, 9, 0):
        refused = await house.policies("CreateEscalationPolicy", new_policy(calling(7, wrong)))
        assert refused.code is INVALID
        assert refused.details == (f"escalationRules[0].webhooks[1]: there is no webhook {wrong}")


async def test_a_level_is_given_a_webhook(house: House) -> None:
    await hear(house)
    made = await house.policies("CreateEscalationPolicy", new_policy(calling(users=(1,))))
    policy_id = made.reply.id

    request = policy_calls.UpdateEscalationLevelRequest(
        id=policy_id, level=0, escalation_rule=calling(7)
    )
    assert (await house.policies("UpdateEscalationLevel", request)).code is OK
    request.escalation_rule.CopyFrom(calling(9))
    assert (await house.policies("UpdateEscalationLevel", request)).code is INVALID


async def test_a_webhook_that_was_just_made_is_asked_for(house: House) -> None:
    notification = Notification(house, {7: Webhook(id=7, name="bot")})

    made = await notification.policies("CreateEscalationPolicy", new_policy(calling(7)))
    again = await notification.policies("CreateEscalationPolicy", new_policy(calling(7)))
    refused = await notification.policies("CreateEscalationPolicy", new_policy(calling(9)))

    assert (made.code, again.code, refused.code) == (OK, OK, INVALID)
    assert notification.asked == [7, 9]


async def test_without_an_answer_nobody_says_that_there_is_none(house: House) -> None:
    notification = Notification(house, away=True)

    made = await notification.policies("CreateEscalationPolicy", new_policy(calling(7)))

    assert made.code is grpc.StatusCode.UNAVAILABLE


async def test_policies_tell_the_new_name_of_a_webhook(house: House) -> None:
    await hear(house)
    await house.policies("CreateEscalationPolicy", new_policy(calling(7)))

    await hear(house, version=2, name="robot")

    told = (await house.told(EscalationPolicyChanged))[-1].escalation_policy
    assert told.escalation_rules[0].webhooks[0].name == "robot"


async def test_a_webhook_that_is_gone_from_under_a_policy_is_told(house: House) -> None:
    await hear(house)
    await house.policies("CreateEscalationPolicy", new_policy(calling(7), calling(users=(1,))))

    await hear(house, version=2, deleted=True)

    (alert,) = await house.told(SuiteAlertRaised)
    assert alert.summary == "Escalation policy Night calls a webhook that was deleted"
    await start(house)
    (page,) = await house.told(PageRequested)
    assert (page.level, list(page.user_ids), list(page.webhook_ids)) == (2, [1], [])


async def start(house: House) -> None:
    subject = Subject(kind="deploy", id="42", title="waits")
    request = run_calls.StartEscalationRequest(subject=subject, escalation_policy_id=2)
    assert (await house.escalations("StartEscalation", request)).code is OK
    await house.goes_on()


async def test_a_run_calls_webhooks_level_by_level(house: House) -> None:
    await hear(house)
    await hear(house, id_=8, name="runbook")
    made = new_policy(calling(7), calling(7, 8, users=(1,)))
    await house.policies("CreateEscalationPolicy", made)

    await start(house)
    for _ in range(2):
        await house.goes_on(60)

    pages = await house.told(PageRequested)
    assert [(p.level, list(p.user_ids), list(p.webhook_ids)) for p in pages] == [
        (1, [], [7]),
        (2, [1], [7, 8]),
    ]
    found = (await house.escalations("GetEscalation", run_calls.GetEscalationRequest(id=1))).reply
    assert (found.state, list(found.paged_user_ids)) == (Escalation.EXHAUSTED, [1])
    raised = await house.told(SuiteAlertRaised)
    assert [alert.summary for alert in raised] == ["Nobody answered: waits"]


async def test_of_a_private_teams_webhook_others_see_the_id(house: House) -> None:
    secret = await make_team(house, "Secret", visibility="PRIVATE")
    await hear(house, teams=[Team(id=secret)])
    outsider = replace(WRITER, hidden=frozenset({secret}))
    member = replace(WRITER, teams=frozenset({secret}), changes=frozenset({secret}))
    notification = Notification(house)

    refused = await notification.policies(
        "CreateEscalationPolicy", new_policy(calling(7)), outsider
    )
    made = await notification.policies("CreateEscalationPolicy", new_policy(calling(7)), member)
    get = policy_calls.GetEscalationPolicyRequest(id=made.reply.id)
    seen = (await notification.policies("GetEscalationPolicy", get, outsider)).reply
    # Who replaces it with what they were shown keeps what they did not see.
    update = policy_calls.UpdateEscalationPolicyRequest(id=seen.id, escalation_policy=seen)
    kept = await notification.policies("UpdateEscalationPolicy", update, outsider)

    assert (refused.code, made.code, kept.code) == (INVALID, OK, OK)
    reference = WebhookReference(id=7, name="bot", team_ids=[secret])
    assert list(made.reply.escalation_rules[0].webhooks) == [reference]
    assert list(seen.escalation_rules[0].webhooks) == [WebhookReference(id=7)]


async def test_a_team_of_a_webhook_is_in_use(house: House) -> None:
    team_id = await make_team(house, "Ops")
    await hear(house, teams=[Team(id=team_id)])

    refused = await teams(house, "DeleteTeam", team_calls.DeleteTeamRequest(id=team_id))

    assert refused.code is WRONG_STATE
    assert refused.details == f"team {team_id} is in use by webhook 7 (bot)"
