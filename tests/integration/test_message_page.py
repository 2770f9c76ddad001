"""The page of a message over both databases."""

import re
from datetime import timedelta

import grpc.aio
from google.api.httpbody_pb2 import HttpBody

from services.chassis.callers import Callers
from services.chassis.clock import Clock
from services.chassis.database import database
from services.chassis.limits import Limits
from services.chassis.migrations import migrate
from services.chassis.sealing import Sealer
from services.notification import consumer
from services.notification.config import Config
from services.notification.domain.values import WAYS
from services.notification.links import Links
from services.notification.store import notifications
from services.notification.web import files
from services.notification.web.message_pages import MessagePages
from services.notification.web.owners import Owners
from services.notification.web.rendering import Renderer
from tests.parts.ports import free_port
from tocsin.escalation.v1.escalation_events_pb2 import PageRequested, UserChanged
from tocsin.escalation.v1.escalation_pb2 import Subject
from tocsin.escalation.v1.user_pb2 import User

FORM = "application/x-www-form-urlencoded"


async def test_a_message_is_shown_and_answered(any_database_url: str) -> None:
    migrate(any_database_url, "notification")
    config = Config(database_url=any_database_url, nats_url="", listen="")
    clock, links = Clock(), Links(Sealer({"k1": b"k" * 32}), "http://edge")
    nobody = grpc.aio.insecure_channel(f"127.0.0.1:{free_port()}")
    async with database(any_database_url, "notification") as db, nobody:
        now = await db.read(clock.now)
        ada = User(id=1, first_name="Ada", email="ada@example.com")
        subject = Subject(kind="deploy", id="7", episode=1, title="release")
        page = PageRequested(
            escalation_key="deploy:7:1",
            subject=subject,
            level=1,
            level_count=2,
            user_ids=[1],
            request_time=now,
            next_step_time=now + timedelta(minutes=3),
        )
        for event in (UserChanged(user=ada, version=1), page):
            reaction = consumer.reactions(WAYS)[event.DESCRIPTOR.full_name]
            await db.write(reaction, now, event.SerializeToString())
        (message,) = await db.read(notifications.about, "deploy", "7")
        token = links.token(message)
        callers = Callers(Limits(db, clock), config)
        owners, renderer = Owners(nobody, nobody), Renderer(files.load())
        pages = MessagePages(db, clock, links, callers, owners, renderer)

        shown = await pages.show(token, "", "")
        form = HttpBody(data=b"verb=accept", content_type=FORM)
        given = await pages.answer(token, form, "")
        after = await pages.show(token, "accept", "")

    assert (shown.status, given.status, after.status) == (200, 303, 200)
    assert re.search(rb"paged \d+ s ago", shown.data)
    assert re.search(rb"Taken by Ada, \d+ s ago\.", after.data)
