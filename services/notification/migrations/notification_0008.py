"""Answers that people give from a message."""

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "notification_0008"
down_revision = "notification_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "answer",
        sa.Column("id", BigId, primary_key=True, autoincrement=False),
        sa.Column("key", sa.String, nullable=False, unique=True),
        sa.Column("notification_id", BigId, nullable=False),
        sa.Column("escalation_key", sa.String, nullable=False),
        sa.Column("verb", sa.String, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("method", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Forgets the answers; what they did stays done."""
    op.drop_table("answer")
