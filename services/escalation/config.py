"""What differs between one deployment of escalation and another."""

from pathlib import Path

from pydantic import Field

from services.chassis import config


class Config(config.Config, frozen=True):
    """Every service's settings, and the first credential."""

    #: Lets whoever holds the token in at a first start: `<public id>:<SHA-256 of its secret>`.
    bootstrap_token: str = Field(default="", pattern=r"^([0-9A-Za-z]{8}:[0-9a-f]{64})?$")
    #: Where the hash of a token appears that is to be made for whoever put it there.
    recovery_file: Path | None = None
