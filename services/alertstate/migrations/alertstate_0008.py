"""Alerts know when they were raised last, as answers that come late have to ask."""

import sqlalchemy as sa
from alembic import op

revision = "alertstate_0008"
down_revision = "alertstate_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column; of the alerts of before, that it was before."""
    op.add_column("alert", sa.Column("fired_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Takes it away again."""
    with op.batch_alter_table("alert") as alert:
        alert.drop_column("fired_at")
