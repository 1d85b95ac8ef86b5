"""The first table: topologies."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "topologies",
        sa.Column("id", sa.String(22), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False, comment="Unix time in seconds"),
        sa.Column("expires", sa.BigInteger, nullable=False, index=True, comment="Unix time in seconds"),
        sa.Column("delete_token", sa.String(64), comment="SHA-256 of the token that its uploader's browser holds"),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
    )
