"""The end of a run says since when its subject wants nobody, to take back what crossed that."""

import sqlalchemy as sa
from alembic import op

revision = "notification_0004"
down_revision = "notification_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column; nobody knows it of the runs that ended before."""
    op.add_column("tombstone", sa.Column("subject_end_time", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Removes the column."""
    with op.batch_alter_table("tombstone") as tombstone:
        tombstone.drop_column("subject_end_time")
