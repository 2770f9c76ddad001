"""Whom policies page, to be searched; more about people."""

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "escalation_0004"
down_revision = "escalation_0003"
branch_labels = None
depends_on = None

POLICY = sa.table("policy", sa.column("id", BigId), sa.column("levels", sa.JSON))
LISTS = (("user", "users"), ("schedule", "schedules"), ("team", "teams"))


def upgrade() -> None:
    """Makes the table, and fills it with what is in the levels of the policies."""
    op.add_column("user", sa.Column("region", sa.String))
    op.add_column("user", sa.Column("muted_until", sa.DateTime(timezone=True)))
    target = op.create_table(
        "policy_target",
        sa.Column("policy_id", BigId, primary_key=True),
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("target_id", BigId, primary_key=True),
    )
    op.create_index("policy_target_named", "policy_target", ["kind", "target_id"])
    found = {
        (row.id, kind, id_)
        for row in op.get_bind().execute(sa.select(POLICY))
        for level in row.levels
        for kind, name in LISTS
        for id_ in level.get(name, ())  # which older rows do not have
    }
    rows = [{"policy_id": policy, "kind": kind, "target_id": id_} for policy, kind, id_ in found]
    op.bulk_insert(target, rows)


def downgrade() -> None:
    """Removes the table; the levels say the same."""
    op.drop_index("policy_target_named", "policy_target")
    op.drop_table("policy_target")
    with op.batch_alter_table("user") as user:
        user.drop_column("muted_until")
        user.drop_column("region")
