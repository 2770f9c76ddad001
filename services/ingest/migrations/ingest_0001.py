"""What ingest owns: alert sources and the event log."""

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "ingest_0001"
down_revision = None
branch_labels = ("ingest",)
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "alert_source",
        sa.Column("id", BigId, primary_key=True, autoincrement=False),
        sa.Column("key_sha256", sa.LargeBinary, unique=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("integration_type", sa.String, nullable=False),
        sa.Column("policy_id", BigId, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("priority_rule", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
    )
    op.create_table(
        "alert_source_team",
        sa.Column("source_id", BigId, sa.ForeignKey("alert_source.id"), primary_key=True),
        sa.Column("team_id", BigId, primary_key=True, autoincrement=False),
    )
    op.create_table(
        "event",
        sa.Column("seq", BigId, primary_key=True),
        sa.Column("event_id", sa.String, nullable=False, unique=True),
        sa.Column("source_id", BigId, nullable=False),
        sa.Column("source_version", sa.Integer, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Column("content_type", sa.String, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("match_key", sa.String, nullable=False),
        sa.Column("repairs", sa.String, nullable=False),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("trace", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Removes the tables."""
    for table in ("event", "alert_source_team", "alert_source"):
        op.drop_table(table)
