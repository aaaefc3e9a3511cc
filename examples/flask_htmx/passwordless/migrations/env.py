from alembic import context
from passwordless.models import db

context.configure(connection=context.config.attributes["connection"], target_metadata=db.metadata)
context.run_migrations()
