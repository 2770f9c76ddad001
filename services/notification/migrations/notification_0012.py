"""What messages tell that are no pages."""

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "notification_0012"
down_revision = "notification_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "news",
        sa.Column("notification_id", BigId, primary_key=True, autoincrement=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end", sa.DateTime(timezone=True), nullable=True),
    )


def downgrade() -> None:
    """Forgets what was told."""
    op.drop_table("news")
