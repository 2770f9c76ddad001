"""Indexes that list alerts in their order; counts by policy too; what lists ask, of responders."""

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "alertstate_0004"
down_revision = "alertstate_0003"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
OLD_INDEXES = {
    "alert_by_status": ["status", "id"],
    "alert_by_source": ["source_id", "id"],
    "alert_by_source_status": ["source_id", "status", "id"],
    "alert_by_policy": ["policy_id", "id"],
    "ix_alert_report_time": ["report_time"],
}
INDEXES = {
    "alert_by_status": ["status", "report_time", "id", "source_id", "policy_id"],
    "alert_by_policy": ["policy_id", "status", "report_time", "id"],
    "alert_by_source": ["source_id", "policy_id", "status", "report_time", "id"],
}
OF_RESPONDERS = {
    "responder_by_user": [
        "user_id",
        "status",
        "report_time",
        "alert_id",
        "source_id",
        "policy_id",
    ],
    "responder_by_source": [
        "user_id",
        "source_id",
        "policy_id",
        "status",
        "report_time",
        "alert_id",
    ],
}
SAME_AS_ALERT = sa.text(
    "UPDATE responder SET source_id = alert.source_id, policy_id = alert.policy_id,"
    " status = alert.status, report_time = alert.report_time"
    " FROM alert WHERE alert.id = responder.alert_id"
)


def upgrade() -> None:
    """Makes the indexes anew, and fills what is kept of alerts from the alerts."""
    for name in OLD_INDEXES:
        op.drop_index(name, "alert")
    for name, columns in INDEXES.items():
        op.create_index(name, "alert", columns)
    _count_by("source_id", "policy_id", "status")
    op.drop_index("responder_by_user", "responder")
    with op.batch_alter_table("responder") as responder:
        for name in ("source_id", "policy_id"):
            responder.add_column(sa.Column(name, sa.Integer, nullable=False, server_default="0"))
        responder.add_column(sa.Column("status", sa.String, nullable=False, server_default=""))
        responder.add_column(
            sa.Column("report_time", TIME, nullable=False, server_default="1970-01-01 00:00:00")
        )
    op.execute(SAME_AS_ALERT)
    for name, columns in OF_RESPONDERS.items():
        op.create_index(
            name,
            "responder",
            columns,
            sqlite_where=sa.text("removed = 0"),
            postgresql_where=sa.text("NOT removed"),
        )


def downgrade() -> None:
    """Takes all of it back."""
    for name in OF_RESPONDERS:
        op.drop_index(name, "responder")
    with op.batch_alter_table("responder") as responder:
        for name in ("report_time", "status", "policy_id", "source_id"):
            responder.drop_column(name)
    op.create_index("responder_by_user", "responder", ["user_id", "alert_id"])
    _count_by("source_id", "status")
    for name in INDEXES:
        op.drop_index(name, "alert")
    for name, columns in OLD_INDEXES.items():
        op.create_index(name, "alert", columns)


def _count_by(*columns: str) -> None:
    """Makes the counts anew by counting once."""
    op.drop_table("alert_counter")
    types: dict[str, type[sa.Integer | sa.String]] = {"status": sa.String}
    op.create_table(
        "alert_counter",
        *(sa.Column(name, types.get(name, sa.Integer), primary_key=True) for name in columns),
        sa.Column("count", BigId, nullable=False),
    )
    by = ", ".join(columns)
    op.execute(
        f'INSERT INTO alert_counter ({by}, "count") SELECT {by}, count(*) FROM alert GROUP BY {by}'
    )
