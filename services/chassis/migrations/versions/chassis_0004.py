"""What is due is found by its kind, and timers that fail are counted."""

import sqlalchemy as sa
from alembic import op

revision = "chassis_0004"
down_revision = "chassis_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column and the index that takes the place of the one by time alone."""
    op.add_column("timer", sa.Column("tries", sa.Integer, nullable=False, server_default="0"))
    op.create_index("timer_due", "timer", ["kind", "due_at", "key"])
    op.drop_index("ix_timer_due_at", "timer")


def downgrade() -> None:
    """Takes them away again."""
    op.create_index("ix_timer_due_at", "timer", ["due_at"])
    op.drop_index("timer_due", "timer")
    with op.batch_alter_table("timer") as timer:
        timer.drop_column("tries")
