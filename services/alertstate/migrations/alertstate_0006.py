"""Alerts that notify nobody, and which event told what an alert tells."""

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "alertstate_0006"
down_revision = "alertstate_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds both; the alerts so far notify, and the next event tells what they tell."""
    with op.batch_alter_table("alert") as alert:
        alert.add_column(sa.Column("told_seq", BigId, nullable=False, server_default="0"))
        alert.add_column(sa.Column("silent", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Takes them away again: an alert that notified nobody waits for a person."""
    with op.batch_alter_table("alert") as alert:
        alert.drop_column("silent")
        alert.drop_column("told_seq")
