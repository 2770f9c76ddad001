"""What a contact was told lately, and which messages spoke for others beside their own."""

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "notification_0007"
down_revision = "notification_0006"
branch_labels = None
depends_on = None

WAITING = sa.text("attempt = 0 AND state IN ('PENDING', 'RETRY')")
CARRIED = sa.text("carrier_id <> 0")


def upgrade() -> None:
    """Makes the tables and columns; until now each notification spoke for itself."""
    op.create_table(
        "bundle",
        sa.Column("carrier_id", BigId, primary_key=True, autoincrement=False),
        sa.Column("member_id", BigId, primary_key=True, autoincrement=False, index=True),
    )
    op.create_table(
        "pace",
        sa.Column("user_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("method", sa.String, primary_key=True),
        sa.Column("contact_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("target", sa.String, primary_key=True),
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("pace", sa.JSON, nullable=False),
    )
    op.add_column("notification", sa.Column("share", sa.String, nullable=False, server_default=""))
    op.add_column(
        "notification", sa.Column("carrier_id", BigId, nullable=False, server_default="0")
    )
    _index("notification_waiting", WAITING, "user_id", "method", "contact_id", "target")
    _index("notification_carried", CARRIED, "carrier_id")


def downgrade() -> None:
    """Takes all of it back; what another message would have told goes out by itself."""
    op.drop_index("notification_carried", "notification")
    op.drop_index("notification_waiting", "notification")
    carried = "FROM notification WHERE share = 'CARRIED'"
    if sa.inspect(op.get_bind()).has_table("timer"):  # the chassis's, which may have gone back
        op.execute(
            "INSERT INTO timer (kind, key, due_at, tries)"
            f" SELECT 'notification', CAST(id AS VARCHAR), at, 0 {carried} ON CONFLICT DO NOTHING"
        )
    op.execute("UPDATE notification SET state = 'PENDING', error = '' WHERE share = 'CARRIED'")
    with op.batch_alter_table("notification") as notification:
        notification.drop_column("carrier_id")
        notification.drop_column("share")
    op.drop_table("pace")
    op.drop_table("bundle")


def _index(name: str, where: sa.TextClause, *columns: str) -> None:
    op.create_index(name, "notification", list(columns), sqlite_where=where, postgresql_where=where)
