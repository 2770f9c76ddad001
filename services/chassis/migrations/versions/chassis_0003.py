"""Replicas share limits."""

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "chassis_0003"
down_revision = "chassis_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "limit_claim",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("minute", BigId, nullable=False, index=True),
        sa.Column("claimed", BigId, nullable=False),
    )


def downgrade() -> None:
    """Removes it."""
    op.drop_table("limit_claim")
