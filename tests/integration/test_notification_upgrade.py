"""A database of the version that stored URLs in the open: nothing is lost, nothing is told."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from alembic import command
from sqlalchemy import Connection, create_engine, inspect, text

from services.chassis.clock import Clock
from services.chassis.database import database
from services.chassis.migrations import configuration, migrate
from services.chassis.sealing import Sealer
from services.notification import addresses, claims
from services.notification.domain.values import Method
from services.notification.store import contacts, notifications
from tests.parts.claiming import terms

SEALER = Sealer({"k1": b"k" * 32})
SECRET = "do-not-tell-me"
URL = f"https://bob:{SECRET}@a.example/{SECRET}?{SECRET}"
NOW = datetime.now(UTC)
BEFORE = "notification_0004"
RUN = "deploy:7:1"


def _furnish(connection: Connection) -> None:
    """Writes what the older version had: contacts, and pages that were sent and that wait."""
    for id_, method, target in ((1, "WEBHOOK", URL), (2, "EMAIL", "bob@example.com")):
        connection.execute(
            text("INSERT INTO contact VALUES (:id, 1, :method, :target, :now)"),
            {"id": id_, "method": method, "target": target, "now": NOW},
        )
    connection.execute(
        text(
            "INSERT INTO intent (escalation_key, cycle, level, user_id, level_count,"
            " subject_kind, subject_id, episode, title, details, links, priority, request_time)"
            " VALUES (:run, 0, 1, 1, 1, 'deploy', '7', 1, 'waits', '', '[]', 'HIGH', :now)"
        ),
        {"run": RUN, "now": NOW},
    )
    for id_, key, method, target, state, webhook in (
        (1, f"{RUN}:0:1:1:1", "WEBHOOK", URL, "PENDING", 0),
        (2, f"{RUN}:0:1:1:2", "EMAIL", "bob@example.com", "SENT", 0),
        (3, f"{RUN}:0:1:webhook:4", "WEBHOOK", "Bot", "SENT", 4),
        (4, f"{RUN}:stand-down:1:1", "WEBHOOK", URL, "SENT", 0),
        (5, f"{RUN}:0:1:1:0", "EMAIL", "bob@example.com", "SENT", 0),
    ):
        connection.execute(
            text(
                "INSERT INTO notification VALUES (:id, :key, 'PAGE', :run, 0, 1, 1, :method,"
                " :target, 'waits', 'deploy', '7', :state, :now, :end, 0, NULL, :no, '', '', 1,"
                " :webhook)"
            ),
            {
                "id": id_,
                "key": key,
                "run": RUN,
                "method": method,
                "target": target,
                "state": state,
                "now": NOW,
                "end": NOW + timedelta(hours=1),
                "no": False,
                "webhook": webhook,
            },
        )
    connection.execute(
        text("INSERT INTO timer (kind, key, due_at) VALUES ('notification', '1', :now)"),
        {"now": NOW - timedelta(minutes=1)},
    )


def _everything(connection: Connection) -> Iterable[str]:
    for name in inspect(connection).get_table_names():
        yield from (repr(tuple(row)) for row in connection.execute(text(f'SELECT * FROM "{name}"')))


async def test_what_was_in_the_open_is_sealed_and_still_reached(any_database_url: str) -> None:
    migrate(any_database_url, "notification")
    engine = create_engine(any_database_url)
    with engine.begin() as connection:
        config = configuration("notification")
        config.attributes["connection"] = connection
        command.downgrade(config, BEFORE)
        _furnish(connection)
    engine.dispose()

    migrate(any_database_url, "notification")
    async with database(any_database_url, "notification") as db:
        told = await db.read(notifications.about, "deploy", "7")
        assert [(row.contact_id, row.target) for row in told] == [
            (1, "https://a.example/…"),
            (2, "bob@example.com"),
            (0, "Bot"),
            (1, "https://a.example/…"),
            (0, "bob@example.com"),
        ]
        assert await db.write(addresses.seal_plain, SEALER) == 1
        assert SECRET not in await db.read(lambda c: "\n".join(_everything(c)))
        theirs = await db.read(contacts.of_users, [1])
        assert [(each.method, each.target, each.verified) for each in theirs] == [
            (Method.WEBHOOK, "https://a.example/…", True),
            (Method.EMAIL, "bob@example.com", True),
        ]
        (page,) = (await db.write(claims.take, Clock(), terms())).pages
        assert (page.notification.id, page.address) == (1, URL)
        assert await db.write(addresses.seal_plain, SEALER) == 0


async def test_who_goes_back_loses_what_was_sealed_and_nothing_else(any_database_url: str) -> None:
    migrate(any_database_url, "notification")
    async with database(any_database_url, "notification") as db:
        await db.write(contacts.add, 1, Method.WEBHOOK, URL, NOW)
        await db.write(contacts.add, 1, Method.EMAIL, "bob@example.com", NOW)
        await db.write(contacts.add, 1, Method.PHONE, "+4930123456", NOW)
        await db.write(addresses.seal_plain, SEALER)
    engine = create_engine(any_database_url)
    with engine.begin() as connection:
        config = configuration("notification")
        config.attributes["connection"] = connection
        command.downgrade(config, BEFORE)
        left = connection.execute(text("SELECT method, target FROM contact")).all()
    engine.dispose()

    assert [tuple(row) for row in left] == [("EMAIL", "bob@example.com")]
    migrate(any_database_url, "notification")
