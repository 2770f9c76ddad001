"""Webhooks, and pages that go to them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "notification_0002"
down_revision = "notification_0001"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
KEY = ("escalation_key", "cycle", "level", "user_id")


def upgrade() -> None:
    """Makes the tables; what was paged before is people."""
    op.create_table(
        "webhook",
        sa.Column("id", BigId, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("name_folded", sa.String, nullable=False, unique=True),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("sealed_url", sa.LargeBinary, nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary, nullable=False),
        sa.Column("former_secret", sa.LargeBinary),
        sa.Column("former_until", TIME),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
    )
    op.create_table(
        "webhook_team",
        sa.Column("webhook_id", BigId, primary_key=True, autoincrement=False),
        sa.Column("team_id", BigId, primary_key=True, autoincrement=False),
    )
    op.create_index("ix_webhook_team_team_id", "webhook_team", ["team_id"])
    webhook_id = sa.Column("webhook_id", sa.Integer, nullable=False, server_default="0")
    op.add_column("notification", webhook_id)
    _rebuild_intents(sa.Column("webhook_id", sa.Integer, primary_key=True, server_default="0"))


def downgrade() -> None:
    """Takes all of it back, and what was said to webhooks."""
    op.execute("DELETE FROM intent WHERE webhook_id <> 0")
    _rebuild_intents()
    op.execute("DELETE FROM notification WHERE webhook_id <> 0")
    with op.batch_alter_table("notification") as notification:
        notification.drop_column("webhook_id")
    op.drop_table("webhook_team")
    op.drop_table("webhook")


def _rebuild_intents(*key: sa.Column[int]) -> None:
    """Makes the intents anew under another primary key, which SQLite cannot change."""
    rest = _rest()
    op.rename_table("intent", "former_intent")
    op.create_table(
        "intent",
        sa.Column("escalation_key", sa.String, primary_key=True),
        *(sa.Column(name, sa.Integer, primary_key=True) for name in KEY[1:]),
        *key,
        *rest,
    )
    columns = ", ".join((*KEY, *(column.name for column in rest)))
    op.execute(f"INSERT INTO intent ({columns}) SELECT {columns} FROM former_intent")
    op.drop_table("former_intent")


def _rest() -> list[sa.Column[Any]]:
    """Returns the columns of an intent that are not its key."""
    return [
        sa.Column("level_count", sa.Integer, nullable=False),
        sa.Column("subject_kind", sa.String, nullable=False),
        sa.Column("subject_id", sa.String, nullable=False),
        sa.Column("episode", sa.Integer, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("details", sa.String, nullable=False),
        sa.Column("links", sa.JSON, nullable=False),
        sa.Column("priority", sa.String, nullable=False),
        sa.Column("request_time", TIME, nullable=False),
        sa.Column("next_step_time", TIME),
        sa.Column("accept_time", TIME),
    ]
