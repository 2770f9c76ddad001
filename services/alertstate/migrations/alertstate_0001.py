"""Alerts, their keys, their logs, and what became of every event."""

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "alertstate_0001"
down_revision = None
branch_labels = ("alertstate",)
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "alert",
        sa.Column("id", BigId, primary_key=True, autoincrement=False),
        sa.Column("source_id", sa.Integer, nullable=False),
        sa.Column("alert_key", sa.String, nullable=False),
        sa.Column("match_key", sa.String, nullable=False),
        sa.Column("summary", sa.String, nullable=False),
        sa.Column("details", sa.String, nullable=False),
        sa.Column("priority", sa.String, nullable=False),
        sa.Column("images", sa.String, nullable=False),
        sa.Column("links", sa.String, nullable=False),
        sa.Column("custom_details", sa.LargeBinary, nullable=False),
        sa.Column("policy_id", sa.Integer, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("report_time", TIME, nullable=False, index=True),
        sa.Column("accept_time", TIME, nullable=False),
        sa.Column("resolved_on", TIME),
        sa.Column("next_escalation", TIME),
        sa.Column("event_count", sa.Integer, nullable=False),
        sa.Column("log_count", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("episode", sa.Integer, nullable=False),
        sa.Column("run_episode", sa.Integer, nullable=False),
        sa.Column("run_version", sa.Integer, nullable=False),
    )
    op.create_index("alert_by_status", "alert", ["status", "id"])
    op.create_index("alert_by_source", "alert", ["source_id", "id"])
    op.create_table(
        "responder",
        sa.Column("alert_id", BigId, primary_key=True),
        sa.Column("user_id", sa.Integer, primary_key=True),
        sa.Column("added_at", TIME, nullable=False),
        sa.Column("accepted_at", TIME),
    )
    op.create_table(
        "log_entry",
        sa.Column("alert_id", BigId, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("origin", sa.String, nullable=False),
    )
    _make_tables_of_events()


def _make_tables_of_events() -> None:
    op.create_table(
        "key_state",
        sa.Column("source_id", sa.Integer, primary_key=True),
        sa.Column("match_key", sa.String, primary_key=True),
        sa.Column("resolve_seq", BigId, nullable=False),
        sa.Column("accept_seq", BigId, nullable=False),
        sa.Column("last_alert_seq", BigId, nullable=False),
        sa.Column("opened_seq", BigId, nullable=False),
        sa.Column("alert_id", BigId),
        sa.Column("touched_at", TIME, nullable=False, index=True),
    )
    op.create_table(
        "outcome",
        sa.Column("event_seq", BigId, primary_key=True, autoincrement=False),
        sa.Column("source_id", sa.Integer, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("alert_id", BigId),
    )
    op.create_table(
        "alert_counter",
        sa.Column("source_id", sa.Integer, primary_key=True),
        sa.Column("status", sa.String, primary_key=True),
        sa.Column("count", BigId, nullable=False),
    )
    op.create_table(
        "alert_team",
        sa.Column("alert_id", BigId, primary_key=True),
        sa.Column("team_id", sa.Integer, primary_key=True, index=True),
    )


def downgrade() -> None:
    """Removes the tables."""
    for table in (
        "alert_team",
        "alert_counter",
        "outcome",
        "key_state",
        "log_entry",
        "responder",
        "alert",
    ):
        op.drop_table(table)
