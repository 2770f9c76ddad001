"""Schedules, their overrides, and what runs know of calls by hand."""

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "escalation_0003"
down_revision = "escalation_0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes the tables and columns; runs of before were never called for by hand."""
    op.create_table(
        "schedule",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("timezone", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("layers", sa.JSON, nullable=False),
        sa.Column("shifts", sa.JSON, nullable=False),
        sa.Column("show_gaps", sa.Boolean, nullable=False),
        sa.Column("default_shift_duration", sa.String),
    )
    op.create_table(
        "schedule_team",
        sa.Column("schedule_id", BigId, primary_key=True),
        sa.Column("team_id", BigId, primary_key=True, index=True),
    )
    op.create_table(
        "schedule_override",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("schedule_id", BigId, nullable=False, index=True),
        sa.Column("user_id", BigId, nullable=False, index=True),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
    )
    for column in ("calls", "pushes"):
        op.add_column(
            "escalation", sa.Column(column, sa.Integer, nullable=False, server_default="0")
        )


def downgrade() -> None:
    """Removes the tables and columns."""
    with op.batch_alter_table("escalation") as escalation:
        escalation.drop_column("pushes")
        escalation.drop_column("calls")
    for table in ("schedule_override", "schedule_team", "schedule"):
        op.drop_table(table)
