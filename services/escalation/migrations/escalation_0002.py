"""Teams with members and roles, support hours, more about people."""

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "escalation_0002"
down_revision = "escalation_0001"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
UNDER_WAY = sa.text("due IS NOT NULL")


def upgrade() -> None:
    """Makes the tables and columns; until now nobody could make a team."""
    op.add_column("user", sa.Column("position", sa.String))
    op.add_column("user", sa.Column("department", sa.String))
    op.add_column("user", sa.Column("avatar_url", sa.String))
    op.add_column("user", sa.Column("language", sa.String, nullable=False, server_default="en"))
    op.add_column("user", sa.Column("shift_color", sa.String))
    op.drop_table("team_member")
    op.drop_table("team")
    _make_teams()
    _make_support_hours()
    op.create_index("ix_api_token_user_id", "api_token", ["user_id"])
    op.create_index(
        "escalation_under_way",
        "escalation",
        ["id"],
        sqlite_where=UNDER_WAY,
        postgresql_where=UNDER_WAY,
    )


def _make_teams() -> None:
    op.create_table(
        "team",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("name_folded", sa.String, nullable=False, unique=True),
        sa.Column("visibility", sa.String, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
    )
    op.create_table(
        "team_member",
        sa.Column("team_id", BigId, primary_key=True),
        sa.Column("user_id", BigId, primary_key=True, index=True),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
    )


def _make_support_hours() -> None:
    op.create_table(
        "support_hours",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("timezone", sa.String, nullable=False),
        sa.Column("days", sa.JSON, nullable=False),
        sa.Column("exceptions", sa.JSON, nullable=False),
    )
    op.create_table(
        "support_hours_team",
        sa.Column("support_hours_id", BigId, primary_key=True),
        sa.Column("team_id", BigId, primary_key=True, index=True),
    )


def downgrade() -> None:
    """Goes back to teams of which there is none."""
    op.drop_index("escalation_under_way", "escalation")
    op.drop_index("ix_api_token_user_id", "api_token")
    for table in ("support_hours_team", "support_hours", "team_member", "team"):
        op.drop_table(table)
    op.create_table(
        "team",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("name", sa.String, nullable=False, unique=True),
    )
    op.create_table(
        "team_member",
        sa.Column("team_id", BigId, primary_key=True),
        sa.Column("user_id", BigId, primary_key=True, index=True),
    )
    with op.batch_alter_table("user") as user:
        for column in ("shift_color", "language", "avatar_url", "department", "position"):
            user.drop_column(column)
