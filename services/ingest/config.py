"""What differs between one deployment of ingest and another."""

from services.chassis import config


class Config(config.Config, frozen=True):
    """Ingest's part of the environment: what every service has, and nothing more."""
