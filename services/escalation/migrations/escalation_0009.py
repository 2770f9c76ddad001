"""Runs are found by kind, state, policy and time, and callers name their requests."""

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "escalation_0009"
down_revision = "escalation_0008"
branch_labels = None
depends_on = None

INDEXES = {
    "escalation_kind": ["kind", "id"],
    "escalation_state": ["state", "id"],
    "escalation_policy": ["policy_id", "id"],
    "ix_escalation_start_time": ["start_time"],
}


def upgrade() -> None:
    """Adds the column, the indexes and the table."""
    policy_id = sa.Column("policy_id", BigId, nullable=False, server_default="0")
    op.add_column("escalation", policy_id)
    run = sa.table("escalation", sa.column("policy_id", BigId), sa.column("plan", sa.JSON))
    op.execute(run.update().values(policy_id=run.c.plan["policy_id"].as_integer()))
    for name, columns in INDEXES.items():
        op.create_index(name, "escalation", columns)
    op.create_table(
        "request_name",
        sa.Column("caller", sa.String, primary_key=True),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("run_id", BigId, nullable=False),
        sa.Column("request_sha256", sa.LargeBinary, nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False, index=True),
    )


def downgrade() -> None:
    """Removes them."""
    op.drop_table("request_name")
    for name in INDEXES:
        op.drop_index(name, "escalation")
    with op.batch_alter_table("escalation") as escalation:
        escalation.drop_column("policy_id")
