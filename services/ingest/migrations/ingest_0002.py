"""Sources get the rest of their fields, and ingest knows which of them have open alerts."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "ingest_0002"
down_revision = "ingest_0001"
branch_labels = None
depends_on = None


def _added() -> list[sa.Column[Any]]:
    return [
        sa.Column("match_name", sa.String, nullable=False, server_default=""),
        sa.Column("sealed_key", sa.LargeBinary),
        sa.Column("creation", sa.String, nullable=False, server_default="ONE_ALERT_PER_EMAIL"),
        sa.Column("auto_resolution", sa.String),
        sa.Column("icon_url", sa.String),
        sa.Column("support_hours_id", BigId),
        sa.Column("deleted", sa.Boolean, nullable=False, server_default=sa.false()),
    ]


def upgrade() -> None:
    """Adds the columns and the table."""
    for column in _added():
        op.add_column("alert_source", column)
    _fold_names(op.get_bind())
    op.create_index("ix_alert_source_match_name", "alert_source", ["match_name"])
    op.create_table(
        "source_alert",
        sa.Column("alert_id", BigId, primary_key=True, autoincrement=False),
        sa.Column("source_id", BigId, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_source_alert_standing", "source_alert", ["source_id", "status"])
    op.create_index("ix_source_alert_resolved_at", "source_alert", ["resolved_at"])


def downgrade() -> None:
    """Takes them away again."""
    op.drop_table("source_alert")
    op.drop_index("ix_alert_source_match_name", "alert_source")
    for column in reversed(_added()):
        op.drop_column("alert_source", column.name)


def _fold_names(connection: sa.Connection) -> None:
    source = sa.table("alert_source", sa.column("id"), sa.column("name"), sa.column("match_name"))
    for row in connection.execute(sa.select(source.c.id, source.c.name)).all():
        folded = row.name.strip().casefold()
        connection.execute(source.update().where(source.c.id == row.id).values(match_name=folded))
