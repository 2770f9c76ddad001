"""What differs between one deployment of AlertState and another."""

from services.chassis import config


class Config(config.Config, frozen=True):
    """The chassis's settings; AlertState has none of its own."""
