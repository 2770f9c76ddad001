"""A step of a run touches no index.

PostgreSQL then writes the changed row beside the old one, if there is room, and nothing else.
"""

import sqlalchemy as sa
from alembic import op

revision = "escalation_0008"
down_revision = "escalation_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Finds what is under way by its end, which a step doesn't set, and leaves room."""
    _find_by("end_time IS NULL")
    _leave_room("SET (fillfactor = 70)")


def downgrade() -> None:
    """Finds it by when it is due again."""
    _find_by("due IS NOT NULL")
    _leave_room("RESET (fillfactor)")


def _find_by(condition: str) -> None:
    op.drop_index("escalation_under_way", "escalation")
    where = sa.text(condition)
    op.create_index(
        "escalation_under_way", "escalation", ["id"], sqlite_where=where, postgresql_where=where
    )


def _leave_room(change: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text(f"ALTER TABLE escalation {change}"))
