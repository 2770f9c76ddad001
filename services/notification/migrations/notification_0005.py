"""How people want to be told: kinds of contacts, rules, quiet hours, codes.

Targets that can be secrets are sealed under a key that is not here: the service seals them when
it starts. What was sent, or waits, knows its contact from now on, and tells no secret.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "notification_0005"
down_revision = "notification_0004"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
PART = 1000
OLD = ("id", "user_id", "method", "target", "created_at")


def upgrade() -> None:
    """Makes the tables; contacts that are there are verified."""
    op.rename_table("contact", "former_contact")
    op.create_table("contact", *_contact(), *_more())
    columns = ", ".join(OLD)
    op.execute(f"INSERT INTO contact ({columns}) SELECT {columns} FROM former_contact")
    op.drop_table("former_contact")
    op.create_index("ix_contact_user_id", "contact", ["user_id"])
    _make_preferences()
    _make_verifications()
    contact_id = sa.Column("contact_id", sa.Integer, nullable=False, server_default="0")
    op.add_column("notification", contact_id)
    _tell_contacts()


def downgrade() -> None:
    """Takes all of it back; a secret target cannot be opened here, so its contact goes."""
    with op.batch_alter_table("notification") as notification:
        notification.drop_column("contact_id")
    for table in ("verification", "quiet_hours", "preference"):
        op.drop_table(table)
    op.execute(
        "DELETE FROM contact WHERE sealed IS NOT NULL"
        " OR method NOT IN ('TERMINAL', 'EMAIL', 'WEBHOOK')"
    )
    op.drop_index("ix_contact_user_id", "contact")
    op.rename_table("contact", "later_contact")
    op.create_table("contact", *_contact(), sa.UniqueConstraint("user_id", "method", "target"))
    columns = ", ".join(OLD)
    op.execute(f"INSERT INTO contact ({columns}) SELECT {columns} FROM later_contact")
    op.drop_table("later_contact")


def _contact() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", BigId, primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("method", sa.String, nullable=False),
        sa.Column("target", sa.String, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
    ]


def _more() -> list[sa.Column[Any]]:
    return [
        sa.Column("name", sa.String, nullable=False, server_default=""),
        sa.Column("region", sa.String, nullable=False, server_default=""),
        sa.Column("verified", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("sealed", sa.LargeBinary),
    ]


def _make_preferences() -> None:
    op.create_table(
        "preference",
        sa.Column("id", BigId, primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.Integer, nullable=False, index=True),
        sa.Column("topic", sa.String, nullable=False),
        sa.Column("method", sa.String, nullable=False),
        sa.Column("contact_id", sa.Integer, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
    )
    op.create_table(
        "quiet_hours",
        sa.Column("user_id", BigId, primary_key=True, autoincrement=False),
        sa.Column("timezone", sa.String, nullable=False),
        sa.Column("start", sa.String, nullable=False),
        sa.Column("end", sa.String, nullable=False),
        sa.Column("days", sa.JSON, nullable=False),
        sa.Column("drops", sa.Boolean, nullable=False),
    )


def _make_verifications() -> None:
    op.create_table(
        "verification",
        sa.Column("id", BigId, primary_key=True, autoincrement=False),
        sa.Column("contact_id", sa.Integer, nullable=False, index=True),
        sa.Column("user_id", sa.Integer, nullable=False, index=True),
        sa.Column("sealed_code", sa.LargeBinary, nullable=False),
        sa.Column("sent_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
    )


def _tell_contacts() -> None:
    """Gives messages to people their contact, which their key ends with, and hides URLs."""
    row = sa.table(
        "notification",
        *(sa.column(name) for name in ("id", "key", "method", "target", "webhook_id")),
        sa.column("contact_id"),
    )
    connection = op.get_bind()
    changed = (
        sa.update(row)
        .where(row.c.id == sa.bindparam("the_id"))
        .values(contact_id=sa.bindparam("the_contact"), target=sa.bindparam("the_target"))
    )
    for part in _parts(connection, row):
        told = list(_told(part))
        if told:
            connection.execute(changed, told)


def _parts(connection: sa.Connection, row: sa.TableClause) -> Iterator[list[sa.Row[Any]]]:
    last = 0
    of_people = sa.select(row).where(row.c.webhook_id == 0).order_by(row.c.id).limit(PART)
    while part := list(connection.execute(of_people.where(row.c.id > last))):
        yield part
        last = part[-1].id


def _told(part: Iterable[sa.Row[Any]]) -> Iterator[dict[str, Any]]:
    for row in part:
        contact = row.key.rpartition(":")[2]
        target = _shown(row.target) if row.method == "WEBHOOK" else row.target
        number = int(contact) if contact.isascii() and contact.isdigit() else 0
        yield {"the_id": row.id, "the_contact": number, "the_target": target}


def _shown(url: str) -> str:
    parts = urlsplit(url)
    told = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    return f"{told}/…" if parts.path.strip("/") or parts.query else told
