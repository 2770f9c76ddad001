"""Text messages are found by their number, and numbers that want none are remembered."""

import sqlalchemy as sa
from alembic import op

revision = "notification_0009"
down_revision = "notification_0008"
branch_labels = None
depends_on = None

IS_TEXT = sa.text("method = 'SMS'")


def upgrade() -> None:
    """Makes the table and the index."""
    op.create_table(
        "stopped_number",
        sa.Column("number", sa.String, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index(
        "notification_texted",
        "notification",
        ["target", "id"],
        sqlite_where=IS_TEXT,
        postgresql_where=IS_TEXT,
    )


def downgrade() -> None:
    """Forgets who wants no text messages; their providers know it, too."""
    op.drop_index("notification_texted", "notification")
    op.drop_table("stopped_number")
