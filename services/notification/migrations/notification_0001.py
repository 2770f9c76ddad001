"""Contacts, and who was told what."""

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "notification_0001"
down_revision = None
branch_labels = ("notification",)
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "contact",
        sa.Column("id", BigId, primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("method", sa.String, nullable=False),
        sa.Column("target", sa.String, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.UniqueConstraint("user_id", "method", "target"),
    )
    op.create_table(
        "intent",
        sa.Column("escalation_key", sa.String, primary_key=True),
        sa.Column("cycle", sa.Integer, primary_key=True),
        sa.Column("level", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.Integer, primary_key=True),
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
    )
    op.create_table(
        "notification",
        sa.Column("id", BigId, primary_key=True, autoincrement=False),
        sa.Column("key", sa.String, nullable=False, unique=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("escalation_key", sa.String, nullable=False, index=True),
        sa.Column("cycle", sa.Integer, nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("method", sa.String, nullable=False),
        sa.Column("target", sa.String, nullable=False),
        sa.Column("headline", sa.String, nullable=False),
        sa.Column("subject_kind", sa.String, nullable=False),
        sa.Column("subject_id", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("claim_until", TIME),
        sa.Column("possible_repeat", sa.Boolean, nullable=False),
        sa.Column("provider_id", sa.String, nullable=False),
        sa.Column("error", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("notification_subject", "notification", ["subject_kind", "subject_id", "id"])
    op.create_table(
        "attempt",
        sa.Column("notification_id", BigId, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        sa.Column("outcome", sa.String, nullable=False),
    )
    op.create_table(
        "tombstone",
        sa.Column("escalation_key", sa.String, primary_key=True),
        sa.Column("taken", sa.Boolean, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", TIME, nullable=False),
    )


def downgrade() -> None:
    """Removes the tables."""
    for table in ("tombstone", "attempt", "notification", "intent", "contact"):
        op.drop_table(table)
