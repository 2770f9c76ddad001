"""Where a change came from, and what it changed."""

import sqlalchemy as sa
from alembic import op

revision = "chassis_0002"
down_revision = "chassis_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns; entries of before tell neither."""
    for name in ("actor_name", "peer"):
        op.add_column("audit", sa.Column(name, sa.String, nullable=False, server_default=""))
    for name in ("before", "after"):
        op.add_column("audit", sa.Column(name, sa.String))
    op.create_index("ix_audit_target", "audit", ["target"])


def downgrade() -> None:
    """Takes them away again."""
    op.drop_index("ix_audit_target", "audit")
    with op.batch_alter_table("audit") as audit:
        for name in ("after", "before", "peer", "actor_name"):
            audit.drop_column(name)
