"""The tables of the database; a change of them also needs a step in ``migrations/versions``."""

import sqlalchemy as sa

metadata = sa.MetaData()

topologies = sa.Table(
    "topologies",
    metadata,
    sa.Column("id", sa.String(22), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    # As numbers: SQLite knows no time zones, and 32 bits end in 2038.
    sa.Column("created", sa.BigInteger, nullable=False, comment="Unix time in seconds"),
    sa.Column("expires", sa.BigInteger, nullable=False, index=True, comment="Unix time in seconds"),
    sa.Column("delete_token", sa.String(64), comment="SHA-256 of the token that its uploader's browser holds"),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),
)

shared_views = sa.Table(
    "shared_views",
    metadata,
    sa.Column("id", sa.String(22), primary_key=True),
    # No foreign key: a sample is in no table, and an upload that is gone takes its shared views along in any case.
    sa.Column("topology_id", sa.String(80), nullable=False, index=True),
    sa.Column("query", sa.Text, nullable=False, comment="The state, as the map's address has it"),
    sa.Column("title", sa.String(80), nullable=False),
    sa.Column("note", sa.String(400), nullable=False),
    sa.Column("public", sa.Boolean, nullable=False),
    sa.Column("expires", sa.BigInteger, nullable=False, index=True, comment="Unix time in seconds"),
    sa.Column("edit_key", sa.String(64), nullable=False, comment="SHA-256 of the key that its author's browser holds"),
)

stored_sizes = sa.Table(
    "stored_sizes",
    metadata,
    sa.Column("id", sa.String(22), primary_key=True, comment="Of a topology or of a shared view"),
    sa.Column("client", sa.String(64), nullable=False, comment="SHA-256 of its address, for an hour; then empty"),
    sa.Column("created", sa.BigInteger, nullable=False, comment="Unix time in seconds"),
    sa.Column("expires", sa.BigInteger, nullable=False, index=True, comment="Unix time in seconds"),
    sa.Column("size", sa.BigInteger, nullable=False, comment="Bytes"),
    sa.Index("ix_stored_sizes_client", "client", "created"),
)

write_checks = sa.Table(
    "write_checks",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("checked", sa.BigInteger, nullable=False, comment="Unix time in seconds"),
)
