"""Integration keys that were replaced, and still work for a while."""

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "ingest_0006"
down_revision = "ingest_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "former_key",
        sa.Column("key_sha256", sa.LargeBinary, primary_key=True),
        sa.Column("source_id", BigId, nullable=False, index=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Removes the table."""
    op.drop_table("former_key")
