"""Who waits for which provider, what became of each attempt, and what providers say later."""

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "notification_0006"
down_revision = "notification_0005"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
#: The kind of the timers of notifications; who waits in the queue has none.
TIMER = "notification"
#: The kind of those that look whether a way is certain yet.
UNCERTAIN = "notification-uncertain"


def upgrade() -> None:
    """Makes the tables and columns; what waits gets into the queue when it is due."""
    op.create_table(
        "queue",
        sa.Column("notification_id", BigId, primary_key=True, autoincrement=False),
        sa.Column("provider", sa.String, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("since", TIME, nullable=False),
    )
    op.create_index("queue_order", "queue", ["provider", "rank", "since", "notification_id"])
    op.create_table(
        "receipt",
        sa.Column("provider", sa.String, primary_key=True),
        sa.Column("provider_id", sa.String, primary_key=True),
        sa.Column("what", sa.String, primary_key=True),
        sa.Column("why", sa.String, nullable=False),
        sa.Column("at", TIME, nullable=False, index=True),
    )
    op.add_column("intent", _flag("alarmed"))
    op.add_column("notification", _text("provider"))
    op.add_column("notification", sa.Column("wanted_at", TIME))
    op.add_column("notification", _flag("fell"))
    op.add_column("notification", sa.Column("delivered_at", TIME))
    op.add_column("notification", sa.Column("read_at", TIME))
    for name in ("provider", "provider_id", "reason"):
        op.add_column("attempt", _text(name))
    op.create_index("attempt_of_provider", "attempt", ["provider", "outcome", "ended_at"])
    op.create_index("attempt_provider_id", "attempt", ["provider_id", "provider"])


def downgrade() -> None:
    """Takes all of it back; who waits in the queue is due as before there was one."""
    if sa.inspect(op.get_bind()).has_table("timer"):  # the chassis's, which may have gone back
        op.execute(
            "INSERT INTO timer (kind, key, due_at, tries)"
            f" SELECT '{TIMER}', CAST(notification_id AS VARCHAR), since, 0 FROM queue"
        )
        op.execute(f"DELETE FROM timer WHERE kind = '{UNCERTAIN}'")
    op.drop_index("attempt_provider_id", "attempt")
    op.drop_index("attempt_of_provider", "attempt")
    _drop("attempt", "reason", "provider_id", "provider")
    _drop("notification", "read_at", "delivered_at", "fell", "wanted_at", "provider")
    _drop("intent", "alarmed")
    op.drop_table("receipt")
    op.drop_table("queue")


def _drop(table: str, *columns: str) -> None:
    with op.batch_alter_table(table) as changed:
        for column in columns:
            changed.drop_column(column)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String, nullable=False, server_default="")
