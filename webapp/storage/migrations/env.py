"""What Alembic runs for each command: on the connection that :func:`webapp.storage.migrations.upgrade` has locked."""

from alembic import context

from webapp.storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
