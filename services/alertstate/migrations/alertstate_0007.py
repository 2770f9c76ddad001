"""Which level is paged next, which escalations ended in vain, and when accepts expire."""

import sqlalchemy as sa
from alembic import op

revision = "alertstate_0007"
down_revision = "alertstate_0006"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
#: The log knows which escalations ended in vain.
ENDED = """
    UPDATE alert SET exhausted_at = (
        SELECT max(at) FROM log_entry
        WHERE log_entry.alert_id = alert.id
        AND log_entry.origin IN ('exhausted:' || alert.episode, 'nobody:' || alert.episode)
    ) WHERE status = 'PENDING' AND next_escalation IS NULL
"""


def upgrade() -> None:
    """Adds the columns; the alerts that were accepted before stay so."""
    op.add_column("alert", sa.Column("next_level", sa.Integer, nullable=False, server_default="0"))
    op.add_column("alert", sa.Column("exhausted_at", TIME))
    op.add_column("alert", sa.Column("accept_expires", TIME))
    op.execute(ENDED)


def downgrade() -> None:
    """Takes them away again: what was accepted stays so."""
    with op.batch_alter_table("alert") as alert:
        for column in ("accept_expires", "exhausted_at", "next_level"):
            alert.drop_column(column)
