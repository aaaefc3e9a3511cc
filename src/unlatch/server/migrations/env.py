"""What Alembic runs around the migrations: they work on the connection that `unlatch.server.migrate` hands over."""

from alembic import context

from unlatch.server.schema import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    on_version_apply=context.config.attributes.get("on_version_apply"),
)
context.run_migrations()
