"""The page of a message, of which nobody but Notification knows anything."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from google.api.httpbody_pb2 import HttpBody
from google.protobuf.message import Message

from services.chassis.callers import Callers
from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.errors import RateLimited
from services.chassis.limits import Limits
from services.chassis.migrations import migrate
from services.chassis.sealing import Sealer
from services.notification import answering, consumer
from services.notification.config import Config
from services.notification.domain.values import WAYS
from services.notification.links import Links
from services.notification.store import notifications
from services.notification.web import files, readers
from services.notification.web.message_pages import MessagePages
from services.notification.web.owners import Owners
from services.notification.web.rendering import Renderer
from services.notification.web.replies import Reply
from tests.parts.ports import free_port
from tocsin.edge.v1.actor_pb2 import Actor
from tocsin.edge.v1.content_pb2 import Link
from tocsin.escalation.v1.escalation_events_pb2 import (
    EscalationChanged,
    PageRequested,
    TeamChanged,
    UserChanged,
)
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject
from tocsin.escalation.v1.team_pb2 import Team, TeamMember
from tocsin.escalation.v1.user_pb2 import User

FORM = "application/x-www-form-urlencoded"
ADDRESS_CALLS = 4


@dataclass
class House:
    """The pages, and who tells notification what."""

    db: Database
    clock: Clock
    links: Links
    pages: MessagePages

    async def react(self, event: Message) -> None:
        reaction = consumer.reactions(WAYS)[event.DESCRIPTOR.full_name]
        payload = event.SerializeToString()
        await self.db.write(lambda c: reaction(c, self.clock.now(c), payload))

    async def page(
        self, kind: str = "deploy", episode: int = 1, level: int = 1, user: int = 1, **more: Any
    ) -> str:
        """Has somebody paged; returns the token of the message."""
        now = await self.db.read(self.clock.now)
        subject = Subject(
            kind=kind,
            id="7",
            episode=episode,
            title="release <1>",
            details="**now** or never",
            links=[Link(href="https://ci.example.com/7", text="Pipeline")],
        )
        values: dict[str, Any] = {
            "escalation_key": f"{kind}:7:{episode}",
            "subject": subject,
            "level": level,
            "level_count": 2,
            "user_ids": [user],
            "request_time": now,
            "next_step_time": now + timedelta(minutes=3, seconds=10),
        }
        await self.react(PageRequested(**values | more))
        return self.links.token((await self.db.read(notifications.about, kind, "7"))[-1])

    async def show(self, token: str, said: str = "", language: str = "") -> Reply:
        return await self.pages.show(token, said, language)

    async def answer(self, token: str, verb: str) -> Reply:
        form = HttpBody(data=f"verb={verb}".encode(), content_type=FORM)
        return await self.pages.answer(token, form, "")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    url = f"sqlite:///{tmp_path}/notification.db"
    migrate(url, "notification")
    config = Config(
        database_url=url, nats_url="", listen="", address_calls_per_minute=ADDRESS_CALLS
    )
    nobody = grpc.aio.insecure_channel(f"127.0.0.1:{free_port()}")
    async with database(url, "notification") as db, nobody:
        clock, links = Clock(), Links(Sealer({"k1": b"k" * 32}), "http://edge")
        callers = Callers(Limits(db, clock), config)
        renderer = Renderer(files.load())
        pages = MessagePages(db, clock, links, callers, Owners(nobody, nobody), renderer)
        made = House(db, clock, links, pages)
        ada = User(id=1, first_name="Ada", last_name="L", email="a@example.com")
        bob = User(
            id=2, first_name="Bob", email="b@example.com", language="de", timezone="Asia/Tokyo"
        )
        for user in (ada, bob):
            await made.react(UserChanged(user=user, version=1))
        yield made


def words(reply: Reply) -> str:
    return " ".join(reply.data.decode().split())


@pytest.mark.parametrize("kind", ["deploy", "alert"])
async def test_a_page_shows_what_notification_knows_when_nobody_else_answers(
    house: House, kind: str
) -> None:
    token = await house.page(kind)

    reply = await house.show(token)

    assert reply.status == 200
    page = words(reply)
    assert "<h1>release &lt;1&gt;</h1>" in page
    assert "<strong>now</strong> or never" in page
    assert 'href="https://ci.example.com/7"' in page
    assert "level 2 of 2" in page
    assert ">in 3:10<" in page
    assert 'Ada L</span> <span class="quiet">e-mail</span>' in page
    assert "Some of this page is not available" in page
    assert "This page is for Ada L" in page
    assert page.count("<button") == 3
    assert reply.headers["referrer-policy"] == "no-referrer"


async def test_whoever_speaks_german_reads_german_on_their_own_clock(house: House) -> None:
    page = words(await house.show(await house.page(user=2), language="en"))
    assert '<html lang="de">' in page
    assert "Noch hat niemand angenommen." in page
    assert "Zeiten in Asia/Tokyo." in page


async def test_an_answer_is_seen_after_it(house: House) -> None:
    token = await house.page()

    given = await house.answer(token, "accept")

    assert (given.status, given.headers["location"]) == (303, f"/m/{token}?said=accept")
    page = words(await house.show(token, "accept"))
    assert "You took this. It will be shown everywhere shortly." in page
    assert re.search(r"Taken by Ada L, \d+ s ago\.", page)
    assert "Nobody else is paged." in page
    assert 'value="resolve"' in page
    assert page.count("<button") == 1
    again = await house.answer(token, "accept")  # a reload of the form
    assert again.headers["location"].endswith("said=accept")
    assert (await house.answer(token, "escalate")).headers["location"].endswith("=not-escalate")


async def test_who_comes_late_is_told_who_was_first(house: House) -> None:
    token = await house.page()
    by = Actor(kind=Actor.USER, user_id=2, name="Bob <b>")
    run = Escalation(key="deploy:7:1", state=Escalation.ACKNOWLEDGED, ended_by=by)
    await house.react(EscalationChanged(escalation=run, actor=by))

    late = await house.answer(token, "accept")

    assert late.headers["location"].endswith("said=not-accept")
    assert "Bob &lt;b&gt; was faster" in words(await house.show(token, "not-accept"))


async def test_what_newer_messages_are_about_cannot_be_answered_here(house: House) -> None:
    old = await house.page()
    await house.page(episode=2)
    page = words(await house.show(old))
    assert "This wanted somebody anew since." in page
    assert "<button" not in page


async def test_levels_show_who_was_told(house: House) -> None:
    await house.page()
    token = await house.page(level=2, user=2, next_step_time=None)
    page = words(await house.show(token))
    assert page.index("Ada L") < page.index(">Bob<")
    assert len(re.findall(r"vor \d+ s benachrichtigt", page)) == 2
    assert "Sonst wird niemand benachrichtigt." in page
    assert 'value="escalate"' not in page


async def test_a_message_for_several_lists_all(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await house.page()
    await house.page("ticket")
    both = [(await house.db.read(notifications.about, k, "7"))[0] for k in ("deploy", "ticket")]
    monkeypatch.setattr(answering, "told_by", lambda *_: both)
    page = words(await house.show(token))
    assert "Also in this message" in page
    assert "What you answer holds for all of these." in page


async def test_a_link_that_leads_nowhere_says_why(house: House) -> None:
    token = await house.page()
    unknown = await house.show("nothing", language="de")
    assert (unknown.status, "Dieser Link ist nicht bekannt" in words(unknown)) == (404, True)
    assert "Ada" not in words(await house.answer("nothing", "accept"))
    for _ in range(2):
        await house.show(token[:-1] + ("a" if token[-1] != "a" else "b"))
    with pytest.raises(RateLimited):
        await house.show("too many")
    assert (await house.show(token)).status == 200  # who has one is not refused for others

    house.clock.turn(timedelta(days=30))
    expired = await house.show(token)
    assert (expired.status, "This link has expired" in words(expired)) == (410, True)


async def test_who_is_gone_answers_nothing(house: House) -> None:
    token = await house.page()
    await house.react(UserChanged(user=User(id=1), version=2, deleted=True))
    assert (await house.show(token)).status == 200
    refused = await house.answer(token, "accept")
    assert (refused.status, "not yours any more" in words(refused)) == (403, True)


@pytest.mark.parametrize(
    ("data", "media_type"), [(b"verb=dance", FORM), (b"", ""), (b"verb=accept", "text/plain")]
)
async def test_what_is_no_answer_changes_nothing(
    house: House, data: bytes, media_type: str
) -> None:
    token = await house.page()
    refused = await house.pages.answer(token, HttpBody(data=data, content_type=media_type), "")
    assert refused.status == 400
    assert "Nobody has taken this yet." in words(await house.show(token))


async def test_a_person_sees_what_their_teams_let_them_see(house: House) -> None:
    members = [TeamMember(user=User(id=1))]
    for id_, people in ((1, members), (2, [])):
        team = Team(id=id_, visibility=Team.PRIVATE, members=people)
        await house.react(TeamChanged(team=team, version=1))

    ada = await house.db.read(readers.principal, 1)

    assert (ada.teams, ada.hidden) == (frozenset({1}), frozenset({2}))
    assert not ada.is_admin
    admin = User(id=1, role=User.ADMIN)
    await house.react(UserChanged(user=admin, version=2))
    assert (await house.db.read(readers.principal, 1)).is_admin
