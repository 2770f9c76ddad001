"""The feeds at which calendars read schedules."""

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "escalation_0006"
down_revision = "escalation_0005"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "calendar_feed",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("schedule_id", BigId, nullable=False, index=True),
        sa.Column("user_id", BigId, nullable=False, index=True),
        sa.Column("token_sha256", sa.LargeBinary, nullable=False, index=True, unique=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("creator", sa.String, nullable=False),
    )


def downgrade() -> None:
    """Removes the table."""
    op.drop_table("calendar_feed")
