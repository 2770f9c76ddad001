"""Pages know the run that wants them, to say how it is acknowledged."""

import sqlalchemy as sa
from alembic import op

revision = "notification_0003"
down_revision = "notification_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column; pages of before are of runs that nobody told."""
    escalation_id = sa.Column("escalation_id", sa.Integer, nullable=False, server_default="0")
    op.add_column("intent", escalation_id)


def downgrade() -> None:
    """Removes the column."""
    with op.batch_alter_table("intent") as intent:
        intent.drop_column("escalation_id")
