"""What every service has: outbox, inbox, timers, facts, audit."""

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "chassis_0001"
down_revision = None
branch_labels = ("chassis",)
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "outbox",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("msg_id", sa.String, nullable=False, unique=True),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("traceparent", sa.String, nullable=False),
        sa.Column("created_at", TIME, nullable=False, index=True),
        sa.Column("published", sa.Boolean, nullable=False),
        sa.Column("stream_seq", BigId, index=True),
    )
    waiting = sa.text("NOT published")
    op.create_index(
        "outbox_waiting", "outbox", ["id"], sqlite_where=waiting, postgresql_where=waiting
    )
    op.create_table(
        "inbox",
        sa.Column("msg_id", sa.String, primary_key=True),
        sa.Column("received_at", TIME, nullable=False, index=True),
    )
    op.create_table(
        "consumer_position",
        sa.Column("stream", sa.String, primary_key=True),
        sa.Column("seq", BigId, nullable=False),
        sa.Column("stream_created", sa.String, nullable=False),
    )
    op.create_table(
        "dead_letter",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("msg_id", sa.String, nullable=False),
        sa.Column("stream", sa.String, nullable=False),
        sa.Column("stream_seq", BigId),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("error", sa.String, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
    )
    op.create_table(
        "timer",
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("due_at", TIME, nullable=False, index=True),
    )
    op.create_table(
        "fact",
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("deleted", sa.Boolean, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("at", TIME, nullable=False, index=True),
        sa.Column("actor_kind", sa.String, nullable=False),
        sa.Column("actor_id", sa.String, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("target", sa.String, nullable=False),
        sa.Column("request_id", sa.String, nullable=False),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value", BigId, nullable=False),
    )


def downgrade() -> None:
    """Removes the tables."""
    for table in (
        "counter",
        "audit",
        "fact",
        "timer",
        "dead_letter",
        "consumer_position",
        "inbox",
        "outbox",
    ):
        op.drop_table(table)
