"""Senders name events, and sources have limits."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "ingest_0005"
down_revision = "ingest_0004"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
ADDED: dict[str, Any] = {
    "events_per_minute": sa.Integer,
    "limit_reached_at": TIME,
    "flooded_since": TIME,
}


def upgrade() -> None:
    """Makes the table and adds the columns."""
    op.create_table(
        "event_name",
        sa.Column("source_id", BigId, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("event_id", sa.String, nullable=False),
        sa.Column("body_sha256", sa.LargeBinary, nullable=False),
        sa.Column("named_at", TIME, nullable=False, index=True),
    )
    for name, type_ in ADDED.items():
        op.add_column("alert_source", sa.Column(name, type_))


def downgrade() -> None:
    """Takes them away again."""
    for name in reversed(ADDED):
        op.drop_column("alert_source", name)
    op.drop_table("event_name")
