"""A source says whether its events need a deduplication key."""

import sqlalchemy as sa
from alembic import op

revision = "ingest_0003"
down_revision = "ingest_0002"
branch_labels = None
depends_on = None

NAME = "deduplication_key_required"


def upgrade() -> None:
    """Adds the column; the sources that there are ask for the key."""
    required = sa.Column(NAME, sa.Boolean, nullable=False, server_default=sa.true())
    op.add_column("alert_source", required)


def downgrade() -> None:
    """Takes it away again."""
    op.drop_column("alert_source", NAME)
