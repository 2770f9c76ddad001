"""People, teams, tokens, policies, runs."""

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "escalation_0001"
down_revision = None
branch_labels = ("escalation",)
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes the tables."""
    _make_people()
    op.create_table(
        "policy",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("levels", sa.JSON, nullable=False),
        sa.Column("repeating", sa.Boolean, nullable=False),
        sa.Column("frequency", sa.Integer, nullable=False),
        sa.Column("delay_min", sa.Integer, nullable=False),
        sa.Column("routing_key", sa.String, unique=True),
    )
    op.create_table(
        "policy_team",
        sa.Column("policy_id", BigId, primary_key=True),
        sa.Column("team_id", BigId, primary_key=True, index=True),
    )
    op.create_table(
        "escalation",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("key", sa.String, nullable=False, unique=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("subject_id", sa.String, nullable=False),
        sa.Column("episode", sa.Integer, nullable=False),
        sa.Column("subject", sa.JSON, nullable=False),
        sa.Column("subject_version", sa.Integer, nullable=False),
        sa.Column("plan", sa.JSON, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("cycle", sa.Integer, nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("reached", sa.Integer, nullable=False),
        sa.Column("due", TIME),
        sa.Column("paged", sa.JSON, nullable=False),
        sa.Column("start_time", TIME, nullable=False),
        sa.Column("accept_time", TIME, nullable=False),
        sa.Column("end_time", TIME),
        sa.Column("ended_by", sa.JSON),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("escalation_subject", "escalation", ["kind", "subject_id"])


def _make_people() -> None:
    op.create_table(
        "user",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("first_name", sa.String, nullable=False),
        sa.Column("last_name", sa.String, nullable=False),
        sa.Column("email", sa.String, nullable=False),
        sa.Column("email_folded", sa.String, nullable=False, unique=True),
        sa.Column("timezone", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False, index=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
    )
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
    op.create_table(
        "api_token",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("secret_sha256", sa.LargeBinary, nullable=False),
        sa.Column("create_time", TIME, nullable=False),
        sa.Column("expire_time", TIME),
        sa.Column("creator", sa.String, nullable=False),
        sa.Column("revoked", sa.Boolean, nullable=False),
    )


def downgrade() -> None:
    """Removes the tables."""
    for table in (
        "escalation",
        "policy_team",
        "policy",
        "api_token",
        "team_member",
        "team",
        "user",
    ):
        op.drop_table(table)
