"""What each upload and shared view takes, and who stored it in the last hour; a row to try writing with."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0003", "0002"


def upgrade() -> None:
    """Make the tables, and enter what is stored already."""
    # Apart from the documents: a new column would have SQLite write each of them again.
    op.create_table(
        "stored_sizes",
        sa.Column("id", sa.String(22), primary_key=True, comment="Of a topology or of a shared view"),
        sa.Column("client", sa.String(64), nullable=False, comment="SHA-256 of its address, for an hour; then empty"),
        sa.Column("created", sa.BigInteger, nullable=False, comment="Unix time in seconds"),
        sa.Column("expires", sa.BigInteger, nullable=False, index=True, comment="Unix time in seconds"),
        sa.Column("size", sa.BigInteger, nullable=False, comment="Bytes"),
    )
    op.create_index("ix_stored_sizes_client", "stored_sizes", ["client", "created"])
    op.create_table(
        "write_checks",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("checked", sa.BigInteger, nullable=False, comment="Unix time in seconds"),
    )
    op.execute("INSERT INTO write_checks (id, checked) VALUES (1, 0)")
    op.execute(
        "INSERT INTO stored_sizes (id, client, created, expires, size) "
        "SELECT id, '', created, expires, length(document) + 1000 FROM topologies"
    )
    op.execute(
        "INSERT INTO stored_sizes (id, client, created, expires, size) "
        "SELECT id, '', 0, expires, length(query) + 1000 FROM shared_views"
    )
