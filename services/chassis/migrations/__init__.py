"""Brings a database to the shape that this version needs, and no further than it knows.

The chassis's tables and a service's own are two independent branches of one alembic history
in each database.
"""

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import OperationalError

log = logging.getLogger(__name__)

CHASSIS = Path(__file__).parent
WAIT_SECONDS = 30


def migrate(url: str, service: str) -> None:
    """Upgrades a database.

    Replicas that start together take turns. Raises SystemExit if the database is newer than
    this version, or cannot be opened.
    """
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('tocsin-migrate'))"))
            upgrade(connection, service)
    except CommandError as error:
        raise SystemExit(f"{service}'s database is of a newer version: {error}") from error
    except OperationalError as error:
        raise SystemExit(f"cannot open {service}'s database: {error.orig}") from error
    finally:
        engine.dispose()


def upgrade(connection: Connection, service: str) -> None:
    """Upgrades the database behind a connection, in its transaction."""
    config = configuration(service)
    config.attributes["connection"] = connection
    command.upgrade(config, "heads")


def configuration(service: str) -> Config:
    """Returns alembic's configuration for a service's database."""
    config = Config()
    config.set_main_option("script_location", str(CHASSIS))
    config.set_main_option("path_separator", "newline")
    own = CHASSIS.parent.parent / service / "migrations"
    config.set_main_option("version_locations", f"{CHASSIS / 'versions'}\n{own}")
    return config


def revisions(service: str) -> list[str]:
    """Returns the newest revisions that this version knows."""
    return list(ScriptDirectory.from_config(configuration(service)).get_heads())
