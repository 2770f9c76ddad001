"""Policies that follow others, accepts that expire, versions; runs that go on from others."""

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "escalation_0007"
down_revision = "escalation_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns; the policies so far have no fallback, and their accepts last."""
    op.add_column("policy", sa.Column("fallback", BigId))
    op.add_column("policy", sa.Column("accept_expiry_min", sa.Integer))
    op.add_column("policy", sa.Column("version", sa.Integer, nullable=False, server_default="1"))
    op.create_index("ix_policy_fallback", "policy", ["fallback"])
    continued_id = sa.Column("continued_id", BigId, nullable=False, server_default="0")
    op.add_column("escalation", continued_id)


def downgrade() -> None:
    """Removes them: what runs goes on along the policies that it has."""
    with op.batch_alter_table("escalation") as escalation:
        escalation.drop_column("continued_id")
    op.drop_index("ix_policy_fallback", "policy")
    with op.batch_alter_table("policy") as policy:
        for column in ("version", "accept_expiry_min", "fallback"):
            policy.drop_column(column)
