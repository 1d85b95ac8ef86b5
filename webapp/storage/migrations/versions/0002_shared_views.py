"""Shared views."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"


def upgrade() -> None:
    """Make their table."""
    op.create_table(
        "shared_views",
        sa.Column("id", sa.String(22), primary_key=True),
        sa.Column("topology_id", sa.String(80), nullable=False, index=True),
        sa.Column("query", sa.Text, nullable=False, comment="The state, as the map's address has it"),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("note", sa.String(400), nullable=False),
        sa.Column("public", sa.Boolean, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False, index=True, comment="Unix time in seconds"),
        sa.Column(
            "edit_key", sa.String(64), nullable=False, comment="SHA-256 of the key that its author's browser holds"
        ),
    )
