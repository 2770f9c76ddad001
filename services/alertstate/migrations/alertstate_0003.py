"""Alerts that hold every key that was grouped into them, and how far their sources have come."""

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "alertstate_0003"
down_revision = "alertstate_0002"
branch_labels = None
depends_on = None

HELD = sa.text("alert_id IS NOT NULL")


def upgrade() -> None:
    """Puts the keys of what was grouped into the open alerts, and counts them."""
    op.create_table(
        "source_order",
        sa.Column("source_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("newest_seq", BigId, nullable=False),
        sa.Column("accept_seq", BigId, nullable=False),
        sa.Column("doubted_seq", BigId, nullable=False),
    )
    with op.batch_alter_table("alert") as alert:
        alert.add_column(sa.Column("held", sa.Integer, nullable=False, server_default="0"))
        alert.add_column(sa.Column("keyless_seq", BigId))
        alert.add_column(sa.Column("begun_seq", BigId, nullable=False, server_default="0"))
        alert.add_column(sa.Column("settled_seq", BigId, nullable=False, server_default="0"))
    with op.batch_alter_table("key_state") as key_state:
        key_state.drop_column("grouped_seq")
    op.create_index(
        "key_state_by_alert",
        "key_state",
        ["alert_id"],
        sqlite_where=HELD,
        postgresql_where=HELD,
    )
    _hold()


def downgrade() -> None:
    """Removes what alerts hold: each is ended by the key that it is called by again."""
    op.execute(
        "UPDATE key_state SET alert_id = NULL WHERE alert_id IS NOT NULL AND NOT EXISTS ("
        " SELECT 1 FROM alert WHERE alert.id = key_state.alert_id"
        " AND alert.match_key = key_state.match_key)"
    )
    op.drop_index("key_state_by_alert", "key_state")
    with op.batch_alter_table("key_state") as key_state:
        key_state.add_column(sa.Column("grouped_seq", BigId, nullable=False, server_default="0"))
    with op.batch_alter_table("alert") as alert:
        for name in ("settled_seq", "begun_seq", "keyless_seq", "held"):
            alert.drop_column(name)
    op.drop_table("source_order")


def _hold() -> None:
    """Finds the alert that took a key in by what became of the key's newest event."""
    op.execute(
        "UPDATE key_state SET opened_seq = last_alert_seq, alert_id = ("
        " SELECT alert.id FROM outcome JOIN alert ON alert.id = outcome.alert_id"
        " WHERE outcome.event_seq = key_state.last_alert_seq AND alert.resolved_on IS NULL)"
        " WHERE alert_id IS NULL AND last_alert_seq > resolve_seq"
    )
    op.execute(
        "UPDATE alert SET"
        " held = (SELECT count(*) FROM key_state WHERE key_state.alert_id = alert.id),"
        " begun_seq = coalesce("
        "(SELECT min(opened_seq) FROM key_state WHERE key_state.alert_id = alert.id), 0)"
        " WHERE resolved_on IS NULL"
    )
    # What no key holds was raised by a person, or by an event without one.
    op.execute("UPDATE alert SET keyless_seq = 0 WHERE resolved_on IS NULL AND held = 0")
    op.execute(
        "UPDATE alert SET settled_seq = coalesce("
        "(SELECT max(last_alert_seq) FROM key_state WHERE key_state.alert_id = alert.id), 0)"
        " WHERE resolved_on IS NULL AND status = 'ACCEPTED'"
    )
    op.execute(
        "INSERT INTO source_order (source_id, newest_seq, accept_seq, doubted_seq)"
        " SELECT source_id, max(CASE WHEN last_alert_seq >= resolve_seq"
        " AND last_alert_seq >= accept_seq THEN last_alert_seq"
        " WHEN resolve_seq >= accept_seq THEN resolve_seq ELSE accept_seq END),"
        " max(accept_seq), 0 FROM key_state GROUP BY source_id"
    )
