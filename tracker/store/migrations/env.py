"""
Alembic's entry: it runs on the connection that ``migrating.migrate`` hands over.
"""

from __future__ import annotations

from alembic import context

from tracker.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    # SQLite can alter a table only by copying it.
    render_as_batch=connection.dialect.name == "sqlite",
)
context.run_migrations()
