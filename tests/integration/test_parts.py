"""The parts that other tests stand on do what those tests take for granted."""

import socket
from email.message import EmailMessage

import aiosmtplib
import httpx
import nats
import pytest
from nats.js.api import StreamConfig
from sqlalchemy import create_engine, text

from tests.parts.nats import nats_server
from tests.parts.ports import free_port
from tests.parts.postgres import postgres_server
from tests.parts.smtp import Mail, Manner, SmtpSink, smtp_sink
from tests.parts.waiting import eventually
from tests.parts.webhook import Reply, webhook_sink

MAIL = EmailMessage()
MAIL["From"], MAIL["To"], MAIL["Subject"] = "tocsin@example.com", "ada@example.com", "disk full"
MAIL.set_content("It is full.")


async def test_nats_keeps_what_it_acknowledged_when_it_is_killed() -> None:
    with nats_server() as server:
        async with await nats.connect(server.url) as client:
            await client.jetstream().add_stream(StreamConfig(name="KEPT", subjects=["kept"]))
            await client.jetstream().publish("kept", b"disk full")

        server.kill()
        server.start()

        async with await nats.connect(server.url) as client:
            message = await client.jetstream().get_last_msg("KEPT", "kept")
            assert message.data == b"disk full"


async def test_the_sessions_nats_has_jetstream(nats_url: str) -> None:
    async with await nats.connect(nats_url) as client:
        assert (await client.jetstream().account_info()).limits.max_storage != 0


def test_a_database_is_empty_and_can_be_written(any_database_url: str) -> None:
    engine = create_engine(any_database_url)

    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alert (id BIGINT)"))
        connection.execute(text("INSERT INTO alert VALUES (7)"))
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT id FROM alert")) == 7

    engine.dispose()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_test_can_ask_for_postgresql_alone(database_url: str) -> None:
    assert database_url.startswith("postgresql+psycopg://")


def test_postgresql_keeps_its_data_over_a_restart() -> None:
    with postgres_server() as server:
        engine = create_engine(server.new_database())
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE alert AS SELECT 7 AS id"))
        engine.dispose()

        server.stop()
        server.start()

        with engine.begin() as connection:
            assert connection.scalar(text("SELECT id FROM alert")) == 7
        engine.dispose()


async def send(sink: SmtpSink, *, patience: float = 5.0) -> None:
    await aiosmtplib.send(
        MAIL, hostname="127.0.0.1", port=sink.port, timeout=patience, start_tls=False, use_tls=False
    )


def about_the_disk(mail: Mail) -> bool:
    return str(mail.message["Subject"]) == "disk full"


async def test_smtp_keeps_a_mail() -> None:
    async with smtp_sink() as sink:
        await send(sink)

        mail = await sink.wait_for(about_the_disk)

    assert mail.recipients == ("ada@example.com",)
    assert mail.message.get_content().strip() == "It is full."


@pytest.mark.parametrize(
    ("manner", "code"), [(Manner.REFUSE_FOR_NOW, 451), (Manner.REFUSE_FOR_GOOD, 550)]
)
async def test_smtp_refuses_on_request(manner: Manner, code: int) -> None:
    async with smtp_sink() as sink:
        sink.manner = manner

        with pytest.raises(aiosmtplib.SMTPDataError) as refusal:
            await send(sink)

    assert refusal.value.code == code
    assert sink.mails == []


async def test_smtp_hangs_on_request() -> None:
    async with smtp_sink() as sink:
        sink.manner = Manner.HANG

        with pytest.raises(aiosmtplib.SMTPTimeoutError):
            await send(sink, patience=0.3)

    assert sink.mails == []


async def test_smtp_keeps_a_mail_and_drops_the_reply_on_request() -> None:
    async with smtp_sink() as sink:
        sink.manner = Manner.DROP_REPLY

        with pytest.raises(aiosmtplib.SMTPServerDisconnected):
            await send(sink)

        assert await sink.wait_for(about_the_disk) in sink.mails


async def test_a_webhook_keeps_requests_and_answers_as_told() -> None:
    async with webhook_sink() as sink, httpx.AsyncClient() as client:
        sink.replies.append(Reply(status=503, headers={"retry-after": "7"}, body=b"later"))

        refused = await client.post(f"{sink.url}/hook?a=b", json={"id": 7}, headers={"X-Key": "k"})
        taken = await client.get(f"{sink.url}/hook")

    first, second = sink.requests
    assert (first.method, first.path, first.body) == ("POST", "/hook?a=b", b'{"id":7}')
    assert first.headers["x-key"] == "k"
    assert (refused.status_code, refused.headers["retry-after"], refused.text) == (
        503,
        "7",
        "later",
    )
    assert (second.method, taken.status_code) == ("GET", 200)


async def test_a_webhook_drops_a_request_that_it_has_read() -> None:
    async with webhook_sink() as sink, httpx.AsyncClient() as client:
        sink.replies.append(Reply(drop=True))

        with pytest.raises(httpx.TransportError):
            await client.post(sink.url, content=b"disk full")

        request = await sink.wait_for(lambda request: request.body == b"disk full")
        assert request.method == "POST"


async def test_a_webhook_is_as_slow_as_told() -> None:
    async with webhook_sink() as sink, httpx.AsyncClient() as client:
        sink.reply = Reply(delay=60)

        with pytest.raises(httpx.ReadTimeout):
            await client.post(sink.url, content=b"disk full", timeout=0.3)

        assert [request.body for request in sink.requests] == [b"disk full"]


async def test_eventually_returns_the_value_that_came_late() -> None:
    answers = iter([0, [], False, "here"])

    assert await eventually(lambda: next(answers)) == "here"


async def test_eventually_takes_assertions_that_hold_at_last() -> None:
    tries: list[int] = []

    async def third_time() -> None:
        tries.append(len(tries))
        assert len(tries) == 3

    await eventually(third_time)


async def test_eventually_says_what_was_still_wrong() -> None:
    def never() -> None:
        raise AssertionError("nobody was paged")

    with pytest.raises(AssertionError, match=r"not within 0.1 s: nobody was paged"):
        await eventually(never, within=0.1)


async def test_eventually_lets_other_errors_through() -> None:
    async def broken() -> None:
        raise TimeoutError("the check's own")

    with pytest.raises(TimeoutError, match="own"):
        await eventually(broken)


def test_a_free_port_can_be_listened_on() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as server:
        assert server.getsockname()[0] == "127.0.0.1"
