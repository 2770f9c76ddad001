"""What binds a token, when it was last used, and the secret before its rotation."""

import sqlalchemy as sa
from alembic import op

from services.chassis.tables import BigId

revision = "escalation_0005"
down_revision = "escalation_0004"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
COLUMNS = ("previous_until", "previous_sha256", "last_used", "team_id")


def upgrade() -> None:
    """Adds the columns; tokens of before are bound to no team."""
    team_id = sa.Column("team_id", BigId, nullable=False, server_default="0")
    op.add_column("api_token", team_id)
    op.add_column("api_token", sa.Column("last_used", TIME))
    op.add_column("api_token", sa.Column("previous_sha256", sa.LargeBinary))
    op.add_column("api_token", sa.Column("previous_until", TIME))


def downgrade() -> None:
    """Removes the columns."""
    with op.batch_alter_table("api_token") as api_token:
        for column in COLUMNS:
            api_token.drop_column(column)
