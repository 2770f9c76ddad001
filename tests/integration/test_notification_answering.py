"""What people answer from a message: told to the owner, and in force here at once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.chassis.errors import Forbidden, NotFound, WrongState
from services.notification import answering, claims
from services.notification.domain.answers import Answer, Standing, Verb
from services.notification.domain.values import Kind, Method, Sent, State
from tests.integration.notification_house import (
    ACKNOWLEDGED,
    KEY,
    House,
    ending,
    notification,
)
from tocsin.edge.v1.actor_pb2 import Actor
from tocsin.escalation.v1.escalation_events_pb2 import UserChanged
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject
from tocsin.escalation.v1.user_pb2 import User
from tocsin.notification.v1.contact_pb2 import Contact
from tocsin.notification.v1.notification_events_pb2 import AnswerGiven

BOB = User(id=2, first_name="Bob", last_name="Burns", email="bob@example.com")
JOB = Subject(kind="job", id="backup", episode=1, title="backup is late")


@pytest.fixture
async def house(any_database_url: str) -> AsyncIterator[House]:
    async with notification(any_database_url) as house:
        await house.react(UserChanged(user=BOB, version=1))
        yield house


async def give(house: House, notification_id: int, verb: Verb, **more: Any) -> Answer:
    """Answers a message."""
    values: dict[str, Any] = {"method": Method.EMAIL} | more
    return await house.db.write(
        lambda c: answering.give(c, house.clock.now(c), notification_id, verb, **values)
    )


async def test_an_accept_is_told_and_stops_the_paging_at_once(house: House) -> None:
    await house.reach(Method.EMAIL, "ada@example.com")
    await house.page()
    await house.page(level=2, user_ids=[2])
    (first, second) = await house.told()

    answer = await give(house, first.id, Verb.ACCEPT)

    assert answer.done
    (part,) = answer.parts
    assert (part.subject_kind, part.subject_id, part.title) == ("alert", "7", "disk full")
    assert (part.stand.standing, part.stand.by) == (Standing.ACCEPTED, "Ada Lovelace")
    assert await house.states() == [State.SUPPRESSED] * 2
    (told,) = await house.published(AnswerGiven)
    assert told.verb == AnswerGiven.ACCEPT
    assert (told.subject_kind, told.subject_id, told.episode) == ("alert", "7", 1)
    assert (told.escalation_key, told.method, told.id) == (KEY, Contact.EMAIL, 1)
    by = Actor(kind=Actor.MESSAGE_LINK, id=str(first.id), user_id=1, name="Ada Lovelace")
    assert told.actor == by
    await house.page(level=1, cycle=1)  # Escalation has not heard of it yet
    assert await house.deliverer.step() == 0
    assert second.user_id == 2


async def test_the_same_answer_again_is_the_same(house: House) -> None:
    await house.page()
    (page,) = await house.told()

    first = await give(house, page.id, Verb.ACCEPT)
    again = await give(house, page.id, Verb.ACCEPT, method=Method.SMS)

    assert first == again
    assert len(await house.published(AnswerGiven)) == 1


async def test_many_same_answers_at_once_are_one(house: House) -> None:
    await house.page()
    (page,) = await house.told()

    answers = await asyncio.gather(*(give(house, page.id, Verb.ACCEPT) for _ in range(5)))

    assert len(set(answers)) == 1
    assert len(await house.published(AnswerGiven)) == 1


async def test_who_comes_second_is_told_who_was_first(house: House) -> None:
    await house.page(user_ids=[1, 2])
    mine, yours = await house.told()
    await give(house, mine.id, Verb.ACCEPT)

    late = await give(house, yours.id, Verb.ACCEPT)

    assert not late.done
    assert late.parts[0].stand.by == "Ada Lovelace"
    assert len(await house.published(AnswerGiven)) == 1


async def test_what_was_taken_can_be_resolved_and_then_no_more(house: House) -> None:
    await house.page(user_ids=[1, 2])
    mine, yours = await house.told()
    await give(house, mine.id, Verb.ACCEPT)

    resolved = await give(house, yours.id, Verb.RESOLVE)
    late = await give(house, mine.id, Verb.RESOLVE)

    assert resolved.done
    assert not late.done
    assert (late.parts[0].stand.standing, late.parts[0].stand.by) == (Standing.OVER, "Bob Burns")
    assert [told.verb for told in await house.published(AnswerGiven)] == [
        AnswerGiven.ACCEPT,
        AnswerGiven.RESOLVE,
    ]


@pytest.mark.parametrize(
    ("state", "standing"),
    [(ACKNOWLEDGED, Standing.ACCEPTED), (Escalation.STOPPED, Standing.OVER)],
)
async def test_an_answer_after_the_owners_says_so(
    house: House, state: Any, standing: Standing
) -> None:
    await house.page()
    await house.end(state)
    (page,) = await house.told()

    late = await give(house, page.id, Verb.ACCEPT)

    assert not late.done
    assert (late.parts[0].stand.standing, late.parts[0].stand.by) == (standing, "Bob")
    assert await house.published(AnswerGiven) == []


async def test_what_was_taken_and_is_over_is_over(house: House) -> None:
    await house.page()
    (page,) = await house.told()
    await house.end(ACKNOWLEDGED)
    await house.end(Escalation.STOPPED)
    await house.end(ACKNOWLEDGED)  # late

    late = await give(house, page.id, Verb.RESOLVE)

    assert not late.done
    assert late.parts[0].stand.standing is Standing.OVER


async def test_an_older_episode_is_superseded(house: House) -> None:
    await house.page()
    (old,) = await house.told()
    newer = Subject(kind="alert", id="7", episode=2, title="disk full")
    await house.page(escalation_key="alert:7:2", subject=newer)

    late = await give(house, old.id, Verb.ACCEPT)

    assert not late.done
    assert late.parts[0].stand.standing is Standing.SUPERSEDED
    assert await house.published(AnswerGiven) == []
    assert await house.states() == [State.PENDING] * 2


async def test_the_next_level_is_asked_for_once_until_it_is_paged(house: House) -> None:
    await house.page(level_count=3)
    (page,) = await house.told()

    first = await give(house, page.id, Verb.ESCALATE)
    assert first == await give(house, page.id, Verb.ESCALATE)
    await house.page(level=2, level_count=3, user_ids=[2])
    assert (await give(house, page.id, Verb.ESCALATE)).done
    await house.page(level=3, level_count=3, user_ids=[2], next_step_time=None)
    none = await give(house, page.id, Verb.ESCALATE)

    assert first.done
    assert not none.done
    assert none.parts[0].stand.standing is Standing.WANTED
    assert len(await house.published(AnswerGiven)) == 2
    assert State.SUPPRESSED not in await house.states()


async def test_what_is_under_way_is_taken_back(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.page(user_ids=[1, 2])
    (sending, other) = await house.db.write(claims.take, house.clock, 10, 30.0)
    await house.db.write(claims.record, house.clock, other, Sent(), 0.5)

    await give(house, sending.notification.id, Verb.RESOLVE)
    await house.db.write(claims.record, house.clock, sending, Sent(), 0.5)

    *_, back = await house.told()
    assert back.kind is Kind.STAND_DOWN
    assert back.headline == "stood down: disk full needs nobody any more"


async def test_the_owners_news_of_the_answer_change_nothing(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.page()
    await house.deliverer.step()
    (page,) = await house.told()
    await give(house, page.id, Verb.ACCEPT)
    before = await house.told()

    await house.react(ending(ACKNOWLEDGED))

    assert await house.told() == before


async def test_a_call_to_what_was_taken_is_taken_for_itself(house: House) -> None:
    subject = Subject(kind="alert", id="7", episode=2, title="disk full")
    call = {"subject": subject, "level_count": 0, "next_step_time": None}
    await house.page(escalation_key="alert:7:2:call:1", level=1001, **call)
    await house.page(escalation_key="alert:7:2:call:2", level=1002, user_ids=[2], **call)
    mine, yours = await house.told()

    assert (await give(house, mine.id, Verb.ACCEPT)).done
    assert await house.states() == [State.SUPPRESSED, State.PENDING]
    assert (await give(house, yours.id, Verb.RESOLVE)).done
    assert await house.states() == [State.SUPPRESSED] * 2
    assert [told.episode for told in await house.published(AnswerGiven)] == [2, 2]


async def test_another_programs_subject_is_answered_by_its_run(house: House) -> None:
    await house.page(escalation_key="job:backup:1", subject=JOB, escalation_id=9)
    (page,) = await house.db.write(claims.take, house.clock, 10, 30.0)

    assert (await give(house, page.notification.id, Verb.ACCEPT)).done

    (told,) = await house.published(AnswerGiven)
    assert (told.subject_kind, told.escalation_id) == ("job", 9)


async def test_only_who_was_paged_answers(house: House) -> None:
    await house.page(user_ids=[1], webhook_ids=[3])
    mine, hook = await house.told()

    with pytest.raises(Forbidden, match="only who was paged"):
        await give(house, mine.id, Verb.ACCEPT, user_id=2)
    with pytest.raises(Forbidden, match="only who was paged"):
        await give(house, hook.id, Verb.ACCEPT)
    with pytest.raises(NotFound):
        await give(house, 99, Verb.ACCEPT)
    await house.react(UserChanged(user=User(id=1), version=9, deleted=True))
    with pytest.raises(Forbidden, match="no user 1 any more"):
        await give(house, mine.id, Verb.ACCEPT)

    assert await house.published(AnswerGiven) == []


async def test_what_takes_a_page_back_asks_for_nothing(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.page()
    await house.deliverer.step()
    await house.end()
    back = (await house.told())[-1]

    with pytest.raises(WrongState, match="asks for nothing"):
        await give(house, back.id, Verb.ACCEPT)
