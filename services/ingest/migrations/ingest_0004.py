"""Ingest knows by which key, and since when, a source's alert is open."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "ingest_0004"
down_revision = "ingest_0003"
branch_labels = None
depends_on = None


def _added() -> list[sa.Column[Any]]:
    return [
        sa.Column("alert_key", sa.String, nullable=False, server_default=""),
        sa.Column("match_key", sa.String, nullable=False, server_default=""),
        sa.Column("raised_at", sa.DateTime(timezone=True)),
    ]


def upgrade() -> None:
    """Adds the columns; those of alerts that there are come with the next news of each."""
    for column in _added():
        op.add_column("source_alert", column)
    op.create_index("ix_source_alert_key", "source_alert", ["source_id", "match_key"])


def downgrade() -> None:
    """Takes them away again."""
    op.drop_index("ix_source_alert_key", "source_alert")
    for column in reversed(_added()):
        op.drop_column("source_alert", column.name)
