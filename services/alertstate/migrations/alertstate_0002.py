"""Calls, comments, sleep, routing and severity of alerts; log entries without their words."""

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "alertstate_0002"
down_revision = "alertstate_0001"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
COUNTS = (
    "severity",
    "comment_count",
    "call_count",
    "pushes",
    "level",
    "called_episode",
    "routed_policy_id",
)
OPEN = sa.text("resolved_on IS NULL")


def upgrade() -> None:
    """Makes the new tables and columns; a log entry keeps its text as what goes into it."""
    _make_tables()
    with op.batch_alter_table("alert") as alert:
        for name in COUNTS:
            alert.add_column(sa.Column(name, sa.Integer, nullable=False, server_default="0"))
        alert.add_column(sa.Column("routed_seq", BigId, nullable=False, server_default="0"))
        alert.add_column(sa.Column("labels", sa.String, nullable=False, server_default="{}"))
        alert.add_column(sa.Column("snoozed_until", TIME))
    op.create_index("alert_by_source_status", "alert", ["source_id", "status", "id"])
    op.create_index("alert_by_policy", "alert", ["policy_id", "id"])
    op.create_index(
        "alert_open",
        "alert",
        ["source_id", "id"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    with op.batch_alter_table("responder") as responder:
        responder.add_column(
            sa.Column("removed", sa.Boolean, nullable=False, server_default=sa.false())
        )
    op.create_index("responder_by_user", "responder", ["user_id", "alert_id"])
    with op.batch_alter_table("key_state") as key_state:
        key_state.add_column(sa.Column("grouped_seq", BigId, nullable=False, server_default="0"))
    _take_words_from_log()


def downgrade() -> None:
    """Puts the log's words back as far as they are known, and removes the rest."""
    _put_words_into_log()
    with op.batch_alter_table("key_state") as key_state:
        key_state.drop_column("grouped_seq")
    op.drop_index("responder_by_user", "responder")
    with op.batch_alter_table("responder") as responder:
        responder.drop_column("removed")
    for index in ("alert_open", "alert_by_policy", "alert_by_source_status"):
        op.drop_index(index, "alert")
    with op.batch_alter_table("alert") as alert:
        for name in ("snoozed_until", "labels", "routed_seq", *reversed(COUNTS)):
            alert.drop_column(name)
    op.drop_table("comment")
    op.drop_table("alert_call")


def _make_tables() -> None:
    op.create_table(
        "alert_call",
        sa.Column("alert_id", BigId, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("schedule_id", sa.Integer, nullable=False),
    )
    op.create_table(
        "comment",
        sa.Column("alert_id", BigId, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("content", sa.String, nullable=False),
        sa.Column("creator", sa.String, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("at", TIME, nullable=False),
    )


def _take_words_from_log() -> None:
    with op.batch_alter_table("log_entry") as log_entry:
        log_entry.add_column(
            sa.Column("sentence", sa.String, nullable=False, server_default="told")
        )
        log_entry.add_column(sa.Column("vars", sa.String, nullable=False, server_default="{}"))
    sqlite = op.get_bind().dialect.name == "sqlite"
    made = "json_object('text', text)" if sqlite else "json_build_object('text', text)::text"
    op.execute(f"UPDATE log_entry SET vars = {made}")
    with op.batch_alter_table("log_entry") as log_entry:
        log_entry.drop_column("text")


def _put_words_into_log() -> None:
    with op.batch_alter_table("log_entry") as log_entry:
        log_entry.add_column(sa.Column("text", sa.String, nullable=False, server_default=""))
    sqlite = op.get_bind().dialect.name == "sqlite"
    text = "json_extract(vars, '$.text')" if sqlite else "vars::json ->> 'text'"
    op.execute(f"UPDATE log_entry SET text = coalesce({text}, sentence)")
    with op.batch_alter_table("log_entry") as log_entry:
        log_entry.drop_column("vars")
        log_entry.drop_column("sentence")
