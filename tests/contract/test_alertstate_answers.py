"""What AlertState makes of answers that people gave from a message."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from services.alertstate import consumer
from services.chassis import facts
from services.chassis.errors import InvalidRequest, Unavailable
from services.chassis.tables import AuditRow, TimerRow
from tests.contract.alertstate_house import BOB, NOON, House, accepted, running_house
from tocsin.alertstate.v1 import alert_service_pb2 as pb
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.alertstate.v1.alert_pb2 import Alert, Responder
from tocsin.edge.v1.actor_pb2 import Actor
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.user_pb2 import User
from tocsin.ingest.v1.event_pb2 import Event
from tocsin.notification.v1.contact_pb2 import Contact
from tocsin.notification.v1.notification_events_pb2 import AnswerGiven

ADA = Actor(kind=Actor.MESSAGE_LINK, id="12", user_id=1, name="Ada Lovelace")
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with running_house(tmp_path) as running:
        await running.take(accepted(1))
        yield running


async def answer(house: House, verb: Any = AnswerGiven.ACCEPT, **more: Any) -> None:
    values: dict[str, Any] = {
        "subject_kind": "alert",
        "subject_id": "1",
        "episode": 1,
        "escalation_key": "alert:1:1",
        "actor": ADA,
        "method": Contact.EMAIL,
        "answer_time": NOON,
        "id": 5,
    }
    told = AnswerGiven(verb=verb, **values | more)

    def react(connection: Connection) -> None:
        name = AnswerGiven.DESCRIPTOR.full_name
        consumer.of_notification()[name](connection, NOON, told.SerializeToString())

    await house.db.write(react)


async def texts(house: House) -> list[str]:
    found = (await house.call("ListLogEntries", pb.ListLogEntriesRequest(id=1))).reply
    return [each.text for each in found.log_entries]


async def rows(house: House, table: Any) -> list[Any]:
    return await house.db.read(lambda c: [*c.execute(select(table.__table__))])


async def test_an_accept_is_told_with_its_person_and_channel(house: House) -> None:
    await answer(house)

    alert = await house.get(1)
    assert alert.status == Alert.ACCEPTED
    assert [(each.user.id, each.status) for each in alert.responders] == [(1, Responder.ACCEPTED)]
    assert (await texts(house))[-1] == "Ada Lovelace accepted the alert through an e-mail"
    *_, changed = await house.changes()
    assert (changed.cause, changed.actor, changed.episode) == (AlertChanged.ACCEPTED, ADA, 1)
    (noted,) = await rows(house, AuditRow)
    assert (noted.actor_kind, noted.actor_id, noted.user_id) == ("MESSAGE_LINK", "12", 1)
    assert (noted.action, noted.target) == ("alert.accept", "alert:1")
    assert '"status":"ACCEPTED"' in noted.after


@pytest.mark.parametrize("verb", [AnswerGiven.ACCEPT, AnswerGiven.RESOLVE, AnswerGiven.ESCALATE])
async def test_the_same_answer_again_changes_nothing(house: House, verb: Any) -> None:
    await answer(house, verb)
    before = await house.get(1), await texts(house), await house.changes()

    await answer(house, verb)

    assert (await house.get(1), await texts(house), await house.changes()) == before


async def test_an_escalation_is_asked_for(house: House) -> None:
    await answer(house, AnswerGiven.ESCALATE)

    *_, changed = await house.changes()
    assert (changed.pushes, changed.cause) == (1, AlertChanged.ESCALATED)
    told = "Ada Lovelace asked through an e-mail for the next level now"
    assert (await texts(house))[-1] == told
    await answer(house, AnswerGiven.ESCALATE, id=6)
    assert (await house.changes())[-1].pushes == 2


async def test_a_resolve_ends_the_alert_and_its_key(house: House) -> None:
    await answer(house, AnswerGiven.RESOLVE)
    await house.take(accepted(2))

    assert (await house.get(1)).status == Alert.RESOLVED
    assert await house.ids(states=[Alert.PENDING]) == [2]


async def test_what_fired_after_a_resolve_wants_somebody_anew(house: House) -> None:
    await house.take(accepted(2, at=NOON + MINUTE))

    await answer(house, AnswerGiven.RESOLVE)

    assert (await house.get(1)).status == Alert.PENDING
    *_, changed = await house.changes()
    assert changed.episode == 2
    await house.take(accepted(3, Event.RESOLVE))
    assert (await house.get(1)).status == Alert.RESOLVED


async def test_an_answer_to_an_older_episode_changes_nothing(house: House) -> None:
    await house.call("SnoozeAlert", pb.SnoozeAlertRequest(id=1, until=NOON + timedelta(days=9999)))
    before = await house.changes()

    for verb in AnswerGiven.Verb.values()[1:]:
        await answer(house, verb, id=verb)

    assert await house.changes() == before


async def test_an_answer_after_somebody_elses_changes_nothing_more(house: House) -> None:
    await house.resolve(1, BOB)
    before = await house.changes()

    for verb in AnswerGiven.Verb.values()[1:]:
        await answer(house, verb, id=verb)

    assert await house.changes() == before


async def test_the_accept_expires_as_others_do(house: House) -> None:
    policy = EscalationPolicy(id=4, name="on-call", version=3, accept_expiry_min=30)
    await house.db.write(facts.publish, "policy", 4, policy)

    await answer(house)

    (timer,) = await rows(house, TimerRow)
    assert (timer.key, timer.due_at) == ("1", NOON + 30 * MINUTE)


async def test_who_is_no_more_has_stopped_the_paging_and_is_no_responder(house: House) -> None:
    await house.db.write(lambda c: facts.publish(c, "user", 1, User(id=1), deleted=True))

    await answer(house)

    alert = await house.get(1)
    assert alert.status == Alert.ACCEPTED
    assert not alert.responders
    assert (await texts(house))[-1] == "Ada Lovelace accepted the alert through an e-mail"


async def test_a_restored_alertstate_waits_for_what_was_answered(house: House) -> None:
    with pytest.raises(Unavailable, match="alert 9 is not known yet"):
        await answer(house, subject_id="9")
    with pytest.raises(Unavailable, match="episode 3 of alert 1"):
        await answer(house, episode=3)


async def test_another_subjects_answer_is_escalations(house: House) -> None:
    before = await house.changes()

    await answer(house, subject_kind="job")

    assert await house.changes() == before


async def test_an_answer_that_nobody_understands_is_given_up(house: House) -> None:
    with pytest.raises(InvalidRequest, match="answer 5 says what nobody here knows"):
        await answer(house, 99)
