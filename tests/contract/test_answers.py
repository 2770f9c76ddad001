"""What those are answered who answer a message by its token."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message

from services.chassis.addresses import networks
from services.chassis.callers import Callers
from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.limits import Limits
from services.chassis.migrations import migrate
from services.chassis.sealing import Sealer
from services.notification import consumer
from services.notification.answer_servicer import AnswerServicer
from services.notification.config import Config
from services.notification.domain.values import WAYS
from services.notification.links import Links
from services.notification.store import notifications
from tests.contract.blocking import Calls
from tocsin.edge.v1.actor_pb2 import Actor
from tocsin.escalation.v1.escalation_events_pb2 import (
    EscalationChanged,
    PageRequested,
    UserChanged,
)
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject
from tocsin.escalation.v1.user_pb2 import User
from tocsin.notification.v1 import answer_service_pb2 as pb
from tocsin.notification.v1.answer_pb2 import Answer
from tocsin.notification.v1.notification_events_pb2 import AnswerGiven

ACCEPT, RESOLVE, ESCALATE = AnswerGiven.ACCEPT, AnswerGiven.RESOLVE, AnswerGiven.ESCALATE
OK = grpc.StatusCode.OK
ADDRESS_CALLS = 5


@dataclass
class House:
    """The servicer, and who tells notification what."""

    db: Database
    clock: Clock
    links: Links
    calls: Calls

    async def react(self, event: Message) -> None:
        """Reacts to an event of Escalation's."""
        reaction = consumer.reactions(WAYS)[event.DESCRIPTOR.full_name]
        payload = event.SerializeToString()
        await self.db.write(lambda c: reaction(c, self.clock.now(c), payload))

    async def page(self, episode: int = 1, **more: Any) -> str:
        """Has Ada paged; returns the token of the message."""
        now = await self.db.read(self.clock.now)
        subject = Subject(kind="alert", id="7", episode=episode, title="disk full")
        values: dict[str, Any] = {
            "escalation_key": f"alert:7:{episode}",
            "subject": subject,
            "level": 1,
            "level_count": 2,
            "user_ids": [1],
            "request_time": now,
            "next_step_time": now + timedelta(minutes=5),
        }
        await self.react(PageRequested(**values | more))
        return self.links.token((await self.db.read(notifications.about, "alert", "7"))[-1])

    async def give(self, token: str, verb: Any) -> Any:
        said = pb.GiveAnswerRequest.Said(verb=verb)
        return await self.calls("GiveAnswer", pb.GiveAnswerRequest(token=token, answer=said))

    async def get(self, token: str) -> Any:
        return await self.calls("GetAnswer", pb.GetAnswerRequest(token=token))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    url = f"sqlite:///{tmp_path}/notification.db"
    migrate(url, "notification")
    config = Config(
        database_url=url, nats_url="", listen="", address_calls_per_minute=ADDRESS_CALLS
    )
    assert networks(config.trusted_edges)
    async with database(url, "notification") as db:
        clock, links = Clock(), Links(Sealer({"k1": b"k" * 32}), "http://edge")
        callers = Callers(Limits(db, clock), config)
        service = pb.DESCRIPTOR.services_by_name["AnswerService"]
        calls = Calls(service, AnswerServicer(db, clock, links, callers))
        made = House(db, clock, links, calls)
        ada = User(id=1, first_name="Ada", last_name="Lovelace", email="ada@example.com")
        await made.react(UserChanged(user=ada, version=1))
        yield made


async def test_a_message_tells_what_may_be_answered_and_changes_nothing(house: House) -> None:
    token = await house.page()

    first, again = await house.get(token), await house.get(token)

    assert first.code is OK
    assert first.reply == again.reply
    assert first.reply.user == "Ada Lovelace"
    (subject,) = first.reply.subjects
    assert (subject.kind, subject.id, subject.title) == ("alert", "7", "disk full")
    assert (subject.state, subject.by, subject.done) == (Answer.WANTED, "", False)
    assert [*subject.verbs] == [ACCEPT, RESOLVE, ESCALATE]


async def test_an_accept_holds_and_leaves_the_resolve(house: House) -> None:
    token = await house.page()

    given, again = await house.give(token, ACCEPT), await house.give(token, ACCEPT)

    assert given.code is OK
    assert given.reply == again.reply
    (subject,) = given.reply.subjects
    assert (subject.state, subject.by, subject.done) == (Answer.ACCEPTED, "Ada Lovelace", True)
    assert subject.HasField("state_time")
    assert [*subject.verbs] == [RESOLVE]
    resolved = await house.give(token, RESOLVE)
    assert (resolved.reply.subjects[0].state, [*resolved.reply.subjects[0].verbs]) == (
        Answer.OVER,
        [],
    )
    seen = (await house.get(token)).reply.subjects[0]
    assert (seen.state, seen.by, seen.done) == (Answer.OVER, "Ada Lovelace", False)


async def test_who_comes_second_is_told_who_was_first(house: House) -> None:
    token = await house.page()
    by = Actor(kind=Actor.USER, user_id=2, name="Bob")
    run = Escalation(key="alert:7:1", state=Escalation.ACKNOWLEDGED, ended_by=by)
    await house.react(EscalationChanged(escalation=run, actor=by))

    late = await house.give(token, ACCEPT)

    (subject,) = late.reply.subjects
    assert (late.code, subject.state, subject.by, subject.done) == (
        OK,
        Answer.ACCEPTED,
        "Bob",
        False,
    )


async def test_an_answer_that_changes_nothing_is_refused(house: House) -> None:
    old = await house.page(next_step_time=None)

    last = await house.give(old, ESCALATE)
    assert (last.code, last.details) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "there is no further level",
    )
    await house.page(episode=2)
    superseded = await house.give(old, ACCEPT)
    assert superseded.code is grpc.StatusCode.FAILED_PRECONDITION
    assert "answer the newest message" in superseded.details


@pytest.mark.parametrize(
    ("verb", "told"), [(ACCEPT, "Ada Lovelace took it"), (RESOLVE, "it is over")]
)
async def test_what_wants_nobody_escalates_no_further(house: House, verb: Any, told: str) -> None:
    token = await house.page()
    await house.give(token, verb)

    late = await house.give(token, ESCALATE)

    assert (late.code, late.details) == (grpc.StatusCode.FAILED_PRECONDITION, told)


async def test_what_is_no_verb_is_refused(house: House) -> None:
    answer = await house.give(await house.page(), 9)

    assert answer.code is grpc.StatusCode.INVALID_ARGUMENT
    assert answer.details == "verb must be one of ACCEPT, RESOLVE, ESCALATE"


async def test_a_person_who_is_gone_answers_nothing(house: House) -> None:
    token = await house.page()
    await house.react(UserChanged(user=User(id=1), version=2, deleted=True))

    assert (await house.give(token, ACCEPT)).code is grpc.StatusCode.PERMISSION_DENIED


async def test_what_no_message_has_is_not_found_and_counted(house: House) -> None:
    token = await house.page()
    elsewhere = Links(Sealer({"k1": b"x" * 32}), "http://edge")
    (page,) = await house.db.read(notifications.about, "alert", "7")

    for wrong in ("", "x", elsewhere.token(page)):
        refused = await house.get(wrong)
        assert (refused.code, refused.details) == (
            grpc.StatusCode.NOT_FOUND,
            "this link is not known",
        )
    assert (await house.give("y", ACCEPT)).code is grpc.StatusCode.NOT_FOUND
    assert (await house.give("z", ACCEPT)).code is grpc.StatusCode.NOT_FOUND
    assert (await house.get("too many")).code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert (await house.get(token)).code is OK  # who has one is not refused for others


async def test_a_link_expires(house: House) -> None:
    token = await house.page()
    house.clock.turn(timedelta(days=8))

    refused = await house.give(token, ACCEPT)

    assert (refused.code, refused.details) == (
        grpc.StatusCode.NOT_FOUND,
        "this link has expired",
    )
