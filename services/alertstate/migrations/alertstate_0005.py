"""An index that finds alerts by their key alone, in the order of lists."""

from alembic import op

revision = "alertstate_0005"
down_revision = "alertstate_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the index."""
    op.create_index("alert_by_key", "alert", ["match_key", "status", "report_time", "id"])


def downgrade() -> None:
    """Takes it away again."""
    op.drop_index("alert_by_key", "alert")
