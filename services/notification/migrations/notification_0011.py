"""Webhooks are told of events."""

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "notification_0011"
down_revision = "notification_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds what webhooks are told of, and makes the tables of what is on its way to them."""
    with op.batch_alter_table("webhook") as batch:
        batch.add_column(sa.Column("events", sa.String, nullable=False, server_default=""))
        batch.add_column(sa.Column("last_success_at", sa.DateTime(timezone=True)))
        batch.add_column(sa.Column("last_failure_at", sa.DateTime(timezone=True)))
        batch.add_column(sa.Column("last_failure", sa.String, nullable=False, server_default=""))
    op.create_table(
        "webhook_delivery",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("webhook_id", BigId, nullable=False),
        sa.Column("event_id", sa.String, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("about", sa.String, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("error", sa.String, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("webhook_id", "event_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("webhook_delivery_due", "webhook_delivery", ["webhook_id", "due_at"])
    op.create_index("webhook_delivery_listed", "webhook_delivery", ["webhook_id", "id"])
    op.create_index("webhook_delivery_ended", "webhook_delivery", ["ended_at"])
    op.create_table(
        "belonging",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("policy_id", sa.Integer, nullable=False),
        sa.Column("team_ids", sa.JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_belonging_at", "belonging", ["at"])


def downgrade() -> None:
    """Forgets what webhooks are told of, and what is on its way to them."""
    op.drop_table("belonging")
    op.drop_table("webhook_delivery")
    with op.batch_alter_table("webhook") as batch:
        for column in ("last_failure", "last_failure_at", "last_success_at", "events"):
            batch.drop_column(column)
